"""What a carrier brings to tumor and marrow with another payload, in the same draws.

The carrier's kinetics are those of its calibrated draws, whatever it carries (assumed, with the
spread that the payload's kind may cause); decay, and which radiation reaches the marrow from all of
the body, are the payload's own. So ratios between payloads hold what the payload changes, and the
uncertainty of the kinetics that they share cancels.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate, Payload
from pdcraft.core.timecourse import TimeCourse
from pdcraft.data.nuclides import Progeny, half_life_h, usual_progeny
from pdcraft.errors import ApproximationWarning, StudyError
from pdcraft.study.ledger import Ledger

if TYPE_CHECKING:
    from pdcraft.study.model import StudyFile

__all__ = ["PayloadKinetics", "payload_kinetics"]

MARROW = "red_marrow"
GRAY_PER_mGy = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class PayloadKinetics:
    """Tumor and marrow of one payload per administered activity, in draws.

    Parameters
    ----------
    nuclide : str
    progeny : str
        Which daughters count, where their parent decays.
    half_life_h : float
        Physical.
    tumor_h_per_g : ndarray, shape (draws,)
        Time-integrated activity in a gram of tumor, MBq h/g per MBq.
    marrow_mGy_per_MBq : ndarray, shape (draws,)
    tumor : TimeCourse
        Of the carrier in tumor, without decay.
    tumor_region : str
        Name of the tumor in `tumor`.
    """

    nuclide: str
    progeny: Progeny
    half_life_h: float
    tumor_h_per_g: Floats
    marrow_mGy_per_MBq: Floats
    tumor: TimeCourse
    tumor_region: str

    def over_marrow(self, Gy_g_per_MBq_h: Floats) -> Floats:
        """Tumor dose over marrow dose, shape (draws, sizes), from tumors' doses per concentration.

        Parameters
        ----------
        Gy_g_per_MBq_h : ndarray, shape (sizes,)
            Per time-integrated activity in a gram.
        """
        tumor_Gy = self.tumor_h_per_g[:, None] * Gy_g_per_MBq_h
        return tumor_Gy / (GRAY_PER_mGy * self.marrow_mGy_per_MBq[:, None])

    def tumor_per_g(self, since_h: Floats) -> Floats:
        """Activity per gram of tumor and administered activity at times, shape (draws, times)."""
        index = self.tumor.regions.index(self.tumor_region)
        return self.tumor.activity(self.half_life_h).at(since_h).mean(axis=1)[:, index]


def payload_kinetics(
    study: StudyFile, folder: Path, conjugate: Conjugate, name: str
) -> PayloadKinetics:
    """Exchange the payload of a study's carrier.

    Parameters
    ----------
    study : StudyFile
        With calibrated kinetics, a host with a body and one lesion at least: its tumor.
    folder : Path
        Of the study file.
    conjugate : Conjugate
    name : str
        Nuclide.

    Raises
    ------
    StudyError
        Without a carrier's calibrated kinetics, a lesion, or a marrow dose.
    """
    from pdcraft.study.dosimetry.organ_doses import organs_of
    from pdcraft.study.kinetics.calibrated import calibrated_curves

    if study.kinetics is None or study.kinetics.source != "calibrated" or not study.lesion:
        raise StudyError(
            "payloads beside each other need the calibrated carrier and a lesion: "
            'kinetics.source = "calibrated" and a [[lesion]]'
        )
    period = half_life_h(name)
    progeny = usual_progeny(name)
    # no publication speaks of this carrier under this name: nothing is set beside it
    other = replace(
        conjugate,
        name=f"this carrier with {name}",
        payload=Payload("radionuclide", name, half_life_h=period),
    )
    aside = Ledger(other.name, study.host.species)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ApproximationWarning)  # the study's own agent says them
        curves = calibrated_curves(study, other, aside)
        organs = organs_of(study, folder, name, curves, aside, progeny=progeny)
        doses = organs.doses(curves, aside).regions
    if MARROW not in doses:
        raise StudyError(f"payloads at equal marrow dose: there is no dose of {MARROW}")
    region = f"lesion:{study.lesion[0].name}"
    course = curves.course(region)
    assert course is not None
    return PayloadKinetics(
        name,
        progeny,
        period,
        curves.tiac[region].draws,
        doses[MARROW].mGy_per_MBq,
        course,
        region,
    )
