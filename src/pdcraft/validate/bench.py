"""The xenograft bench: its steps against controlled integration, and published outcomes of mice.

Published outcomes inform no parameter. Numbers of animals and spreads were not published, so
whether a figure lies inside the prediction's 95 % is shown and decides nothing; the case says what
tumor dose, or radiosensitivity, it would take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.response.tumor_growth import TumorCells, TumorGrowth, grow
from pdcraft.response.xenograft.curves import PSI, grow_many
from pdcraft.response.xenograft.effect import DoseInSteps
from pdcraft.response.xenograft.growth_fit import fit_animals
from pdcraft.study.recipes.bench import BenchResult, run_bench
from pdcraft.study.recipes.bench_needed import Typical, needed_factor, typical_animal
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "bench"
SURVIVAL = "Cellectar press release, 2017-04-27; n and spread not said, ratios only"
SBIR = "Cellectar, result of the NCI SBIR contract, 2016-06-23; its activity is not confirmed"
NM600 = "Hernandez R et al., J Nucl Med 2020;61:1187, abstract; 5 or 6 animals"
CLR125 = "Grudzinski J et al., Cancer Biother Radiopharm 2018;33:87, abstract"
LIMITS = (0.025, 0.5, 0.975)
LIMIT_mm3 = 2000.0


def cases() -> Iterator[Case]:
    """Yield integration, growth fit, then survival ratios, volumes and responses."""
    yield _steps()
    yield _fit()
    yield from _survival()
    yield from _clr125()
    yield from _nm600()


def _steps() -> Case:
    days = np.arange(0.0, 90.25, 0.5)
    worst = 0.0
    for rate, switch, alpha, ratio in ((0.1, 0.4, 0.1, 10.0), (0.3, 0.9, 0.3, 3.0)):
        terms, decays, starts = [0.3, -0.25], [0.006, 0.15], [0.0, 24 * 28.0]
        steps = DoseInSteps(
            DoseRate.of_terms([terms], [decays], at_h=[starts], amount=[[1.0, 1.0]]), days
        ).steps([np.log(2.0) / 1.5])
        effect = steps.effect(np.array([[alpha]]), np.array([[ratio]]), np.ones((1, 1)))
        one = np.ones((1, 1))
        got = grow_many(0.15 * one, rate * one, switch * one, 0.5 * one, days, effect)
        want = grow(
            TumorGrowth.of(0.15, rate, rate * switch, PSI, 0.5),
            [TumorCells(sensitivity=Sensitivity.of(alpha, ratio, Repair.of(1.5)))],
            days,
            dose_rate=DoseRate.of_terms(terms, decays, at_h=starts, amount=[1.0, 1.0]),
        )
        worst = max(worst, float(np.abs(got.mass_g[:, 0, 0] / want.mass_g - 1.0).max()))
    return compare(
        SUITE,
        "mass of two irradiated tumors in steps of half a day, largest relative difference",
        worst,
        0.0,
        "the same equations with controlled errors (pdcraft.response.tumor_growth)",
        absolute=0.02,
        why="splitting is of second order in the step: below 1 % here",
    )


def _fit() -> Case:
    """Growth of known rate, with the errors of calipers, is found again."""
    rng = np.random.default_rng(7)
    days, rates = np.arange(0.0, 28.0, 3.0), np.array([0.1, 0.14, 0.18, 0.12, 0.16])
    animals = []
    for rate in rates:
        u = rate * days + np.log(100.0 / 400.0)
        volume = 400.0 * np.where(u < 0, np.exp(u), 1.0 + u)
        animals.append((days, volume * np.exp(0.05 * rng.standard_normal(days.size))))
    return compare(
        SUITE,
        "growth rate of five made tumors that turn linear at 400 mm3, 1/d",
        fit_animals(animals).mean_per_d,
        float(np.exp(np.log(rates).mean())),
        "the rates that made them",
        rel=0.1,
        why="caliper errors of 5 % over ten visits: 3 standard errors",
    )


def _result(name: str) -> BenchResult:
    path = files("pdcraft.validate").joinpath("cases", "bench", f"{name}.toml")
    return run_bench(Path(str(path)))


def _column(result: BenchResult, model: int, kind: str, group: str) -> Floats:
    g = [t.name for t in result.plan.treatments].index(group)
    return result.numbers[model].by_kind[kind][:, g]


def _inside(values: Floats, published: float) -> tuple[float, str, bool]:
    low, middle, high = np.quantile(values[np.isfinite(values)], LIMITS)
    inside = bool(low <= published <= high)
    where = "inside" if inside else "MISS"
    return float(middle), f"information: {where}; predicted 95% {low:.3g} to {high:.3g}", inside


def _needs(
    result: BenchResult, model: int, group: str, reached: Callable[[Typical], Floats], wanted: float
) -> str:
    """Words: the tumor dose at which the typical animal has the published figure."""
    typical = typical_animal(result.study.members[model], result.plan)
    g = [t.name for t in result.plan.treatments].index(group)
    factor = needed_factor(typical, reached, wanted)
    dose = typical.dose_Gy[g]
    if factor is None:
        return f"no dose to the typical animal gives it, up to {typical.factor[-1] * dose:.3g} Gy"
    return (
        f"the typical animal needs {factor * dose:.3g} Gy instead of {dose:.3g} Gy, or its "
        f"radiosensitivity times about {factor:.2g}"
    )


def _survival() -> Iterator[Case]:
    for name, first, second, published, what in (
        ("capan1", "x2", "x1", 2.10, "Capan-1, 1.85 MBq CLR 131: survival of two doses over one"),
        ("pc3", "x1", "x0", 1.11, "PC3, 18.5 MBq CLR 125: survival of one dose over none"),
        (
            "pc3",
            "x2",
            "x0",
            1.32,
            "PC3, CLR 125 18.5 MBq x2 from twice the volume: survival / none",
        ),
    ):
        result = _result(name)
        names = [t.name for t in result.plan.treatments]
        a, b = names.index(first), names.index(second)

        def ratio(t: Typical, a: int = a, b: int = b) -> Floats:
            days = t.days_to(LIMIT_mm3)
            both = np.isfinite(days[:, a]) & np.isfinite(days[:, b])
            return np.where(both, days[:, a], np.nan) / np.where(both, days[:, b], 1.0)

        values = _column(result, 0, "mean_survival", first) / _column(
            result, 0, "mean_survival", second
        )
        middle, words, _ = _inside(values, published)
        needs = _needs(result, 0, first, ratio, published)
        yield Case(SUITE, what, middle, published, f"{words}; {needs}", SURVIVAL, None)


def _clr125() -> Iterator[Case]:
    result = _result("clr125")
    dose = _column(result, 0, "absorbed_dose", "74 MBq") / 74.0
    middle, words, _ = _inside(dose, 0.261)
    yield Case(
        SUITE, "MDA-MB-231, CLR 125: tumor dose, Gy/MBq, by draws that left it out", middle, 0.261,
        words, CLR125, None,
    )  # fmt: skip
    control = 0
    day = result.study.file.bench.design.compare_at / 24.0
    for g, group in enumerate(t.name for t in result.plan.treatments):
        if g == control:
            continue

        def relative(t: Typical, g: int = g) -> Floats:
            at = int(np.searchsorted(t.time_d, day))
            return t.mass_g[at, :, g] / t.mass_g[at, :, control]

        values = 1.0 - _column(result, 0, "treated_over_control", group)
        middle, words, _ = _inside(values, 0.60)
        needs = _needs(result, 0, group, relative, 0.40)
        yield Case(
            SUITE, f"MDA-MB-231, {group} CLR 125: volume below vehicle's on day {day:g}", middle,
            0.60, f"{words}; {needs}", SBIR, None,
        )  # fmt: skip


def _nm600() -> Iterator[Case]:
    result = _result("nm600")
    for model, name in enumerate(m.name for m in result.study.members):
        published = {"4T07": 2.04, "4T1": 1.68}[name]
        dose = _column(result, model, "absorbed_dose", "18.5 MBq") / 18.5
        middle, words, _ = _inside(dose, published)
        yield Case(
            SUITE, f"{name}, Lu-177 NM600: tumor dose, Gy/MBq, by draws that left it out", middle,
            published, words, NM600, None,
        )  # fmt: skip
    for g, group in ((1, "9.25 MBq"), (2, "18.5 MBq")):

        def control(t: Typical, g: int = g) -> Floats:
            return t.control()[:, g]

        values = _column(result, 0, "complete_response_probability", group)
        middle, words, _ = _inside(values, 0.60)
        needs = _needs(result, 0, group, control, 0.60)
        yield Case(
            SUITE, f"4T07, {group} Lu-177 NM600: share of complete responses", middle, 0.60,
            f"{words}; {needs}", NM600, None,
        )  # fmt: skip
