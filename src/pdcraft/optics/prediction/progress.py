"""Progress of a part of a run, told as progress of the whole."""

from __future__ import annotations

from pdcraft.transport.optical.run import Progress

__all__ = ["part_of"]


def part_of(
    progress: Progress | None, first: float, share: float, words: str = ""
) -> Progress | None:
    """Progress from `first` on, `share` of the whole; its own words win where it has none."""
    if progress is None:
        return None
    tell = progress

    def inner(done: float, more: str) -> None:
        tell(first + share * min(max(done, 0.0), 1.0), more or words)

    return inner
