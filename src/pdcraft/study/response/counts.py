"""Blood counts of a study's arms: nadir, its day, recovery, grades, and counts against time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.core.quantity import quantity
from pdcraft.core.run import Assumption, Series
from pdcraft.response.ctcae import grade
from pdcraft.response.marrow.observation import nadir_and_recovery
from pdcraft.response.marrow.parameters import LINEAGES
from pdcraft.response.marrow.target import MOST_RECOVERED

if TYPE_CHECKING:
    from pdcraft.core.estimate import Spread
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import Response, StudyFile

__all__ = ["ArmCounts", "MarrowModel", "count_rows", "marrow_model"]

LIMITS = (0.025, 0.975)
HOURS_PER_DAY = 24.0
LATE_SHARE = 0.05  # of the draws without recovery within the curve, above which it is said
FILE, FILE_PATIENTS = "tables/blood_count.csv", "tables/blood_count_of_patients.csv"
OF_OTHERS = ("cht25_mGy_per_MBq", "cc49_mGy_per_MBq", "antibody_half_life_h")
WORDS = {
    "radiosensitivity_per_Gy": "radiosensitivity",
    "transit_d": "transit_time",
    "baseline_1e9_per_L": "baseline",
    "stem_per_d": "marrow_stem_cell_rate",
    "stem_share": "marrow_stem_cell_share",
    "pretreatment": "pretreated_marrow",
    "between_log_sd": "spread_of_marrow_effect",
    "recovered_share": "share_that_counts_as_recovered",
}
FITTED = "marrow model fitted to published counts"
TYPICAL = "typical patient; limits of what is not known"
PATIENTS = "patients of a typical draw; what is not known is not in these limits"


@dataclass(frozen=True, slots=True, eq=False)
class ArmCounts:
    """Counts of an arm, 10^9/L.

    Parameters
    ----------
    time_d : ndarray, shape (days,)
        0, 1, 2 ...
    typical : ndarray, shape (draw, lineage, days)
        Of the patient who is typical in `typical_is`.
    patients : ndarray, shape (draw, subject, lineage, days)
    """

    time_d: Floats
    typical: Floats
    patients: Floats
    typical_is: str = TYPICAL


@dataclass(frozen=True, slots=True, eq=False)
class MarrowModel:
    """The marrow model's draws in a study."""

    values: dict[str, Floats]
    time_d: Floats
    draws: int
    subjects: int
    pretreated: bool
    seed: int

    def counts(self, rate: DoseRate) -> ArmCounts:
        """Simulate counts under a dose rate of shape (draws,).

        The dose rate is that of the study's one body, so patients keep the model's whole spread of
        effect, which holds that of dose per activity.
        """
        from pdcraft.response.marrow.draws import marrow_draws
        from pdcraft.response.marrow.simulate import simulate_counts

        shipped = marrow_draws()
        time_h, curve = rate.samples
        per_draw = DoseRate.sampled(time_h, curve[:, None, :])
        baseline = np.stack([self.values[f"baseline_1e9_per_L:{one}"] for one in LINEAGES], axis=-1)
        typical = shipped.parameters(
            self.draws,
            1,
            seed=self.seed,
            pretreated=self.pretreated,
            baseline_1e9_per_L=baseline[:, None],
            effect_log_sd=0.0,
        )
        several = shipped.parameters(
            self.draws, self.subjects, seed=self.seed, pretreated=self.pretreated
        )
        return ArmCounts(
            self.time_d,
            simulate_counts(typical, per_draw, self.time_d)[:, 0],
            simulate_counts(several, per_draw, self.time_d),
        )


def marrow_model(study: StudyFile, said: Response, ledger: Ledger) -> MarrowModel:
    """Draw the marrow model's parameters, and note them with what they assume."""
    from pdcraft.response.marrow.draws import marrow_draws
    from pdcraft.response.marrow.evidence import marrow_evidence

    shipped = marrow_draws()
    values = shipped.averaged(study.draws, seed=study.seed)
    factor = said.pretreated or said.patients is not None
    unused = {*OF_OTHERS, *(() if factor else ("pretreatment",))}
    for key, drawn in values.items():
        if key in unused or key.startswith("clr131"):
            continue
        name, _, lineage = key.partition(":")
        words = WORDS.get(name, name)
        ledger.inputs[f"response.{lineage}_{words}" if lineage else f"response.{words}"] = drawn
    sources = ledger.cite(item.citation for item in marrow_evidence() if item.use == "fit")
    weight = shipped.weight()
    ledger.assume(
        Assumption(
            "response.marrow_model",
            "Counts after chains of maturing cells that the marrow's dose rate kills, two forms "
            "in proportion to their evidence; fitted to nadirs after two labeled antibodies and "
            "a report of CLR 131, where the product of dose and radiosensitivity is learned.",
            f"one chain {weight['chain']:.0%}, with stem cells {weight['stem']:.0%}",
            sources,
        )
    )
    if said.patients is None:
        _note_marrow(said, ledger)
    text = "Grades of low counts after the Common Terminology Criteria for Adverse Events."
    ledger.assume(Assumption("response.ctcae", text, said.ctcae))
    ledger.assume(
        Assumption(
            "response.support",
            "No transfusion and no growth factor; counts are those in blood on every day, not as "
            "sampled once a week.",
            "none",
        )
    )
    days = np.arange(np.floor(said.until / HOURS_PER_DAY) + 1.0)
    return MarrowModel(values, days, study.draws, said.subjects, said.pretreated, study.seed)


def _note_marrow(said: Response, ledger: Ledger) -> None:
    ledger.assume(
        Assumption(
            "response.pretreated",
            "Marrow treated before or with tumor in it answers more strongly by the model's factor."
            if said.pretreated
            else "Marrow is neither treated heavily before nor infiltrated by tumor.",
            "yes" if said.pretreated else "no",
        )
    )


def count_rows(
    arm: str | None, counts: ArmCounts, recovered_share: Floats, said: Response, ledger: Ledger
) -> None:
    """Add rows and series of one arm.

    Parameters
    ----------
    arm : str or None
    counts : ArmCounts
    recovered_share : ndarray, shape (draw,)
        Of the way from nadir to baseline, at which a count has recovered.
    said : Response
    ledger : Ledger
    """
    for i, lineage in enumerate(LINEAGES):
        typical, patients = counts.typical[:, i], counts.patients[:, :, i]
        nadir = patients.min(axis=-1)

        def row(
            kind: str, values: Floats, *flags: str, of: Spread = "knowledge", cells: str = lineage
        ) -> None:
            ledger.number(
                "response",
                kind,
                values,
                origin="computed",
                region=cells,
                arm=arm,
                spread=of,
                flags=(FITTED, *flags),
                inputs={} if of == "population" else None,
            )

        relative = (typical / typical[:, :1]).T
        day, recovery = nadir_and_recovery(relative, np.minimum(recovered_share, MOST_RECOVERED))
        row("blood_count_nadir", typical.min(axis=-1), counts.typical_is)
        between = np.sort(nadir, axis=1).mean(axis=0)
        row("blood_count_nadir_of_patients", between, PATIENTS, of="population")
        row("nadir_day", day, counts.typical_is)
        late = float((recovery + day >= counts.time_d[-1]).mean())
        if late > LATE_SHARE:
            ledger.warn(
                "no_recovery",
                "response",
                f"{lineage.capitalize()}: in some draws of an arm (more than {LATE_SHARE:.0%}) the "
                f"typical patient has not recovered by day {counts.time_d[-1]:g}, which counts as "
                "the end of its recovery.",
            )
        row("recovery_days", recovery, counts.typical_is)
        grades = grade(lineage, nadir, said.ctcae)
        for least in (3, 4):
            share = (grades >= least).mean(axis=1)
            row(f"grade_{least}_probability", share, f"CTCAE {said.ctcae}; share of the patients")
        _series(lineage, arm, counts.time_d, typical, patients, ledger)


def _series(
    lineage: str,
    arm: str | None,
    time_d: Floats,
    typical: Floats,
    patients: Floats,
    ledger: Ledger,
) -> None:
    between = np.quantile(patients, (LIMITS[0], 0.5, LIMITS[1]), axis=1).mean(axis=1)
    known = np.quantile(typical, LIMITS, axis=0)
    middle = np.median(typical, axis=0)
    for kind, file, value, low, high in (
        ("blood_count", FILE, middle, known[0], known[1]),
        ("blood_count_of_patients", FILE_PATIENTS, between[1], between[0], between[2]),
    ):
        ledger.series.append(
            Series(
                stage="response",
                quantity=quantity(kind),
                subject=ledger.subject(lineage, arm),
                file=file,
                times_h=HOURS_PER_DAY * time_d,
                value=value,
                low=low,
                high=high,
            )
        )
