"""What both dose methods of a study give: dose coefficients of regions, with what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pdcraft.core.arrays import Floats
from pdcraft.core.names import index_of, look_up
from pdcraft.core.run import Assumption
from pdcraft.errors import DataError, StudyError

if TYPE_CHECKING:
    from pdcraft.dosimetry.organ_dose import OrganDose
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["FLUIDS", "Doses", "RegionDose", "note_progeny", "wanted_regions"]

FLUIDS = ("blood", "plasma", "urine", "feces", "bile")  # their own dose is not asked for


@dataclass(frozen=True, slots=True)
class RegionDose:
    """Dose coefficient of a region in draws, mGy/MBq, what is in it and its sources.

    Parameters
    ----------
    std_err : float or None
        Of the Monte Carlo transport behind it, mGy/MBq.
    shares : mapping of str to ndarray
        Of the dose by source, in draws; only where they are to be shown.
    """

    mGy_per_MBq: Floats
    flags: tuple[str, ...]
    sources: tuple[str, ...] = ()
    std_err: float | None = None
    shares: Mapping[str, Floats] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Doses:
    """Doses of all regions that were asked for; of organs in a body, with all behind them.

    `made_tiac_h` are hours of activity, in draws, of sources that no curve gives: the rest of the
    body, contents of bladder and intestine, marrow by the blood method.
    """

    regions: Mapping[str, RegionDose]
    organs: OrganDose | None = None
    made_tiac_h: Mapping[str, Floats] = field(default_factory=lambda: MappingProxyType({}))


def wanted_regions(study: StudyFile, known: Sequence[str]) -> tuple[str, ...]:
    """Return the regions that the study asks for, or all that are known.

    Raises
    ------
    StudyError
        For a region that is not known, with near matches.
    """
    asked = study.dosimetry.regions if study.dosimetry else None
    if asked is None:
        return tuple(known)
    index = index_of((name, ()) for name in known)
    way_out = f"regions with a dose: {', '.join(known)}"
    try:
        return tuple(dict.fromkeys(look_up("dose region", text, index, way_out) for text in asked))
    except DataError as error:
        raise StudyError(error.problems) from None


def note_progeny(nuclide: str, progeny: str, ledger: Ledger) -> None:
    """Note what a chain's doses assume where daughters that live for long are counted."""
    if progeny == "equilibrium":
        text = (
            f"Every daughter of {nuclide} that decays within 10 years decays where its parent did, "
            "though its recoil breaks it from the carrier; alpha particles count as absorbed dose, "
            "without a larger effect."
        )
        ledger.assume(Assumption("dosimetry.progeny", text, progeny))
