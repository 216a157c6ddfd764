r"""How likely the published counts are under parameters of the marrow model.

The typical patient's curve gives the reported nadir; patients scatter about it log-normally by
their baseline, and by their dose effect times the slope of the nadir against dose:

.. math:: \sigma^2 = \sigma_\text{baseline}^2 + (s\,\sigma_\text{effect})^2 + \sigma_\text{assay}^2,
   \qquad s = d \ln \text{nadir} / d \ln \text{dose}.

Medians with ranges are order statistics of n patients; a least value below the trigger of
transfusion or G-CSF is censored. The lineages of a patient are taken as independent, which they are
not: the spread between patients is learned from them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.numerics.order_statistics import log_density_of_median_and_range, log_density_of_range
from pdcraft.response.marrow.chain import Chain, relative_counts
from pdcraft.response.marrow.evidence import CountItem
from pdcraft.response.marrow.observation import (
    censored_below,
    default_observation,
    log_reported_nadir,
    nadir_and_recovery,
)
from pdcraft.response.marrow.parameters import Form, Prior, fixed, priors

__all__ = ["MarrowTarget", "named"]

LATE = np.arange(0.0, 141.0)  # days: nadir and recovery of CLR 131
EARLY = np.arange(0.0, 92.0)  # nadirs of antibodies
TIMES = ("nadir_day", "recovery_d")
STEEPER = 1.2  # dose ratio that the slope of a study's last nadir is taken over
BLOCK = 500  # points solved together
MOST_RECOVERED = 0.95
LN2 = float(np.log(2.0))


def named(form: Form, unit: Floats) -> dict[str, Floats]:
    """Parameters by key of points in units of their priors, each of shape (n,)."""
    rows = priors(form)
    return {row.key: row.median * np.exp(row.log_sd * unit[:, i]) for i, row in enumerate(rows)}


@dataclass(frozen=True, slots=True, eq=False)
class MarrowTarget:
    """Likelihood of evidence under a model form, at points in units of the priors.

    Parameters
    ----------
    form : {"chain", "stem"}
    items : sequence of CountItem
        Those that are fitted.
    """

    form: Form
    items: Sequence[CountItem]

    @property
    def rows(self) -> tuple[Prior, ...]:
        """The priors, in the order of the points' columns."""
        return priors(self.form)

    @property
    def studies(self) -> tuple[str, ...]:
        """Studies of the items, each once."""
        return tuple(dict.fromkeys(item.study for item in self.items))

    def without(self, study: str) -> MarrowTarget:
        """Leave out a study."""
        return MarrowTarget(self.form, [item for item in self.items if item.study != study])

    def only(self, study: str) -> MarrowTarget:
        """Leave out every other study."""
        return MarrowTarget(self.form, [item for item in self.items if item.study == study])

    def log_likelihood(self, unit: Floats) -> Floats:
        """Sum over the items, shape (n,), at points of shape (n, parameters).

        Minus infinity beyond the `below` of a prior.
        """
        values = named(self.form, unit)
        inside = np.all([values[row.key] < row.below for row in self.rows], axis=0)
        points = unit[inside]
        out = np.full(len(unit), -np.inf)
        parts = [self._block(points[a : a + BLOCK]) for a in range(0, len(points), BLOCK)]
        out[inside] = np.concatenate([np.zeros(0), *parts])
        return out

    def _block(self, unit: Floats) -> Floats:
        values = named(self.form, unit)
        return sum(
            (_log_density(item, values, curve, slope) for item, curve, slope in self._seen(values)),
            np.zeros(len(unit)),
        )

    def _seen(self, values: Mapping[str, Floats]) -> Iterator[tuple[CountItem, Floats, Floats]]:
        """Yield items, counts relative to baseline, (days, n), and slopes of their nadirs, (n,)."""
        for lineage in dict.fromkeys(item.lineage for item in self.items):
            of_times = [i for i in self.items if i.lineage == lineage and i.kind in TIMES]
            jobs = [(item, full_effect(item, values)) for item in of_times]
            for item, curve in zip(of_times, _curves(lineage, jobs, values, LATE), strict=True):
                yield item, curve, np.zeros(curve.shape[1])
            of_counts = [i for i in self.items if i.lineage == lineage and i.kind not in TIMES]
            jobs = [(item, full_effect(item, values)) for item in of_counts]
            highest = {item.study: (item, STEEPER * effect) for item, effect in jobs}
            jobs += highest.values()
            curves = _curves(lineage, jobs, values, EARLY)
            effect = np.log([e for _, e in jobs])
            nadir = np.array([log_reported_nadir(curve) for curve in curves])
            for i, item in enumerate(of_counts):
                # the next higher dose of the study: the next row of the table, or the added job
                j = i + 1
                if highest[item.study][0] is item:
                    j = len(of_counts) + list(highest).index(item.study)
                yield item, curves[i], (nadir[j] - nadir[i]) / (effect[j] - effect[i])


def _curves(
    lineage: str,
    jobs: Sequence[tuple[CountItem, Floats]],
    values: Mapping[str, Floats],
    days: Floats,
) -> list[Floats]:
    """Solve counts relative to baseline, (days, n), of every job: an item and its full effect."""
    if not jobs:
        return []
    n, k = len(values["pretreatment"]), len(jobs)
    chain = Chain.of(
        np.tile(values[f"transit_d:{lineage}"], k),
        np.tile(values[f"feedback:{lineage}"], k),
        np.tile(np.minimum(values.get("stem_share", np.zeros(n)), 1.0), k),
        np.tile(values.get("stem_per_d", np.zeros(n)), k),
        fixed("circulating_killed")[lineage],
    )
    effect = np.concatenate([effect for _, effect in jobs])
    rate = np.concatenate([rate_per_d(item, values) for item, _ in jobs])

    def killed(t_d: float) -> Floats:
        return effect * -np.expm1(-rate * t_d)

    step_d = min(1.0, 1.4 * chain.step_d)  # a count is wrong by 2 % at most then
    counts = relative_counts(chain, killed, days, step_d=step_d).reshape(len(days), k, n)
    return list(counts.swapaxes(0, 1))


def full_effect(item: CountItem, values: Mapping[str, Floats]) -> Floats:
    """Radiosensitivity times dose of all the activity, for one administration, shape (n,)."""
    MBq = item.MBq_per_m2[0] * fixed("body_surface_m2")["value"]
    dose_Gy = 1e-3 * values[str(item.marrow)] * MBq
    sensitivity = values[f"radiosensitivity_per_Gy:{item.lineage}"]
    return dose_Gy * sensitivity * (values["pretreatment"] if item.pretreated else 1.0)


def rate_per_d(item: CountItem, values: Mapping[str, Floats]) -> Floats:
    """Decline of the dose rate, shape (n,)."""
    clr131 = str(item.marrow).startswith("clr131")
    return 24.0 * LN2 / values["clr131_half_life_h" if clr131 else "antibody_half_life_h"]


def _log_density(
    item: CountItem, values: Mapping[str, Floats], curve: Floats, slope: Floats
) -> Floats:
    if item.kind in ("nadir_day", "recovery_d"):
        share = np.minimum(values["recovered_share"], MOST_RECOVERED)
        day, recovery = nadir_and_recovery(curve, share)
        value = np.maximum(day if item.kind == "nadir_day" else recovery, 1.0)
        z = np.log(item.figure("value") / value) / item.figure("log_sd")
        return -0.5 * z**2 - np.log(item.figure("log_sd")) - 0.5 * np.log(2 * np.pi)
    center = log_reported_nadir(curve)
    assay = default_observation().assay_log_sd
    variance = (slope * values["between_log_sd"]) ** 2 + assay**2
    if item.kind == "fraction":  # the baseline is a count as well, and cancels otherwise
        spread = np.sqrt(variance + assay**2)
        low, high = np.log(item.figure("low")), np.log(item.figure("high"))
        return log_density_of_range(low, high, item.n, center, spread)
    center = center + np.log(values[f"baseline_1e9_per_L:{item.lineage}"])
    spread = np.sqrt(variance + fixed("baseline_log_sd")[item.lineage] ** 2)
    trigger = censored_below(item.lineage)
    censored = item.figure("low") < trigger
    low, median, high = np.log(
        [max(item.figure("low"), trigger), item.figure("median"), item.figure("high")]
    )
    return log_density_of_median_and_range(
        low, median, high, item.n, center, spread, censored=censored
    )
