"""``python -m pdcraft.dosimetry fractions BODY ...``: make the shipped tables of bodies anew.

BODY is a stylised human (``adult-male``), ``mouse`` for all its masses, or ``all``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from pdcraft.anatomy import STYLISED, mouse_body, stylised_body
from pdcraft.core.body import Body
from pdcraft.data.body_fractions import MOUSE_MASSES_g, write_fractions
from pdcraft.transport.body_fractions import Histories, compute_fractions


def _bodies(name: str) -> dict[str, Body]:
    if name == "mouse":
        return {f"mouse-{m:g}g": mouse_body(m) for m in MOUSE_MASSES_g}
    return {name: stylised_body(name)}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m pdcraft.dosimetry", description=__doc__)
    parser.add_argument("what", choices=["fractions"])
    parser.add_argument("bodies", nargs="+", choices=[*STYLISED, "mouse", "all"])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "data/bodies")
    parser.add_argument("--photons", type=int, default=Histories().photon)
    parser.add_argument("--electrons", type=int, default=Histories().electron)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = [*STYLISED, "mouse"] if "all" in options.bodies else options.bodies
    histories = Histories(options.photons, 2 * options.photons, options.electrons)
    options.out.mkdir(parents=True, exist_ok=True)

    def show(share: float, text: str) -> None:
        sys.stderr.write(f"\r{100 * share:5.1f} %  {text:<60}")
        sys.stderr.flush()

    bodies = {key: body for name in names for key, body in _bodies(name).items()}
    for name, body in bodies.items():
        start = time.perf_counter()
        table = compute_fractions(
            body, histories, seed=options.seed, threads=options.threads, progress=show
        )
        path = options.out / f"fractions-{name}.npz"
        write_fractions(table, path)
        sys.stderr.write(f"\r{path} in {time.perf_counter() - start:.0f} s{'':<60}\n")


if __name__ == "__main__":
    main()
