"""Run every benchmark: ``make bench``. Machines are noisy: read the ratios."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

print(f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
for path in sorted(Path(__file__).parent.glob("*.py")):
    if not path.stem.startswith("_"):
        print(f"\n== {path.stem}")
        importlib.import_module(f"benchmarks.{path.stem}").main()
