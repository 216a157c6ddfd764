"""Lines of a small CSV file, with their numbers, for errors that name the line."""

from __future__ import annotations

from pathlib import Path

from pdcraft.errors import DataError, Problem

__all__ = ["data_lines"]


def data_lines(path: Path) -> list[tuple[int, str]]:
    """Numbers and texts of the lines that are neither empty nor comments (``#``).

    Raises
    ------
    DataError
        For a file that is missing or no text.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise DataError(
            Problem("there is no such file", str(path), hint="check the path")
        ) from None
    except IsADirectoryError:
        raise DataError(Problem("is a folder; give the file in it", str(path))) from None
    except UnicodeDecodeError:
        raise DataError(Problem("is not text", path.name, hint="save it as CSV UTF-8")) from None
    return [(i, line) for i, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
