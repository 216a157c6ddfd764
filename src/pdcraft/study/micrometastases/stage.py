"""Micrometastases: payloads of the study's carrier beside each other, at equal marrow dose.

Each payload is given so that the median draw's red marrow gets the same dose. Metastases are
clusters of cells of drawn radiobiology; their sizes follow a truncated log-normal and their number
a Poisson distribution, by setting. Draws of kinetics and radiobiology are shared, so that what is
compared differs by the payload alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.dose_rate import DoseRate
from pdcraft.dosimetry.cell_pairs import CellShape
from pdcraft.dosimetry.cluster_uptake import Uptake
from pdcraft.response.bed import biologically_effective_dose
from pdcraft.response.control import expected_survivors
from pdcraft.study.micrometastases.notes import note
from pdcraft.study.micrometastases.sizes import Sizes, sizes_of
from pdcraft.study.recipes.metastasis_dose import MetastasisDose, metastasis_doses
from pdcraft.study.recipes.payload_kinetics import PayloadKinetics, payload_kinetics
from pdcraft.study.response.radiobiology import Radiobiology, radiobiology
from pdcraft.study.response.rates import height_of, sampled_h

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.micrometastases.table import Micrometastases
    from pdcraft.study.model import StudyFile

__all__ = ["micrometastases_stage"]

STAGE = "micrometastases"
GRAY_PER_mGy, UM_PER_MM = 1e-3, 1000.0
MORE = "share of draws in which it controls more; where neither controls counts as no"


def micrometastases_stage(
    study: StudyFile,
    folder: Path,
    conjugate: Conjugate,
    ledger: Ledger,
    progress: Callable[[float, str], None],
) -> None:
    """Run the stage: rows of every payload, size and setting.

    Raises
    ------
    StudyError, DataError
        Without calibrated kinetics, or for unknown payloads or indications.
    """
    said = study.micrometastases
    assert said is not None
    cells = radiobiology(
        said.indication,
        STAGE,
        ledger,
        draws=study.draws,
        subjects=said.subjects,
        seed=study.seed,
        inputs=f"{STAGE}.",
        unused=("uptake_factor",),
    )
    sizes = sizes_of(said)
    every: list[_Found] = []
    for i, name in enumerate(said.payloads):
        progress(0.75 + 0.15 * i / len(said.payloads), f"metastases with {name}")
        kinetics = payload_kinetics(study, folder, conjugate, name)
        doses = metastasis_doses(
            kinetics.nuclide,
            sizes.radius_um,
            CellShape(UM_PER_MM * said.cell_radius, UM_PER_MM * said.nucleus_radius),
            packing=said.packing,
            packing_fraction=said.packing_fraction,
            uptake=_uptake(said),
            seed=study.seed,
        )
        every.append(_found(kinetics, said, doses, cells, sizes, ledger))
    for other in every[1:]:
        _beside(every[0], other, sizes, ledger)
    note(said, cells.sources, ledger)


def _uptake(said: Micrometastases) -> Uptake:
    rim = None if said.rim is None else UM_PER_MM * said.rim
    return Uptake(said.labelled, rim, said.uptake_spread)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Doses of a payload's metastases, (radii, draws), and control of settings, (draws,)."""

    nuclide: str
    dose_Gy: Floats
    control: dict[str, Floats]


def _found(
    kinetics: PayloadKinetics,
    said: Micrometastases,
    doses: Sequence[MetastasisDose],
    cells: Radiobiology,
    sizes: Sizes,
    ledger: Ledger,
) -> _Found:
    """Add the rows of one payload."""
    arm = kinetics.nuclide
    given_MBq = said.marrow_dose / (GRAY_PER_mGy * float(np.median(kinetics.marrow_mGy_per_MBq)))
    _row(ledger, "activity_at_marrow_dose", given_MBq, None, arm, cells)
    _row(
        ledger, "marrow_dose_beside", given_MBq * GRAY_PER_mGy * kinetics.marrow_mGy_per_MBq,
        "red_marrow", arm, cells,
    )  # fmt: skip
    course = _course(kinetics, given_MBq)
    dose: list[Floats] = []
    control: list[Floats] = []
    for one in doses:
        region = f"metastasis:{one.radius_um:.3g} um"
        mean_Gy = kinetics.tumor_h_per_g * given_MBq * one.Gy_g_per_MBq_h
        kept = _control(one, course.scaled(np.asarray(one.Gy_g_per_MBq_h)), cells)
        flags = (
            f"{one.cells:,} cells",
            f"D95 of cells {_cold(one):.3g} of the mean",
            f"dose per decay within {one.rel_err:.1%}",
        )
        _row(ledger, "metastasis_dose", mean_Gy, region, arm, cells, flags)
        _row(ledger, "tumor_control_probability", kept.mean(axis=1), region, arm, cells)
        dose.append(mean_Gy)
        control.append(kept)
    by_setting: dict[str, Floats] = {}
    lost = 1.0 - np.array(control)
    for one in said.setting:
        share_lost = np.tensordot(sizes.share[one.name], lost, axes=1)
        # a Poisson number of metastases, each lost or not
        by_setting[one.name] = np.exp(-one.number * share_lost).mean(axis=1)
        region = f"metastases:{one.name}"
        _row(ledger, "controlled_share", 1.0 - share_lost.mean(axis=1), region, arm, cells)
        _row(ledger, "tumor_control_probability", by_setting[one.name], region, arm, cells)
    return _Found(arm, np.array(dose), by_setting)


def _cold(one: MetastasisDose) -> float:
    """Relative dose that 95% of the cells reach."""
    reached = 1.0 - np.cumsum(one.distribution.volume_fraction)
    index = int(np.argmax(reached < 0.95))
    return float(one.distribution.relative_dose[index])


def _course(kinetics: PayloadKinetics, given_MBq: float) -> DoseRate:
    """Activity concentration of the tumor as a dose rate of 1 Gy per MBq h/g, shape (draws,)."""
    since = sampled_h(kinetics.half_life_h)
    raw = np.maximum(kinetics.tumor_per_g(since), 0.0)
    height = height_of(since, raw, given_MBq * kinetics.tumor_h_per_g)
    return DoseRate.sampled(since, height[:, None] * raw)


def _control(one: MetastasisDose, rate: DoseRate, cells: Radiobiology) -> Floats:
    """Probability that no clonogen of one metastasis is left, shape (draws, subjects)."""
    time_h, curve = rate.samples
    tissue = cells.tissue(cells.patients_alpha_per_Gy)
    bed = biologically_effective_dose(tissue, DoseRate.sampled(time_h, curve[:, None, :]))
    most = np.minimum(cells.drawn["clonogens_per_g"] * one.tissue_g, one.cells)[:, None]
    left = np.minimum(expected_survivors(bed, most, one.distribution), most)
    # a Poisson number of clonogens, one at least: without, it is no metastasis
    return np.exp(-left) * np.expm1(left - most) / np.expm1(-most)


def _beside(first: _Found, other: _Found, sizes: Sizes, ledger: Ledger) -> None:
    """Add rows that compare two payloads draw by draw."""
    arm = f"{first.nuclide} over {other.nuclide}"
    for radius, a, b in zip(sizes.radius_um, first.dose_Gy, other.dose_Gy, strict=True):
        _row(ledger, "ratio", a / b, f"metastasis:{radius:.3g} um", arm, None, ("of doses",))
    for name, a in first.control.items():
        b = other.control[name]
        region = f"metastases:{name}"
        _row(ledger, "control_gain", a - b, region, f"{first.nuclide} less {other.nuclide}", None)
        share = float((a > b).mean())
        _row(ledger, "probability", share, region, arm, None, (MORE,))


def _row(
    ledger: Ledger,
    kind: str,
    values: Floats | float,
    region: str | None,
    arm: str,
    cells: Radiobiology | None,
    flags: tuple[str, ...] = (),
) -> None:
    sources = () if cells is None else cells.sources
    ledger.number(
        STAGE, kind, values, origin="computed", region=region, arm=arm, sources=sources, flags=flags
    )
