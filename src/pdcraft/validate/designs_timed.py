"""TITE-BOIN beside a published trial's table, and what has no independent reference."""

from __future__ import annotations

from collections.abc import Iterator

from pdcraft.trial.boin import BoinRule
from pdcraft.trial.tite_boin import TimedCell, TiteBoin
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["TARGET", "cases", "entry"]

SUITE = "designs"
SOURCE = "PMC9260438, Table 1 (Contemp. Clin. Trials Commun.)"
TARGET = 0.2
NO_REFERENCE = (
    ("i3+3", "a second, naive implementation in the tests"),
    ("TITE-BOIN operating characteristics", "a second, naive simulation in the tests"),
)


def entry(cell: TimedCell) -> str:
    """Kind of entry that a cell is in the published table."""
    if cell.at_start == "suspend":
        return "suspend"
    if cell.at_start == "DU":
        return "eliminate"
    return "one" if cell.stft is None else "threshold"


def cases() -> Iterator[Case]:
    """Yield the cases."""
    design = TiteBoin(1, BoinRule(TARGET))
    cells = {(c.n, c.tox, c.pending): c for c in design.cells(9, 3)}
    differ = count = 0
    for row in reference_rows("trials", "tite_boin_published.csv"):
        n = int(row["n"])
        for tox in range(int(row["tox_from"]), int(row["tox_to"]) + 1):
            for pending in range(int(row["pending_from"]), int(row["pending_to"]) + 1):
                cell = cells.get((n, tox, pending))
                if cell is None:  # more pending than are free of toxicity
                    continue
                count += 1
                differ += entry(cell) != row["entry"]
        if row["entry"] == "threshold":
            cell = cells[n, int(row["tox_from"]), int(row["pending_from"])]
            name = f"TITE-BOIN, STFT of {cell.tox} DLT in {cell.n}, {cell.pending} pending"
            got = -1.0 if cell.stft is None else cell.stft
            why = "half of the last digit printed"
            yield compare(SUITE, name, got, float(row["stft"]), SOURCE, absolute=0.005, why=why)
    name = f"TITE-BOIN: kinds of decision that differ, of {count} cells"
    yield Case(SUITE, name, float(differ), 0.0, "identical in every cell", SOURCE, differ == 0)
    for what, instead in NO_REFERENCE:
        text = f"no independent reference; checked by {instead}"
        yield Case(SUITE, what, None, None, "not decided", text, None)
