"""Activity on its way out of the body: urine in the bladder, bile in the intestine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Assumption

if TYPE_CHECKING:
    from pdcraft.core.body import Body
    from pdcraft.dosimetry.inflow import Inflow
    from pdcraft.dosimetry.urine_history import UrineHistory
    from pdcraft.study.kinetics.curves import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["excreta_activity", "excreta_tiac", "note_excreta"]

BLADDER = "urinary_bladder_contents"
URINE_mL_per_h = 1600.0 / 24.0  # reference adult, ICRP 89: recalled, not verified
INITIAL_mL = 100.0  # in the bladder at the administration: assumed
URINE, BILE = "urine", "bile"


def excreta_tiac(study: StudyFile, nuclide: str, body: Body, curves: Curves) -> dict[str, Floats]:
    """Time-integrated activity coefficients of contents, h, in draws; none in a mouse."""
    from pdcraft.data.nuclides import half_life_h
    from pdcraft.dosimetry.alimentary import Tract, alimentary_tiac_h, stylised_regions
    from pdcraft.dosimetry.bladder import contents_tiac_h

    if body.host != "human":
        return {}
    half_life, out = half_life_h(nuclide), dict[str, Floats]()
    if URINE in curves.excretion:
        out[BLADDER] = contents_tiac_h(_urine(study, curves), half_life)
    if BILE in curves.excretion:
        contents = alimentary_tiac_h(half_life, Tract(_transit(study)), bile=_flow(curves, BILE))
        out |= stylised_regions(contents)
    return out


def excreta_activity(
    contents_tiac_h: Mapping[str, Floats], half_life_h: float, curves: Curves, since_h: Floats
) -> dict[str, Floats]:
    """Activity of contents at times after one bolus, smoothed, each of shape (draws, times).

    What flows in now, times the mean time that it stays: right where the flow changes slowly
    against hours, and of the right integral in any case. Voids are not seen in it.

    Parameters
    ----------
    contents_tiac_h : mapping of str to ndarray, shape (draws,)
        From `excreta_tiac`.
    """
    decay = float(np.log(2)) / half_life_h
    out: dict[str, Floats] = {}
    for region, tiac_h in contents_tiac_h.items():
        flow = _flow(curves, URINE if region == BLADDER else BILE)
        entered = flow.entered_activity(decay)
        stays_h = np.divide(tiac_h, entered, out=np.zeros_like(tiac_h), where=entered > 0)
        c, r = flow.coefficients_per_h[..., None], flow.rates_per_h[..., None] + decay
        now = np.zeros((tiac_h.size, since_h.size))
        for k in range(c.shape[-2]):
            now += c[:, k] * np.exp(-r[:, k] * since_h)
        out[region] = stays_h[:, None] * np.maximum(now, 0.0)
    return out


def _flow(curves: Curves, way: str) -> Inflow:
    from pdcraft.dosimetry.inflow import Inflow

    return Inflow(*curves.excretion[way], way)


def _urine(study: StudyFile, curves: Curves) -> UrineHistory:
    from pdcraft.dosimetry.urine_history import modeled_urine
    from pdcraft.dosimetry.voiding import Bladder

    assert study.dosimetry is not None
    said = study.dosimetry
    bladder = Bladder(said.first_void, said.voiding, URINE_mL_per_h, INITIAL_mL)
    return modeled_urine(bladder, _flow(curves, URINE))


def _transit(study: StudyFile) -> str:
    phantom = study.host.phantom or ""
    sex = "adult-female" if phantom == "adult-female" else "adult-male"
    return "icrp100-child" if phantom.startswith("child") else f"icrp100-{sex}"


def note_excreta(study: StudyFile, body: Body, curves: Curves, ledger: Ledger) -> None:
    """Note what is assumed of urine and bile."""
    if not curves.excretion:
        return
    if body.host != "human":
        ledger.assume(
            Assumption(
                "dosimetry.excreta",
                "What is excreted leaves the mouse at once: no dose from urine in the bladder or "
                "from the contents of the intestine.",
                "left out",
            )
        )
        return
    assert study.dosimetry is not None
    said = study.dosimetry
    if URINE in curves.excretion:
        ledger.assume(
            Assumption(
                "dosimetry.voiding",
                f"Urine fills the bladder at {URINE_mL_per_h:.0f} mL/h, from {INITIAL_mL:g} mL at "
                "the administration; every void empties it.",
                f"first void at {said.first_void:g} h, then every {said.voiding:g} h",
            )
        )
    if BILE in curves.excretion:
        ledger.assume(
            Assumption(
                "dosimetry.bile",
                "What the liver excretes flows with bile straight into the small intestine, is "
                "not absorbed again, and leaves with the transit times of a reference person.",
                _transit(study),
            )
        )
