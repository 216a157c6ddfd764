"""What the fitted marrow model predicts a trial to print, beside what was printed.

Patients of every draw are simulated, their counts sampled as a trial samples them, and the printed
figure is formed from as many patients as the trial had.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.numerics.inputs import stream
from pdcraft.response.ctcae import thresholds_1e9_per_L
from pdcraft.response.marrow.draws import MarrowDraws
from pdcraft.response.marrow.evidence import CountItem
from pdcraft.response.marrow.observation import nadir_and_recovery, observe
from pdcraft.response.marrow.parameters import LINEAGES, MarrowParameters, fixed
from pdcraft.response.marrow.simulate import simulate_counts
from pdcraft.response.marrow.target import MOST_RECOVERED

__all__ = ["ItemPrediction", "clr131_dose_rate", "leukocytes", "predict"]

LN2 = float(np.log(2.0))
OTHER_LEUKOCYTES = 1.1  # all over neutrophils and lymphocytes: assumed
#: Least counts at entry that a trial asked for, 10^9/L: head and neck, NCT04105543.
AT_ENTRY = {"hnc": {"platelets": 100.0, "neutrophils": 1.5}}
LAST_DAY = 126


@dataclass(frozen=True, slots=True)
class ItemPrediction:
    """A printed figure and its predictive distribution.

    Parameters
    ----------
    item : CountItem
    what : str
        The figure in words, with its unit.
    printed, median, low, high : float
        The last three of the prediction: 50 %, 2.5 % and 97.5 %.
    verdict : {"inside", "outside"}
        Whether the printed figure lies within the 95 % predictive interval.
    """

    item: CountItem
    what: str
    printed: float
    median: float
    low: float
    high: float
    verdict: Literal["inside", "outside"]


def leukocytes(counts: Floats) -> Floats:
    """Add up total leukocytes of counts, (..., lineage, time), with a share for the others."""
    rows = [LINEAGES.index("neutrophils"), LINEAGES.index("lymphocytes")]
    return OTHER_LEUKOCYTES * counts[..., rows, :].sum(axis=-2)


def clr131_dose_rate(
    mGy_per_MBq: Floats, half_life_h: Floats, MBq: tuple[float, ...], at_d: tuple[float, ...]
) -> DoseRate:
    """Marrow dose rate as one exponential after each administration.

    Parameters
    ----------
    mGy_per_MBq, half_life_h : ndarray, shape (...)
        Marrow dose of all decays; half-life with physical decay.
    MBq, at_d : tuple of float
        Activities and their days.
    """
    rate = LN2 / np.asarray(half_life_h)[..., None]
    amplitude = 1e-3 * np.asarray(mGy_per_MBq)[..., None] * rate
    return DoseRate.of_terms(amplitude, rate, 24.0 * np.asarray(at_d), np.asarray(MBq))


def predict(
    item: CountItem,
    draws: MarrowDraws,
    *,
    without: str | None = None,
    n: int = 200,
    seed: int = 0,
) -> ItemPrediction:
    """Predict a published figure.

    Parameters
    ----------
    item : CountItem
        Of any kind but a statement.
    draws : MarrowDraws
    without : str, optional
        Use draws that have not seen this study.
    n : int
        Draws.
    seed : int
    """
    rng = stream(seed, f"response.marrow.predict.{item.id}")
    if item.kind == "fall":
        patients = draws.parameters(n, item.n, without=without, seed=seed)
        name, figures = _fall(item, patients, rng)
    else:
        design = Design(
            item.study, item.n, item.MBq_per_m2, item.at_d, str(item.marrow), item.pretreated
        )
        values, counts = _trial(design, draws, without, n, seed)
        name, figures = _figures(item, _of_lineage(counts, item.lineage), values, rng)
    low, median, high = (float(q) for q in np.quantile(figures, [0.025, 0.5, 0.975]))
    printed = _printed(item)
    verdict = "inside" if low <= printed <= high else "outside"
    return ItemPrediction(item, name, printed, median, low, high, verdict)


class Design(NamedTuple):
    """What a trial gave to whom: rows that share it share its simulated patients."""

    study: str
    patients: int
    MBq_per_m2: tuple[float, ...]
    at_d: tuple[float, ...]
    marrow: str
    pretreated: bool


@lru_cache(maxsize=2)
def _trial(
    design: Design, draws: MarrowDraws, without: str | None, n: int, seed: int
) -> tuple[dict[str, Floats], Floats]:
    """Simulate a trial: draws by key, and daily counts, (draw, patient, lineage, day)."""
    values = draws.averaged(n, without=without, seed=seed)
    patients = draws.parameters(
        n, design.patients, without=without, seed=seed, pretreated=design.pretreated
    )
    least = AT_ENTRY.get(design.study, {})
    floor = np.array([least.get(lineage, 0.0) for lineage in LINEAGES])
    patients = patients.with_baseline(np.maximum(patients.baseline_1e9_per_L, floor))
    half_life = "clr131" if design.marrow.startswith("clr131") else "antibody"
    surface = float(fixed("body_surface_m2")["value"])
    rate = clr131_dose_rate(
        values[design.marrow][:, None],
        values[f"{half_life}_half_life_h"][:, None],
        tuple(surface * a for a in design.MBq_per_m2),
        design.at_d,
    )
    return values, simulate_counts(patients, rate, np.arange(LAST_DAY + 1.0))


def _of_lineage(counts: Floats, lineage: str) -> Floats:
    return leukocytes(counts) if lineage == "leukocytes" else counts[:, :, LINEAGES.index(lineage)]


def _printed(item: CountItem) -> float:
    name = {"nadir": "median", "fraction": "low", "count": "k"}.get(item.kind, "value")
    return item.figure(name)


def _figures(
    item: CountItem, counts: Floats, values: dict[str, Floats], rng: np.random.Generator
) -> tuple[str, Floats]:
    """Form the printed figure of every draw from counts, (draw, patient, day)."""
    if item.kind == "recovery_d":
        share = np.minimum(values["recovered_share"], MOST_RECOVERED)[:, None]
        relative = np.moveaxis(counts / counts[..., :1], -1, 0)
        _, days = nadir_and_recovery(relative, np.broadcast_to(share, counts.shape[:-1]))
        return f"{item.lineage}: mean days from nadir to recovery", days.mean(axis=1)
    seen = observe(counts, item.lineage, rng)
    if item.kind == "nadir_day":
        return f"{item.lineage}: mean day of nadir", seen.nadir_day.mean(axis=1)
    if item.kind == "nadir":
        words = f"{item.lineage}: median nadir of {item.n}, 10^9/L"
        return words, np.median(seen.nadir_1e9_per_L, axis=1)
    if item.kind == "fraction":
        share = seen.nadir_1e9_per_L / counts[..., 0]
        return f"{item.lineage}: lowest of {item.n} nadirs over baseline", share.min(axis=1)
    grade = int(item.figure("ctcae_grade"))
    limit = thresholds_1e9_per_L(item.lineage)[grade - 1]
    words = f"{item.lineage}: patients of {item.n} with grade {grade} or more"
    return words, (seen.nadir_1e9_per_L < limit).sum(axis=1).astype(float)


def _fall(
    item: CountItem, patients: MarrowParameters, rng: np.random.Generator
) -> tuple[str, Floats]:
    """Mean fall of counts at a day, of a dose that the study does not print for each patient."""
    dose = rng.uniform(item.figure("dose_Gy_low"), item.figure("dose_Gy_high"), patients.shape[0])
    half_life = np.full((patients.shape[0], 1), item.figure("half_life_h"))
    rate = clr131_dose_rate(1e3 * dose[:, None], half_life, (1.0,), (0.0,))
    day = item.figure("day")
    counts = _of_lineage(simulate_counts(patients, rate, [0.0, day]), item.lineage)
    fall = 1.0 - counts[..., 1] / counts[..., 0]
    return f"{item.lineage}: mean fall at day {day:g}, share of baseline", fall.mean(axis=1)
