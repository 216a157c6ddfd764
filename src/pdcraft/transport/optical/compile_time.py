"""How long kernels took to compile: told apart from the time of the walks."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["CompileTime", "compile_time"]


class CompileTime:
    """Seconds of compilation so far; 0 where all kernels came from the cache."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def start(self) -> None:
        """Begin a compilation, perhaps within another, which then counts both."""
        if self._depth == 0:
            self._began = time.monotonic()
        self._depth += 1

    def end(self) -> None:
        """End a compilation."""
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.monotonic() - self._began


@contextmanager
def compile_time() -> Generator[CompileTime]:
    """Watch the compiler, which runs under one lock, within a ``with`` block."""
    from numba.core.event import Listener, install_listener

    found = CompileTime()

    class Watch(Listener):  # pyright: ignore[reportUntypedBaseClass]
        def on_start(self, event: object) -> None:
            """Begin."""
            found.start()

        def on_end(self, event: object) -> None:
            """End."""
            found.end()

    with install_listener("numba:compile", Watch()):
        yield found
