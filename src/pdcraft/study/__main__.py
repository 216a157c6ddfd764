"""Make shipped tables anew: ``python -m pdcraft.study carrier-s-values --out FILE``."""

from __future__ import annotations

import argparse
from pathlib import Path

from pdcraft.study.carrier_s import table_text


def main() -> None:
    """Parse the command line and write the table."""
    parser = argparse.ArgumentParser(prog="python -m pdcraft.study", description=__doc__)
    parser.add_argument("task", choices=("carrier-s-values",))
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    asked = parser.parse_args()
    asked.out.write_text(table_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
