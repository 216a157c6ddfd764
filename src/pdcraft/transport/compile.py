"""Compilation of the kernels: once per version of their sources, kept on disk.

numba's own cache does not notice that a function which a kernel calls has changed in another file.
So the cache folder is named by a hash of all sources of this package and of the formulas in
`physics`: change one, and every kernel is compiled anew. Kernels of a sub-package call nothing
outside it but `pdcraft.transport.rng`: their folder is named by a hash of these sources. Without a
folder that can be written, kernels are compiled in each process.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["cache_folder", "inlined", "kernel"]

Function = TypeVar("Function", bound=Callable[..., Any])


HERE = Path(__file__).parent


@cache
def _sources_hash(package: Path) -> str:
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    shared = (HERE.parent / "physics").glob("*.py")
    if package != HERE:
        shared = (HERE / "compile.py", HERE / "rng.py")
    for path in (*sorted(package.glob("*.py")), *sorted(shared)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def cache_folder(package: Path = HERE) -> Path | None:
    """Folder of the compiled kernels of a package's folder, or None where none can be made.

    ``PDCRAFT_CACHE_DIR`` or, without it, the user's cache folder.
    """
    base = os.environ.get("PDCRAFT_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    try:
        root = Path(base) if base else Path.home() / ".cache"
        folder = root / "pdcraft" / f"kernels-{_sources_hash(package)}"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: this user has no home
        return None
    return folder if os.access(folder, os.W_OK) else None


def inlined(function: Function) -> Function:
    """Compile a function as a `kernel` whose machine code stands in its caller's."""
    return _compile(function, forceinline=True)


def kernel(function: Function) -> Function:
    """Compile a function on its first call; it runs without the interpreter's lock.

    Kernels make no arrays (``_nrt=False``): counting references to the tables, which threads share,
    would cost a third of the time.
    """
    return _compile(function)


def _compile(function: Function, **more: bool) -> Function:
    import numba

    config: Any = getattr(numba, "config")  # noqa: B009  # numba's own types do not name it
    njit: Any = numba.njit
    folder = cache_folder(Path(function.__code__.co_filename).parent)
    before = config.CACHE_DIR
    try:
        if folder is not None:
            config.CACHE_DIR = str(folder)
        options = {"nogil": True, "_nrt": False, "error_model": "numpy", **more}
        return njit(cache=folder is not None, **options)(function)
    finally:
        config.CACHE_DIR = before
