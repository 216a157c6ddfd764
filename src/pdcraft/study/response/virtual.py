"""Blood counts of virtual patients, each with an own body, kinetics, dose and baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.run import Assumption
from pdcraft.study.response.counts import ArmCounts, MarrowModel

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import Response, StudyFile

__all__ = ["VirtualTrial"]

HOURS_PER_DAY = 24.0
MEDIAN = "median of the patients; limits of what is not known"


class VirtualTrial:
    """The same patients in every arm."""

    def __init__(
        self, study: StudyFile, said: Response, model: MarrowModel, ledger: Ledger
    ) -> None:
        from pdcraft.response.population.patients import virtual_patients

        assert said.patients is not None
        self.study, self.model = study, model
        self.made = virtual_patients(said.subjects, said.patients, seed=study.seed)
        ledger.assume(
            Assumption(
                "response.patients",
                "Virtual patients with their own body, kinetics, marrow dose and baseline counts; "
                "the dose rates of the study's body are not used for counts. "
                f"{'; '.join(self.made.assumptions)}.",
                f"{said.subjects} of '{said.patients}'; {self.made.rejected_share:.0%} of the "
                "proposals rejected",
                ledger.cite(self.made.citations),
            )
        )

    def counts(self, MBq_per_m2: Sequence[float], starts_h: Sequence[float]) -> ArmCounts:
        """Simulate counts of an arm; the typical patient's are medians over the patients."""
        from pdcraft.study.recipes.population import Regimen, simulate_population

        run = simulate_population(
            self.made.cohort,
            Regimen(tuple(MBq_per_m2), tuple(s / HOURS_PER_DAY for s in starts_h)),
            draws=self.study.draws,
            seed=self.study.seed,
            marrow=self.model.values,
            time_d=self.model.time_d,
            shown=len(self.made.cohort.subjects),
        )
        counts = run.curves_1e9_per_L
        return ArmCounts(run.time_d, np.median(counts, axis=1), counts, MEDIAN)
