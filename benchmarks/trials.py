"""Trials of patients made by the chain: CPU seconds of the patients, and of 10,000 trials of them.

CLR 131 at five levels as in ``examples/clr131_phase1``: 200 patients in 50 draws, so 50,000 courses
of three lineages over 112 d, then 3+3, BOIN and TITE-BOIN on the same patients.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from pdcraft.study.recipes.trial import run_trial

EXAMPLE = Path(__file__).parents[1] / "examples" / "clr131_phase1" / "trial.toml"
SIZES = (1_000, 10_000)
ONE_SCENARIO = '[[trial.scenario]]\nname = "one"\ntrue_rate = [0.05, 0.1, 0.2, 0.3, 0.45]\n\n'


def main() -> None:
    """Print the table."""
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "[trial.patients]", ONE_SCENARIO + "[trial.patients]"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.toml"
        path.write_text(text, encoding="utf-8")
        print(f"{'trials of each of 3 designs':30}{'CPU s in all':>14}{'of patients':>14}")
        for size in SIZES:
            start = time.process_time()
            result = run_trial(path, trials=size)
            assert result.chain is not None
            spent = time.process_time() - start
            print(f"{size:<30,}{spent:14.1f}{result.chain.cpu_s:14.1f}")


if __name__ == "__main__":
    main()
