"""Lines of a small CSV file, with their numbers, for errors that name the line."""

from __future__ import annotations

from pathlib import Path

from pdcraft.errors import DataError, Problem, no_file

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
    except (FileNotFoundError, IsADirectoryError) as error:
        raise DataError(no_file(str(path), error)) from None
    except UnicodeDecodeError:
        raise DataError(Problem("is not text", path.name, hint="save it as CSV UTF-8")) from None
    return [(i, line) for i, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
