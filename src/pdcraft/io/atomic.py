"""Write files so that a reader finds the old or the new ones, never half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pdcraft.errors import DataError

__all__ = ["write_files"]


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files beside their places, then move each to its place.

    Raises
    ------
    DataError
        If a file cannot be written; then no place was touched, unless the move itself failed.
    """
    fresh: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            fresh[path] = Path(name)
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            fresh[path].chmod(0o644)
        for path, new in fresh.items():
            os.replace(new, path)
    except OSError as error:
        raise DataError(
            f"{error.filename or 'results'} cannot be written ({error.strerror}); give a place "
            "with room that is yours to write in"
        ) from error
    finally:
        for new in fresh.values():
            with contextlib.suppress(FileNotFoundError):
                new.unlink()
