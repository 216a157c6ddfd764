"""Make the shipped draws anew: ``python -m pdcraft.response.marrow fit --out DIR``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from pdcraft.response.marrow.draws import write_draws
from pdcraft.response.marrow.fit import MarrowFit, fit_form, fit_jobs, gathered, record
from pdcraft.response.marrow.parameters import Form


def one(job: tuple[Form, str]) -> MarrowFit:
    """Fit one form to one set of studies."""
    return fit_form(*job)


def main() -> None:
    """Parse the command line and work on two cores."""
    parser = argparse.ArgumentParser(prog="python -m pdcraft.response.marrow", description=__doc__)
    parser.add_argument("task", choices=("fit",))
    parser.add_argument("--out", type=Path, default=Path("out/marrow"), help="folder to write to")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of the workers, which are two already
    fits: list[MarrowFit] = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        for fit in pool.map(one, fit_jobs()):
            fits.append(fit)
            sys.stderr.write(
                f"{fit.form}, {fit.set_name}: log evidence {fit.log_evidence:.2f}, "
                f"moves taken {fit.acceptance[0]:.2f} and {fit.acceptance[1]:.2f}\n"
            )
    with (asked.out / "marrow_draws.npz").open("wb") as file:
        write_draws(gathered(fits), file)
    text = json.dumps(record(fits), indent=1) + "\n"
    (asked.out / "marrow_fit.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
