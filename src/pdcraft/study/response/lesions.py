"""Lesions of a study's arms: BED, EQD2 and control, with external beam where it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.core.run import Assumption
from pdcraft.errors import PhysicsRangeError, StudyError
from pdcraft.numerics.inputs import stream
from pdcraft.response.bed import biologically_effective_dose
from pdcraft.response.control import clonogens, control_probability
from pdcraft.response.external_beam import Fractions, completing_fractions
from pdcraft.study.response.radiobiology import WORDS, radiobiology

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import ExternalBeam, Lesion, Response, StudyFile

__all__ = ["LesionModel", "drawn_total_Gy"]

HOURS_PER_DAY = 24.0
LEAST = 1e-6  # a probability below counts as none
TYPICAL = "typical patient's radiosensitivity"


class LesionModel:
    """Radiobiology of one lesion in draws, and the patients who differ in α."""

    def __init__(self, study: StudyFile, said: Response, lesion: Lesion, ledger: Ledger) -> None:
        self.study, self.said, self.lesion, self.ledger = study, said, lesion, ledger
        self.region = f"lesion:{lesion.name}"
        unused = ("uptake_factor",) if said.uptake == "as computed" else ()
        self.biology = radiobiology(
            lesion.indication or said.indication or "",
            f"response.{self.region}",
            ledger,
            draws=study.draws,
            subjects=said.subjects,
            seed=study.seed,
            inputs=f"response.{lesion.name}_",
            unused=unused,
        )
        entity = self.biology.entity
        assumed = [
            WORDS[k]
            for k, p in entity.priors.items()
            if k in WORDS and k not in unused and p.origin == "assumed"
        ]
        ledger.assume(
            Assumption(
                f"response.{lesion.name}",
                f"Radiobiology of {entity.title}; clonogens fill the lesion evenly, its dose is "
                "uniform. Assumed, without a figure of this entity: "
                f"{', '.join(assumed).replace('_', ' ') or 'nothing'}.",
                entity.name,
                self.biology.sources,
            )
        )
        uptake = (
            "The lesion takes up what the kinetics say: the indication's own factor is left out."
            if said.uptake == "as computed"
            else "The indication's factor multiplies its dose for the effect; doses of the "
            "dosimetry stage are without it."
        )
        ledger.assume(Assumption("response.uptake", uptake, said.uptake))

    def rows(self, arm: str | None, rate: DoseRate, beam: ExternalBeam | None) -> None:
        """Add rows of one arm; `rate` has the shape (draws,)."""
        biology = self.biology
        if self.said.uptake == "by indication":
            rate = rate.scaled(biology.drawn["uptake_factor"])
        fractions = None if beam is None else self._fractions(beam, rate)
        bed = biologically_effective_dose(
            biology.tissue(biology.drawn["alpha_per_Gy"]), rate, fractions
        )
        time_h, curve = rate.samples
        several = None
        if fractions is not None:
            several = Fractions(fractions.dose_Gy[:, None, :], fractions.at_h)
        of_patients = biologically_effective_dose(
            biology.tissue(biology.patients_alpha_per_Gy),
            DoseRate.sampled(time_h, curve[:, None, :]),
            several,
        )
        number = clonogens(self.lesion.mass, biology.drawn["clonogens_per_g"])
        control = control_probability(of_patients, number[:, None]).mean(axis=1)
        control = np.where(control < LEAST, 0.0, control)
        flags = ["with external beam" if beam is not None else "radionuclide alone"]
        if fractions is not None:
            self._row("external_beam_dose", fractions.total_Gy, arm, "beside the radionuclide's")
        self._row("biologically_effective_dose", bed.total_Gy, arm, *flags, TYPICAL)
        self._row("equieffective_dose_2Gy", bed.eqd2_Gy, arm, *flags, TYPICAL)
        self._row("tumor_control_probability", control, arm, *flags, "mean over patients")

    def _row(self, kind: str, values: Floats, arm: str | None, *flags: str) -> None:
        self.ledger.number(
            "response",
            kind,
            values,
            origin="computed",
            region=self.region,
            arm=arm,
            sources=self.biology.sources,
            flags=flags,
        )

    def _fractions(self, beam: ExternalBeam, rate: DoseRate) -> Fractions | None:
        total = drawn_total_Gy(beam, self.study, self.ledger)
        try:
            return completing_fractions(
                total,
                rate.total_Gy,
                fraction_Gy=beam.fraction,
                first_d=beam.first / HOURS_PER_DAY,
                per_week=beam.per_week,
            )
        except PhysicsRangeError as error:
            message = f"response.external_beam, {self.region}: {error}"
            raise StudyError(f"{message}; prescribe more, or leave the arm out") from None


def drawn_total_Gy(beam: ExternalBeam, study: StudyFile, ledger: Ledger) -> Floats:
    """Prescribed sum of doses: one value, or evenly between two."""
    low, high = beam.total[0], beam.total[-1]
    name = "response.external_beam_total"
    share = stream(study.seed, name).random(study.draws)
    total = low + (high - low) * share
    days = f"{beam.per_week} days a week from day {beam.first / HOURS_PER_DAY:g}"
    how = "evenly between its limits" if high > low else "as the study states it"
    ledger.assume(
        Assumption(
            name,
            f"External beam completes the lesion's absorbed dose to a sum, {how}: fractions of "
            f"{beam.fraction:g} Gy on {days}. Doses of radionuclide and beam are added as Gy, as "
            "trials prescribe them; their effects are not equal.",
            f"{low:g} Gy" if high == low else f"{low:g} to {high:g} Gy",
        )
    )
    text = "External beam reaches the lesion alone: it adds nothing to the marrow's dose."
    ledger.assume(Assumption("response.external_beam_elsewhere", text, "0 Gy"))
    if high > low:
        ledger.inputs[name] = total
    return total
