"""Tables beside the carrier's evidence: the estimated parameters, and mouse against man."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.estimate import Summary
from pdcraft.data.evidence import EvidenceItem, carrier_evidence
from pdcraft.data.files import text_of
from pdcraft.kinetics.carrier.conflict import plasma_conflict
from pdcraft.kinetics.carrier.draws import ALL, carrier_draws
from pdcraft.kinetics.carrier.parameters import Species, priors
from pdcraft.kinetics.carrier.predict import INJECTED_MASS, carrier_target
from pdcraft.report.words import without_unit

__all__ = ["Line", "conflict_lines", "convergence_lines", "item_names", "parameter_lines", "plain"]

SMALLEST = 1e-5  # nothing that the page shows means more below it
UNIT_OF_MASS = "µg"  # of the injected mass, which has no row in the table of priors
OF_MOUSE_TUMOR = ("tumor_trapping_mL_per_g_h", "tumor_partition_mL_per_g", "tumor_retention_h")
TAKEN_FROM_MOUSE = "; a study takes the mouse's"
QUANTILES = (0.5, 0.025, 0.975)
Interval = tuple[str, str]  # median, and limits of 95%


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its name, a note below the name, and its cells."""

    name: str
    note: str
    cells: tuple[str | Interval, ...]


def plain(value: float | None) -> str:
    """Write a number with three significant digits and no power of ten; nothing for None.

    Examples
    --------
    >>> plain(12701.0), plain(822.0), plain(0.5), plain(2.888e-5), plain(3e-9)
    ('12,700', '822', '0.500', '0.0000289', '< 0.00001')
    """
    if value is None:
        return ""
    if 0 < abs(value) < SMALLEST:
        return f"< {SMALLEST:.5f}"
    rounded = float(f"{value:.3g}")
    power = int(f"{rounded:.2e}".partition("e")[2])
    return f"{rounded:,.{max(0, 2 - power)}f}"


def item_names(items: Sequence[EvidenceItem]) -> list[str]:
    """Say in words what each row is; rows that read the same get what their ids tell apart."""
    names = [_name(item) for item in items]
    out: list[str] = []
    for name, item in zip(names, items, strict=True):
        alike = [i.id.split("-") for i, n in zip(items, names, strict=True) if n == name]
        own = [part.upper() for part in item.id.split("-") if any(part not in i for i in alike)]
        out.append(" ".join([name, *own]))
    return out


def _name(item: EvidenceItem) -> str:
    times = " to ".join(f"{t:,g}" for t in item.time_h)
    over = f" over {item.reference_region}" if item.reference_region else ""
    where = f"{item.region}{over}".replace("_", " ")
    when = f", {times} h" if times else ""
    what = item.quantity.replace("_", " ")
    place = "" if what.startswith(where) else f", {where}"
    return f"{item.compound}: {what}{place}{when}"


def parameter_lines(species: Species) -> list[Line]:
    """Prior, posterior, contraction and what it means, for each parameter that was sampled."""
    target, draws = carrier_target(species), carrier_draws(species).named()
    units = {p.name: p.unit for p in priors(species).parameters} | {INJECTED_MASS: UNIT_OF_MASS}
    found = _record(species)["parameters"]
    lines: list[Line] = []
    for name, center, sd in zip(target.names, target.log_median, target.log_sd, strict=True):
        mouse = species == "human" and name in OF_MOUSE_TUMOR
        lines.append(
            Line(
                without_unit(name).replace("_", " "),
                _unit(units[name]) + (TAKEN_FROM_MOUSE if mouse else ""),
                (
                    _interval(np.exp(center + sd * np.array([0.0, -1.96, 1.96]))),
                    _interval(np.quantile(draws[name], QUANTILES)),
                    f"{found[name]['contraction']:z.2f}",
                    "" if found[name]["informed"] else "not informed by data",
                ),
            )
        )
    return lines


def convergence_lines(species: Species) -> list[Line]:
    """Split R-hat and effective size of each fit, the worst of its parameters."""
    return [
        Line(
            key if key == ALL else f"without {key}",
            "",
            (f"{row['largest_split_rhat']:.3f}", f"{row['smallest_effective_size']:,}"),
        )
        for key, row in _record(species)["sets"].items()
    ]


def conflict_lines() -> list[Line]:
    """Say what mouse and man each state on plasma, and what it means for the other."""
    found = plasma_conflict()
    cited = {item.id: item.citation.key for item in carrier_evidence()}
    by = f"at {found.cleared_by_h:g} h"
    return [
        Line(
            "half-life of man, published",
            "stable carrier, slow phase",
            (f"{plain(found.human_half_life_h)} h", cited["human-plasma-half-life"]),
        ),
        Line(
            "the same in the mouse's time",
            f"divided by {plain(found.slower)}, the fourth root of the mass ratio",
            (f"{plain(found.scaled_half_life_h)} h", "computed"),
        ),
        Line(
            "half-life of the mouse, fitted",
            "over the human sampling times, scaled",
            (_summary(found.mouse_half_life_h, " h"), "mouse draws"),
        ),
        Line(
            f"share of peak in mouse plasma {by}, published",
            "'cleared' is words; the limit is assumed",
            (f"below {found.cleared_below:g}", cited["clr125-blood-cleared"]),
        ),
        Line(
            f"share {by}, from man's half-life alone",
            "one exponential",
            (plain(found.share_if_one_exponential), "computed"),
        ),
        Line(
            f"share {by}, from man's fast and slow phase",
            "times scaled",
            (_summary(found.share_from_man), "human draws"),
        ),
        Line(
            f"share {by}, predicted",
            "without this mouse study",
            (_summary(found.share_predicted), "mouse draws"),
        ),
        Line(f"share {by}, fitted", "", (_summary(found.share_fitted), "mouse draws")),
    ]


def _record(species: Species) -> Mapping[str, Any]:
    return json.loads(text_of("carrier", f"calibration_{species}.json"))


def _unit(unit: str) -> str:
    return "ratio" if unit == "1" else unit


def _interval(values: Floats) -> Interval:
    median, low, high = (plain(float(v)) for v in values)
    return median, f"{low} to {high}"


def _summary(found: Summary, unit: str = "") -> Interval:
    return f"{plain(found['value'])}{unit}", f"{plain(found['low'])} to {plain(found['high'])}"
