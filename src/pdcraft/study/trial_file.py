"""What TRIAL.toml may say: the pydantic model of ``pdcraft.trial/1``, the trial part of a study."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.io.fields import Hours, Surface, Table, unit_field
from pdcraft.study.model import Administration

__all__ = [
    "Design",
    "Dlt",
    "Dosing",
    "EstimandTable",
    "Events",
    "Level",
    "Patients",
    "Phase2",
    "ScenarioTable",
    "SupportTable",
    "Trial",
    "TrialFile",
    "TrialPlace",
    "VisitTable",
]

Share = Annotated[float, Field(ge=0, le=1)]
Open = Annotated[float, Field(gt=0, lt=1)]
Activity = Annotated[float, unit_field("activity"), Field(gt=0)]
PerMonth = Annotated[float, Field(ge=0, le=100)]
Text = Annotated[str, Field(min_length=1)]


class Design(Table):
    """One design that the trial is tried with."""

    method: Literal["3+3", "boin", "tite-boin", "keyboard", "mtpi2", "i3+3", "table", "crm"]
    variant: Literal["simple", "confirm"] | None = None
    p_saf: Open | None = None
    p_tox: Open | None = None
    epsilon1: Open | None = None
    epsilon2: Open | None = None
    cutoff: Open | None = None
    extra_safe: bool | None = None
    table: str | None = None
    skeleton: Annotated[tuple[Open, ...] | None, Field(strict=False)] = None
    halfwidth: Open | None = None
    prior_mtd: Annotated[int, Field(ge=1)] | None = None


class ScenarioTable(Table):
    """True rates of a fixed scenario."""

    name: Text
    true_rate: Annotated[tuple[Share, ...], Field(strict=False, min_length=1)]
    seen: Share = 1.0
    late: Share = 0.5


class Patients(Table):
    """Patients made by the chain.

    `n` patients are computed in each of `draws` draws; trials take theirs from these. `without`
    names a study that the marrow model's draws must not have seen.
    """

    population: Text
    n: Annotated[int, Field(ge=20, le=100_000)] = 400
    draws: Annotated[int, Field(ge=2, le=400)] = 25
    tumor_in_marrow: Literal["effect", "dose"] = "effect"
    without: str | None = None


class Level(Table):
    """One dose level: a regimen that a source states."""

    name: Text
    source: Text
    administration: Annotated[tuple[Administration, ...], Field(strict=False, min_length=1)]


class Dosing(Table):
    """Caps and rounding of what is given."""

    surface_cap: Surface | None = None
    cap: Activity | None = None
    step: Activity | None = None


class Dlt(Table):
    """What counts as dose-limiting, and who can be judged."""

    expression: Text
    window: Hours
    origin: Literal["published", "assumed"] = "assumed"
    source: str = ""
    least_followed: Share = 1.0
    replace: bool = True
    windows: Annotated[tuple[Hours, ...], Field(strict=False)] = ()


class VisitTable(Table):
    """When counts are taken; all days whole."""

    every: Hours = 168.0
    until: Hours = 2016.0
    early_or_late: Hours = 24.0
    assay_log_sd: Annotated[float, Field(ge=0, le=2)] | None = None


class Events(Table):
    """Rates of what ends a patient's follow-up, and what follows progression; assumed rates."""

    dropout_per_month: PerMonth = 0.0
    progression_per_month: PerMonth = 0.0
    death_per_month: PerMonth = 0.0
    new_therapy_after: Hours | None = None
    stem_cell_rescue: str | None = None
    withhold: str | None = None


class SupportTable(Table):
    """Transfusion or G-CSF: counts 10^9 per liter."""

    lineage: Literal["platelets", "neutrophils"]
    below: Annotated[float, Field(ge=0)]
    raises: Annotated[float, Field(ge=0)]
    half_life: Hours


class EstimandTable(Table):
    """The estimand of one endpoint, after ICH E9(R1)."""

    endpoint: Text
    population: str
    treatment: str
    variable: str
    summary: str
    strategies: dict[str, str]


class Phase2(Table):
    """A single-arm trial of response after Simon, with patients made by the chain."""

    indication: Text
    source: Text
    activity_low: Activity
    activity_high: Activity
    at: Annotated[tuple[Hours, ...], Field(strict=False, min_length=1)]
    response: Text = "PR"
    p0: Open
    p1: Open
    alpha: Open = 0.05
    beta: Open = 0.2
    kind: Literal["optimal", "minimax"] = "optimal"
    assess_every: Hours = 672.0
    first_assessment: Hours = 672.0
    draws: Annotated[int, Field(ge=2, le=400)] = 100

    @model_validator(mode="after")
    def _ordered(self) -> Phase2:
        if not self.p0 < self.p1:
            raise PydanticCustomError(
                "agent",
                "p0 = {p0} must lie below p1 = {p1}",
                {"p0": self.p0, "p1": self.p1, "hint": "p0 is no use, p1 is worth it"},
            )
        if self.activity_high < self.activity_low:
            raise PydanticCustomError(
                "agent", "activity_high lies below activity_low", {"hint": "swap them"}
            )
        return self


class Trial(Table):
    """The trial."""

    title: str | None = None
    target: Open | None = None
    trials: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    doses: Annotated[int, Field(ge=1, le=30)] | None = None
    start: Annotated[int, Field(ge=1)] = 1
    cohort: Annotated[int, Field(ge=1)] = 3
    max_n: Annotated[int, Field(ge=1, le=1000)] = 30
    accrual_per_month: Annotated[float, Field(gt=0)] | None = None
    design: Annotated[tuple[Design, ...], Field(strict=False)] = ()
    scenario: Annotated[tuple[ScenarioTable, ...], Field(strict=False)] = ()
    patients: Patients | None = None
    level: Annotated[tuple[Level, ...], Field(strict=False)] = ()
    dosing: Dosing = Dosing()
    dlt: Dlt | None = None
    visits: VisitTable = VisitTable()
    events: Events = Events()
    support: Annotated[tuple[SupportTable, ...], Field(strict=False)] = ()
    estimand: Annotated[tuple[EstimandTable, ...], Field(strict=False)] = ()
    phase2: Phase2 | None = None

    @property
    def wanted_rate(self) -> float:
        """Target of the designs; a file with designs states it."""
        assert self.target is not None  # asked when the file was read
        return self.target


class TrialPlace(Table):
    """The ``[trial]`` of a study that names the trial's file instead of holding the table."""

    file: Text


class TrialFile(Table):
    """A whole file."""

    schema_: Annotated[Literal["pdcraft.trial/1"], Field(alias="schema")]
    name: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    seed: Annotated[int, Field(ge=0)] = 1
    trial: Trial
