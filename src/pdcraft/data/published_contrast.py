"""Published contrasts to set predictions beside; where a paper is not transcribed, none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from pdcraft.core.names import key_of
from pdcraft.data.files import load_toml

__all__ = ["PublishedContrast", "published_contrasts"]


@dataclass(frozen=True, slots=True)
class PublishedContrast:
    """One published ratio.

    Parameters
    ----------
    agent, host, tumor : str
    kind : {"in_vivo", "ex_vivo"}
        Never compared with each other.
    value : float or None
        None: not available, as the paper is not transcribed.
    sd : float or None
    condition, grade, source : str
    """

    agent: str
    host: str
    tumor: str
    kind: Literal["in_vivo", "ex_vivo"]
    condition: str
    grade: str
    source: str
    value: float | None = None
    sd: float | None = None

    @property
    def text(self) -> str:
        """The value for people: ``3.18 ± 1.74``, or ``not available``."""
        if self.value is None:
            return "not available"
        return f"{self.value:g}" + (f" ± {self.sd:g}" if self.sd is not None else "")


@cache
def _all() -> tuple[PublishedContrast, ...]:
    return tuple(
        PublishedContrast(**row)
        for row in load_toml("optics", "published_contrast.toml")["contrast"]
    )


def published_contrasts(agent: str | None = None) -> tuple[PublishedContrast, ...]:
    """All rows, or those of an agent (none for an agent without one).

    Examples
    --------
    >>> [row.text for row in published_contrasts("CLR 1502")]
    ['not available']
    """
    wanted = None if agent is None else key_of(agent)
    return tuple(row for row in _all() if wanted is None or key_of(row.agent) == wanted)
