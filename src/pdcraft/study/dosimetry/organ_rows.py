"""Rows and series of doses in a body: shares by source, marrow by method, effective dose, rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import DataError
from pdcraft.study.dosimetry.dose_rates import dose_rate_series
from pdcraft.study.dosimetry.lesions import pictured_lesions

if TYPE_CHECKING:
    from pdcraft.core.arrays import Floats
    from pdcraft.core.body import Body
    from pdcraft.dosimetry.marrow_dose import MarrowDose
    from pdcraft.dosimetry.organ_dose import OrganDose
    from pdcraft.study.dosimetry.organ_doses import Organs
    from pdcraft.study.dosimetry.region_dose import Doses, RegionDose
    from pdcraft.study.kinetics.curves import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import Administration

__all__ = ["OrganResult", "organ_rows"]

MARROW = "red_marrow"
MADE = {  # how the hours of a source without a curve come about
    "remainder": "whole body less the regions with a curve",
    MARROW: "from the plasma's, by the blood method",
}


@dataclass(frozen=True, slots=True)
class OrganResult:
    """Doses in the host's body, as the report draws them; marrow by several methods.

    `rates_mGy_per_MBq_h` gives dose rates of regions at hours after one bolus, shape (draws,
    regions, times), at the masses of the table; `regions` the dose coefficients with their spread.
    """

    dose: OrganDose
    body: Body
    marrow: tuple[MarrowDose, ...]
    regions: Mapping[str, RegionDose]
    rates_mGy_per_MBq_h: Callable[[Sequence[str], Floats], Floats]


def organ_rows(
    organs: Organs,
    doses: Doses,
    curves: Curves,
    arms: Mapping[str | None, Sequence[Administration]],
    ledger: Ledger,
) -> OrganResult:
    """Add what only a body gives, and return what the report draws from."""
    assert doses.organs is not None
    found = doses.organs
    for region, hours in doses.made_tiac_h.items():
        if not np.any(hours):
            continue  # contents that bile does not reach
        how = MADE.get(region, "what flows in, for as long as it stays")
        kind = "time_integrated_activity_coefficient"
        ledger.number("dosimetry", kind, hours, origin="computed", region=region, flags=(how,))
    for region, dose in doses.regions.items():
        for source, share in dose.shares.items():
            ledger.number(
                "dosimetry",
                "dose_share",
                share,
                origin=curves.origin(region),
                region=region,
                arm=f"from {source}",
            )
    marrow: tuple[MarrowDose, ...] = ()
    if MARROW in doses.regions:
        marrow = organs.marrow(found)
        _other_methods(marrow, doses, curves, ledger)
    _effective_dose(organs, found, ledger)
    dose_rate_series(organs, curves, tuple(doses.regions), arms, ledger)
    return OrganResult(
        found,
        pictured_lesions(organs.study, organs.body),
        marrow,
        doses.regions,
        partial(organs.rates_mGy_per_MBq_h, curves),
    )


def _other_methods(
    marrow: Sequence[MarrowDose], doses: Doses, curves: Curves, ledger: Ledger
) -> None:
    """Note the marrow's dose by the methods that the study did not take."""
    for one in marrow[1:]:
        ledger.number(
            "dosimetry",
            "absorbed_dose_coefficient",
            one.mGy_per_MBq,
            origin=curves.origin(MARROW),
            region=MARROW,
            arm=f"method {one.method}",
            sources=doses.regions[MARROW].sources,
            flags=("the same activities by another method of the marrow",),
            std_err=one.std_err,
        )


def _effective_dose(organs: Organs, found: OrganDose, ledger: Ledger) -> None:
    """Add the effective dose coefficient of an adult, if the other adult is computed too."""
    from pdcraft.dosimetry.effective_dose import (
        ADULTS,
        ALPHA_WORDS,
        LABEL,
        effective_dose,
        emits_alpha,
        tiac_of_adult,
    )
    from pdcraft.dosimetry.organ_dose import organ_dose
    from pdcraft.dosimetry.organ_s import organ_S
    from pdcraft.dosimetry.phantom import phantom

    sex = next((s for s, name in ADULTS.items() if name == found.S.body), None)
    if sex is None or "remainder" not in found.tiac_h:
        return
    if emits_alpha(found.S):
        words = f"Effective dose: {ALPHA_WORDS.format(found.S.nuclide)}."
        ledger.warn("alpha_effective_dose", "dosimetry", words)
        return
    other = ADULTS["female" if sex == "male" else "male"]
    try:
        body, fractions = phantom(other)
    except DataError:  # its absorbed fractions are not shipped
        return
    S = organ_S(body, fractions, organs.nuclide, marrow=found.S.red_marrow_method)
    tiac, moved = tiac_of_adult(S, found.tiac_h)
    both = {sex: found, "female" if sex == "male" else "male": organ_dose(S, tiac)}
    result = effective_dose(both["male"], both["female"])
    sources = ledger.cite((Citation("icrp103", result.source),))
    ledger.number(
        "dosimetry",
        "effective_dose_coefficient",
        result.coefficient_mSv_per_MBq,
        origin="computed",
        sources=sources,
        flags=(LABEL, "for comparing procedures; never an individual's risk"),
        std_err=result.std_err,
    )
    gone = f" What it has no organ for ({', '.join(moved)}) is in its rest." if moved else ""
    ledger.assume(
        Assumption(
            "dosimetry.effective_dose",
            f"Effective dose: the {other} has the same hours of activity in the same regions."
            f"{gone} Other regions stand for some tissues: {'; '.join(result.surrogates)}.",
            LABEL,
            sources,
        )
    )
