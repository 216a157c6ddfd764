"""The response stage: what an arm's dose rates do to blood counts, lesions and patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.conjugate import Conjugate
from pdcraft.core.dose_rate import DoseRate
from pdcraft.core.run import Assumption
from pdcraft.errors import StudyError
from pdcraft.study.activity import activities_MBq
from pdcraft.study.response.counts import MarrowModel, count_rows, marrow_model
from pdcraft.study.response.lesions import LesionModel
from pdcraft.study.response.patients import AGENT, patient_model
from pdcraft.study.response.published import published_counts
from pdcraft.study.response.rates import BolusRates, bolus_rates
from pdcraft.study.response.virtual import VirtualTrial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pdcraft.study.dosimetry.organ_rows import OrganResult
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import ExternalBeam, Response, StudyFile

__all__ = ["response_stage"]

MARROW = "red_marrow"
APART = 1.15  # ratio of mean marrow doses above which the reader is told


def response_stage(
    study: StudyFile, conjugate: Conjugate, organs: OrganResult | None, ledger: Ledger
) -> None:
    """Run the stage: rows and series of every arm.

    Raises
    ------
    StudyError
        If the dosimetry stage gives no dose rate where one is needed.
    """
    said = study.response
    assert said is not None
    assert conjugate.half_life_h is not None
    if organs is None:
        raise StudyError(
            "response: the dosimetry gives spheres, which have no dose rates of lesions and marrow "
            "in a body; it needs dosimetry.method = 'organs' and a host with a body"
        )
    lesions = [f"lesion:{one.name}" for one in study.lesion]
    regions = [*([MARROW] if said.counts else []), *lesions]
    missing = [r for r in regions if r not in organs.regions]
    if missing:
        raise StudyError(
            f"response: the dosimetry has no dose of {', '.join(missing)}; add it to "
            "dosimetry.regions, and see that the kinetics have its curve or the plasma's"
        )
    rates = bolus_rates(organs, regions, conjugate.half_life_h) if regions else None
    _note(ledger)
    marrow = marrow_model(study, said, ledger) if said.counts else None
    virtual = None
    if marrow is not None and said.patients is not None:
        virtual = VirtualTrial(study, said, marrow, ledger)
    models = [LesionModel(study, said, one, ledger) for one in study.lesion]
    patients = None
    if said.indication is not None:
        patients = patient_model(study, conjugate.name, ledger)
    if marrow is not None and conjugate.name == AGENT and said.patients is None:
        _marrow_dose(said, marrow, organs, ledger)
    for arm, administrations in study.given.items():
        starts, given = activities_MBq(administrations, study.host)
        beam = _beam_of(said, arm)
        if marrow is not None and rates is not None:
            if virtual is not None:
                amounts = [a.amount.value for a in administrations]
                counts = virtual.counts(amounts, starts)
            else:
                counts = marrow.counts(_of_marrow(said, marrow, rates, starts, given))
            count_rows(arm, counts, marrow.values["recovered_share"], said, ledger)
        for model in models:
            assert rates is not None
            model.rows(arm, rates.of_arm(model.region, starts, given), beam)
        if patients is None:
            continue
        if said.external_beam is not None and beam is None:
            text = f"{arm}: no responses, since the link is per Gy of a sum with external beam."
            ledger.warn("no_link", "response", text)
            continue
        patients.rows(arm, starts, given, beam)
    if marrow is not None and conjugate.name == AGENT:
        published_counts(ledger)
    if patients is not None:
        patients.published()


def _beam_of(said: Response, arm: str | None) -> ExternalBeam | None:
    beam = said.external_beam
    if beam is None or (beam.arms is not None and arm not in beam.arms):
        return None
    return beam


def _of_marrow(
    said: Response,
    marrow: MarrowModel,
    rates: BolusRates,
    starts_h: Sequence[float],
    given_MBq: Sequence[float],
) -> DoseRate:
    rate = rates.of_arm(MARROW, starts_h, given_MBq)
    if said.marrow_dose == "study":
        return rate
    fitted_Gy = 1e-3 * marrow.values["clr131_mGy_per_MBq"] * sum(given_MBq)
    return rate.scaled(fitted_Gy / rate.total_Gy)


def _marrow_dose(said: Response, marrow: MarrowModel, organs: OrganResult, ledger: Ledger) -> None:
    """Say which marrow dose the counts rest on, beside that of the marrow model's fit."""
    fitted = float(np.mean(marrow.values["clr131_mGy_per_MBq"]))
    own = float(np.mean(organs.regions[MARROW].mGy_per_MBq))
    ledger.assume(
        Assumption(
            "response.marrow_dose",
            "Counts follow the marrow dose of this study."
            if said.marrow_dose == "study"
            else "Counts follow the marrow dose with which the marrow model was fitted; the course "
            "in time is that of this study.",
            f"{own if said.marrow_dose == 'study' else fitted:.3g} mGy/MBq",
        )
    )
    if said.marrow_dose == "study" and not 1 / APART < own / fitted < APART:
        which = "more" if own > fitted else "less"
        ledger.warn(
            "other_marrow_dose",
            "response",
            f"The marrow's dose here is {own:.2f} mGy/MBq; the marrow model learned its "
            f"radiosensitivity with {fitted:.2f}, so counts fall {which} than its fit has them. "
            "response.marrow_dose = 'as fitted' takes that dose.",
        )


def _note(ledger: Ledger) -> None:
    ledger.assume(
        Assumption(
            "response.dose_rate",
            "Dose rates have the course that table masses give, and in each draw the height that "
            "integrates to its dose. One body: patients differ in their effect, not in this dose.",
            "scaled",
        )
    )
