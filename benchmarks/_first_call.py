"""What a user waits for: a new process, from its import to its first result."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile


def first_calls_s(code: str) -> tuple[float, float]:
    """Seconds with nothing compiled, and again from the cache that the first call filled.

    Parameters
    ----------
    code : str
        Program that prints the seconds it took.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PDCRAFT_CACHE_DIR": folder}
        cold, cached = (
            subprocess.run(
                [sys.executable, "-c", code],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for _ in range(2)
        )
    return float(cold), float(cached)
