"""Dose escalation by intervals and rules, against outputs of the R packages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import hypot, sqrt

import numpy as np

from pdcraft.trial.boin import BoinRule, boin
from pdcraft.trial.characteristics import OperatingCharacteristics
from pdcraft.trial.keyboard import keyboard, mtpi2
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import Plan, simulate
from pdcraft.trial.table import Boundary
from pdcraft.trial.table_design import ExtraSafe, TableDesign
from pdcraft.trial.three_plus_three import ThreePlusThree, Variant, exact
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["RATES", "cases", "worst_difference"]

SUITE = "designs"
BOIN_R = "R package BOIN 2.7.2"
KEYBOARD_R = "R package Keyboard 0.1.3"
ESCALATION_R = "R package escalation 0.2.3"
RECURSION = "a recursion in another program of ours, no independent anchor"
R_TRIALS = 10_000
TRIALS = 100_000  # ours: their spread stands in for that of R, whose rows give no error
#: True rates of the scenarios of the stored operating characteristics.
RATES = {
    "A": (0.05, 0.10, 0.20, 0.30, 0.45, 0.60),
    "B": (0.25, 0.40, 0.50, 0.60, 0.70, 0.80),
    "C": (0.02, 0.05, 0.08, 0.12, 0.25, 0.40),
    "D": (0.10, 0.20, 0.40, 0.50, 0.60, 0.65),
}
VARIANTS: dict[str, Variant] = {"simple": "simple", "deescalate_confirm6": "confirm"}
LONGEST = 30


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _lambdas()
    yield _boundaries("BOIN", "boin_boundary_n1_30.csv", BOIN_R)
    yield _boundaries("Keyboard", "keyboard_boundary_n1_30.csv", KEYBOARD_R)
    yield _extra_safe()
    yield _mtpi2_decisions()
    yield _selections()
    yield from _exact()
    yield from _characteristics()


def _count(text: str) -> int | None:
    return None if text == "NA" else int(text)


def _identical(name: str, differ: int, source: str) -> Case:
    return Case(SUITE, name, float(differ), 0.0, "identical in every cell", source, differ == 0)


def _lambdas() -> Iterator[Case]:
    why = "printed to 15 digits, the last of them rounded"
    for row in reference_rows("trials", "boin_lambda.csv"):
        rule = BoinRule(float(row["target"]))
        for which, value in (("lambda_e", rule.lambda_e), ("lambda_d", rule.lambda_d)):
            name = f"BOIN {which}, target {row['target']}"
            yield compare(SUITE, name, value, float(row[which]), BOIN_R, rel=1e-13, why=why)


def _boundaries(design: str, file: str, source: str) -> Case:
    make = {"BOIN": boin, "Keyboard": keyboard}[design]
    rows = reference_rows("trials", file)
    differ = 0
    for target, group in groupby(rows, lambda r: float(r["target"])):
        held = {b.n: b for b in make(1, target, max_n=LONGEST).table.boundaries()}
        for row in group:
            n = int(row["n"])
            names = ("escalate_if_le", "deescalate_if_ge", "eliminate_if_ge")
            want = Boundary(n, *(_count(row[name]) for name in names))
            differ += held[n] != want
    name = f"{design}: rows of boundaries that differ, of {len(rows)}"
    return _identical(name, differ, source)


def _extra_safe() -> Case:
    rows = reference_rows("trials", "boin_extrasafe_stop.csv")
    differ = 0
    for row in rows:
        n = int(row["n"])
        stop = ExtraSafe().stop(np.full(n + 1, n), np.arange(n + 1), float(row["target"]))
        got = int(np.argmax(stop)) if stop.any() else None
        differ += got != _count(row["stop_if_ge"])
    return _identical(f"BOIN extra safe: rows that differ, of {len(rows)}", differ, BOIN_R)


def _mtpi2_decisions() -> Case:
    rows = reference_rows("trials", "escalation_mtpi2_mtpi_decisions.csv")
    differ = 0
    for (target, eps), group in groupby(rows, lambda r: (float(r["target"]), float(r["eps"]))):
        made = mtpi2(1, target, below=eps, above=eps, max_n=LONGEST)
        held = {(n, tox): letter for n, tox, letter in made.table.cells()}
        differ += sum(held[int(r["n"]), int(r["tox"])] != r["mtpi2_dec"] for r in group)
    return _identical(f"mTPI-2: decisions that differ, of {len(rows)}", differ, ESCALATION_R)


def _selections() -> Case:
    rows = reference_rows("trials", "boin_select_mtd.csv")
    differ = trials = 0
    for _, group in groupby(rows, lambda r: r["case"]):
        held = list(group)
        n = np.array([[int(r["n"]) for r in held]])
        tox = np.array([[int(r["tox"]) for r in held]])
        chosen = int(boin(len(held), float(held[0]["target"])).select(n, tox)[0])
        want = int(held[0]["MTD"])
        differ += chosen != (-1 if want == 99 else want - 1)
        trials += 1
    return _identical(f"BOIN: selections that differ, of {trials} trials", differ, BOIN_R)


def _exact() -> Iterator[Case]:
    rows = reference_rows("trials", "three_plus_three_exact.csv")
    for variant, name in VARIANTS.items():
        worst = 0.0
        for row in (r for r in rows if r["variant"] == variant):
            found, dose = exact(RATES[row["scenario"]], name), int(row["dose"])
            chance = found.select[dose - 1] if dose else found.select_none
            worst = max(worst, abs(chance - float(row["prob_select"])))
            if dose:
                worst = max(worst, abs(found.mean_n[dose - 1] - float(row["expected_n"])))
        words = f"3+3 ({name}): largest difference of probabilities and expected patients"
        why = "sums of a few dozen terms in double precision"
        yield compare(SUITE, words, worst, 0.0, RECURSION, absolute=1e-12, why=why)
        yield _simulated_exact(name)


def _simulated_exact(variant: Variant) -> Case:
    """Compare simulated 3+3 with its own recursion."""
    design = ThreePlusThree(6, variant)
    got = simulate(design, Scenario.of("A", RATES["A"]), 0.25, plan=Plan(max_n=36), seed=7)
    want = exact(RATES["A"], variant)
    worst = max(
        abs(f.value - p) / sqrt(p * (1 - p) / got.trials)
        for f, p in zip(got.select, want.select, strict=True)
    )
    why = "Monte Carlo errors, of 6 doses; false alarm 1.6 % at an unlucky seed, ours is fixed"
    name = f"3+3 ({variant}): simulated selection against the recursion, worst of 6, in errors"
    source = "the two ways of this package"
    return compare(SUITE, name, worst, 0.0, source, absolute=3.0, why=why)


def worst_difference(found: OperatingCharacteristics, rows: list[dict[str, str]]) -> float:
    """Largest difference from rows of R, in Monte Carlo errors of the difference."""
    out = 0.0
    for row in rows:
        k = int(row["dose"]) - 1
        pairs = [
            (found.select[k].value, float(row["sel_pct"]) / 100),
            (found.select_none.value, float(row["early_stop_pct"]) / 100),
        ]
        for got, want in pairs:
            pooled = (got * found.trials + want * R_TRIALS) / (found.trials + R_TRIALS)
            error = sqrt(pooled * (1 - pooled) * (1 / found.trials + 1 / R_TRIALS))
            out = max(out, abs(got - want) / error if error else 0.0)
        for figure, want in (
            (found.mean_n[k], float(row["mean_n"])),
            (found.mean_tox[k], float(row["mean_tox"])),
            (found.total_n, float(row["total_n"])),
        ):
            sd = figure.std_err * sqrt(found.trials)
            error = hypot(figure.std_err, sd / sqrt(R_TRIALS))
            out = max(out, abs(figure.value - want) / error if error else 0.0)
    return out


def _characteristics() -> Iterator[Case]:
    rows = reference_rows("trials", "oc_R_boin_keyboard_crm.csv")
    made: dict[str, tuple[TableDesign, str]] = {
        "BOIN": (boin(6, 0.25, max_n=LONGEST), BOIN_R),
        "Keyboard": (keyboard(6, 0.25, max_n=LONGEST), KEYBOARD_R),
    }
    for name, (design, source) in made.items():
        for scenario, rates in RATES.items():
            held = [r for r in rows if r["design"] == name and r["scenario"] == scenario]
            found = simulate(design, Scenario.of(scenario, rates), 0.25, trials=TRIALS, seed=3)
            words = (
                f"{name}, scenario {scenario}: selection, stops, patients and DLTs of "
                f"{len(held)} doses, worst, in errors of the difference"
            )
            why = "Monte Carlo errors; 10,000 trials of R, 100,000 of ours, seed fixed"
            worst = worst_difference(found, held)
            yield compare(SUITE, words, worst, 0.0, source, absolute=3.0, why=why)
