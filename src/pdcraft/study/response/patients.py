"""Responses of patients to a study's arms, by the indication's link of activity or dose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.quantity import quantity
from pdcraft.core.run import Assumption, Origin, Series
from pdcraft.errors import StudyError
from pdcraft.response.patient_evidence import response_items
from pdcraft.response.patient_link import Link, fitted_link
from pdcraft.response.patient_outcomes import resampled
from pdcraft.response.patient_simulate import Regimen, best_responses, marker_course, regimen_of

if TYPE_CHECKING:
    from pdcraft.core.arrays import Floats
    from pdcraft.response.patient_draws import PatientDraws
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import ExternalBeam, StudyFile

__all__ = ["AGENT", "PatientModel", "patient_model"]

AGENT = "CLR 131"  # whose trials the links are fitted on
MBq_PER_GBq = 1000.0
HOURS_PER_DAY = 24.0
WEEK_d = 7.0
CHUNK = 100  # draws at a time
LIMITS = (0.025, 0.975)
FILE = "tables/tumor_marker.csv"


class PatientModel:
    """Patients of one indication in the study's draws, weighed by that indication's trial."""

    def __init__(self, study: StudyFile, link: Link, ledger: Ledger) -> None:
        self.link, self.ledger = link, ledger
        self.who: PatientDraws = resampled(link, study.draws, study.seed)
        ledger.inputs["response.link_to_effect"] = self.who.link_median
        ledger.inputs["response.disease_growth"] = self.who.growth_per_d.mean(axis=1)
        ledger.inputs["response.effective_half_life_in_disease"] = self.who.effective_half_life_h[
            :, 0
        ]
        self.sources = ledger.cite((link.item.citation,))
        k, n = link.item.counts
        unit = "GBq" if self.who.lesion_Gy_per_GBq is None else "Gy of the prescribed sum"
        ledger.assume(
            Assumption(
                "response.link",
                f"Responses of {link.who.indication} go by the effect per {unit}, not by the doses "
                f"computed above. Its prior is assumed; one trial weighs it ({k} of {n} with "
                f"{link.item.outcome} or better; {link.item.activity or 'activity as published'}). "
                f"One marker ({self.who.rules.marker}) stands for the criteria "
                f"({self.who.rules.name}): no new lesions, no symptoms.",
                f"{link.effective_draws:.0f} of {link.weight.size} draws carry the weight",
                self.sources,
            )
        )

    def rows(
        self,
        arm: str | None,
        starts_h: Sequence[float],
        given_MBq: Sequence[float],
        beam: ExternalBeam | None,
    ) -> None:
        """Add rows and the marker's course of one arm."""
        regimen = _regimen(starts_h, given_MBq, beam, arm, self.ledger)
        codes = best_responses(self.who, regimen)
        names = self.who.rules.categories
        trained = regimen == regimen_of(self.link.item)
        origin: Origin = "fitted" if trained else "predicted"
        how = "trial that fitted the link" if trained else "predicted from another trial"
        for code, name in enumerate(names):
            if name in ("PD", "SD"):
                continue
            self.ledger.number(
                "response",
                "response_probability",
                (codes >= code).mean(axis=1),
                origin=origin,
                region=_words(name, names),
                arm=arm,
                sources=self.sources,
                flags=(f"{self.who.rules.name}; {how}",),
            )
        self._course(arm, regimen)

    def published(self) -> None:
        """Add the counts of this indication's trials, each as its own arm."""
        names = self.who.rules.categories
        for item in response_items():
            used = item.use in ("fit", "predict") and item.month is None
            if item.indication != self.link.who.indication or not used:
                continue
            k, n = item.counts
            fit = "fitted to" if item.use == "fit" else "not fitted to"
            self.ledger.number(
                "response",
                "response_probability",
                float(f"{k / n:.4g}"),
                origin="published",
                region=_words(item.outcome, names),
                arm=f"trial {item.id}",
                sources=self.ledger.cite((item.citation,)),
                flags=tuple(t for t in (f"{k} of {n}", fit, item.activity) if t),
            )

    def _course(self, arm: str | None, regimen: Regimen) -> None:
        days = np.arange(0.0, float(self.who.assessed_d[-1]) + WEEK_d / 2, WEEK_d)
        middle, low, high = [], [], []
        for first in range(0, self.who.draws, CHUNK):
            marker = marker_course(self.who.taken(slice(first, first + CHUNK)), regimen, days)
            relative = marker / marker[..., :1]
            parts = np.quantile(relative, (LIMITS[0], 0.5, LIMITS[1]), axis=1)
            low.append(parts[0])
            middle.append(parts[1])
            high.append(parts[2])

        def mean(parts: list[Floats]) -> Floats:
            return np.concatenate(parts).mean(axis=0)

        self.ledger.series.append(
            Series(
                stage="response",
                quantity=quantity("tumor_marker"),
                subject=self.ledger.subject(self.who.rules.marker, arm),
                file=FILE,
                times_h=HOURS_PER_DAY * days,
                value=np.median(np.concatenate(middle), axis=0),
                low=mean(low),
                high=mean(high),
            )
        )


def patient_model(study: StudyFile, agent: str, ledger: Ledger) -> PatientModel:
    """Draw the patients of the study's indication.

    Raises
    ------
    StudyError
        For another agent than the one whose trials fitted the link.
    """
    assert study.response is not None
    assert study.response.indication is not None
    if agent != AGENT:
        raise StudyError(
            f"response.indication: responses were only seen with {AGENT}, not with {agent}; leave "
            "the indication out, or give it to the lesions for BED and control"
        )
    return PatientModel(study, fitted_link(study.response.indication), ledger)


def _words(category: str, names: tuple[str, ...]) -> str:
    return f"response:{category}" if category == names[-1] else f"response:{category} or better"


def _regimen(
    starts_h: Sequence[float],
    given_MBq: Sequence[float],
    beam: ExternalBeam | None,
    arm: str | None,
    ledger: Ledger,
) -> Regimen:
    total = sum(given_MBq) / MBq_PER_GBq
    if max(given_MBq) > 1.01 * min(given_MBq):
        where = f" ({arm})" if arm else ""
        ledger.warn(
            "unequal_parts",
            "response",
            f"Responses of patients{where} take the activity in equal parts.",
        )
    at_d = tuple(s / HOURS_PER_DAY for s in starts_h)
    low, high = (None, None) if beam is None else (beam.total[0], beam.total[-1])
    return Regimen(total, total, at_d, low, high)
