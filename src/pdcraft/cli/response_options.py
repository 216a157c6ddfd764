"""Options of ``pdcraft response`` and what they make: tissue, dose rate, fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pdcraft.core.arrays import Floats
    from pdcraft.core.dose_rate import DoseRate
    from pdcraft.data.indications import Indication, Prior
    from pdcraft.response.external_beam import Fractions
    from pdcraft.response.sensitivity import Sensitivity

__all__ = [
    "AlphaBetaOption",
    "AlphaOption",
    "AtOption",
    "CompleteOption",
    "DoseOption",
    "DoublingOption",
    "DrawsOption",
    "FirstFractionOption",
    "FractionDoseOption",
    "FractionsOption",
    "HalfLifeOption",
    "IndicationOption",
    "Irradiation",
    "KickOffOption",
    "PerWeekOption",
    "RateOption",
    "RepairOption",
    "RepairShareOption",
    "RepairSlowOption",
    "Tissue",
    "UntilOption",
    "UptakeOption",
    "curve_times",
    "days",
    "gray",
    "hours",
    "tissue_of",
]

HOURS = 24.0
MOST_STEPS = 100_000  # of a curve, in its document
MOST_FRACTIONS = 1000

DoseOption = Annotated[
    str | None,
    typer.Option("--dose", help='Absorbed dose of the radionuclide in all, "20 Gy".'),
]
HalfLifeOption = Annotated[
    str | None, typer.Option("--half-life", help='Its effective half-life, "156 h".')
]
UptakeOption = Annotated[
    str | None, typer.Option("--uptake-half-life", help='Half-life of its uptake, "6 h"; or none.')
]
AtOption = Annotated[
    list[str] | None,
    typer.Option("--at", help='Administrations of equal dose, "0 d", "7 d"; repeat the option.'),
]
RateOption = Annotated[
    Path | None, typer.Option("--rate", help="Instead: a dose rate, CSV time_h,Gy_per_h.")
]
AlphaOption = Annotated[float | None, typer.Option("--alpha", help="Radiosensitivity alpha, 1/Gy.")]
AlphaBetaOption = Annotated[str | None, typer.Option("--alpha-beta", help='"10 Gy".')]
RepairOption = Annotated[str | None, typer.Option("--repair", help='Repair half-life, "1.5 h".')]
RepairSlowOption = Annotated[
    str | None, typer.Option("--repair-slow", help="Second half-life of bi-exponential repair.")
]
RepairShareOption = Annotated[
    float | None, typer.Option("--repair-share", help="Share of the first of two, 0 to 1.")
]
DoublingOption = Annotated[
    str | None, typer.Option("--doubling", help='Clonogen doubling time, "3.5 d"; none if absent.')
]
KickOffOption = Annotated[
    str | None, typer.Option("--kick-off", help='Start of repopulation, "19 d".')
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="What comes later does not count.")
]
FractionsOption = Annotated[
    int | None,
    typer.Option("--fractions", help="External beam: number of fractions.", max=MOST_FRACTIONS),
]
FractionDoseOption = Annotated[str, typer.Option("--fraction-dose", help="Dose per fraction.")]
FirstFractionOption = Annotated[
    str, typer.Option("--first-fraction", help="Day of the first fraction.")
]
PerWeekOption = Annotated[int, typer.Option("--per-week", help="Fractions a week.")]
CompleteOption = Annotated[
    str | None,
    typer.Option("--complete-to", help='External beam up to this sum of doses, "64 Gy".'),
]
IndicationOption = Annotated[
    str | None,
    typer.Option("--indication", help="Parameters not given: its medians; pdcraft indications."),
]
DrawsOption = Annotated[
    int, typer.Option("--draws", help="Draws of the indication's parameters.", min=0)
]


def hours(text: str | None) -> float | None:
    """Read a time, h."""
    from pdcraft.io.units import parse

    return None if text is None else parse(text, "time")


def days(text: str | None) -> float | None:
    """Read a time, d."""
    value = hours(text)
    return None if value is None else value / HOURS


def gray(text: str | None) -> float | None:
    """Read an absorbed dose, Gy."""
    from pdcraft.io.units import parse

    return None if text is None else parse(text, "absorbed_dose")


def curve_times(end: float, step: float, unit: str) -> Floats:
    """Return the times of a curve from zero to its end, or half a step beyond.

    Raises
    ------
    PhysicsRangeError
        If no step fits, or more than `MOST_STEPS`.
    """
    import numpy as np

    from pdcraft.errors import PhysicsRangeError

    if not 0 < step <= end or end / step > MOST_STEPS:
        raise PhysicsRangeError(
            f"curve to {end:g} {unit} in steps of {step:g} {unit}: 1 to {MOST_STEPS:,} steps fit"
        )
    return np.arange(0.0, end + 0.5 * step, step)


@dataclass
class Tissue:
    """Parameters of a tissue, from options or an indication's medians."""

    alpha: float | None
    alpha_beta: str | None
    repair: str | None
    repair_slow: str | None = None
    repair_share: float | None = None
    doubling: str | None = None
    kick_off: str | None = None
    indication: str | None = None
    draws: int = 0
    seed: int = 1
    assumed: list[str] = field(default_factory=list[str])
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    priors: dict[str, Prior] = field(default_factory=dict[str, "Prior"])

    def _value(self, name: str, given: float | None, entity: Indication | None) -> float | None:
        if given is not None or entity is None:
            self.parameters[name] = given
            return given
        return self.of_indication(name, entity)

    def of_indication(self, name: str, entity: Indication) -> float:
        """Take an indication's median, say where it comes from, keep its distribution."""
        prior = entity.priors[name]
        note = f"{name} {prior.value:g} {prior.unit} ({prior.low:g} to {prior.high:g})"
        self.assumed.append(f"{note}, {prior.origin}, of {entity.title}: {prior.text}")
        self.parameters[name] = prior.value
        self.priors[name] = prior
        return prior.value

    def drawn_values(self) -> dict[str, Any]:
        """Parameters with those of the indication in draws, shape (draws,), by their order."""
        from numpy.random import default_rng

        rng = default_rng(self.seed)
        drawn = {n: p.at(rng.standard_normal(self.draws)) for n, p in self.priors.items()}
        return self.parameters | drawn

    def sensitivity(self, *, needs_alpha: bool) -> Sensitivity:
        """Make the linear-quadratic parameters.

        Raises
        ------
        DataError
            For what is missing.
        """
        from pdcraft.data.indications import indication
        from pdcraft.errors import DataError

        entity = indication(self.indication) if self.indication else None
        if entity is None and self.draws:
            raise DataError("--draws draws an indication's parameters; give an --indication")
        self.parameters["indication"] = entity.name if entity else None
        alpha = self._value("alpha_per_Gy", self.alpha, entity)
        ratio = self._value("alpha_beta_Gy", gray(self.alpha_beta), entity)
        repair_h = self._value("repair_half_life_h", hours(self.repair), entity)
        doubling = self._value("doubling_time_d", days(self.doubling), entity)
        self._value("kick_off_d", days(self.kick_off), entity)
        slow = hours(self.repair_slow)
        self.parameters |= {"repair_slow_half_life_h": slow, "repair_share": self.repair_share}
        if ratio is None or repair_h is None:
            raise DataError("give --alpha-beta and --repair, or an --indication")
        if alpha is None and (needs_alpha or doubling is not None):
            raise DataError("--alpha is needed for survival and repopulation, or an --indication")
        if slow is None and self.repair_share is not None:
            raise DataError("--repair-share divides two half-lives; give --repair-slow as well")
        return tissue_of(self.parameters)


def tissue_of(values: Mapping[str, Any]) -> Sensitivity:
    """Linear-quadratic parameters from numbers or draws by their names."""
    from numpy import inf

    from pdcraft.response.sensitivity import Repair, Sensitivity

    slow, alpha = values["repair_slow_half_life_h"], values["alpha_per_Gy"]
    doubling, kick_off = values["doubling_time_d"], values["kick_off_d"]
    half_lives = [values["repair_half_life_h"]] + ([] if slow is None else [slow])
    return Sensitivity.of(
        1.0 if alpha is None else alpha,
        values["alpha_beta_Gy"],
        Repair.of(*half_lives, share=values["repair_share"]),
        inf if doubling is None else doubling,
        0.0 if kick_off is None else kick_off,
    )


@dataclass
class Irradiation:
    """Dose rate and fractions, from options."""

    dose: str | None
    half_life: str | None
    uptake_half_life: str | None
    at: list[str] | None
    rate: Path | None
    fractions: int | None
    fraction_dose: str
    first_fraction: str
    per_week: int
    complete_to: str | None
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])

    def make(self) -> tuple[DoseRate | None, Fractions | None]:
        """Make the dose rate and the fractions.

        Raises
        ------
        DataError
            For options that contradict each other or are missing.
        """
        from pdcraft.errors import DataError

        rate = self._rate()
        beam = self._beam(rate)
        if rate is None and beam is None:
            raise DataError("no irradiation: give --dose with --half-life, --rate, or --fractions")
        return rate, beam

    def _rate(self) -> DoseRate | None:
        import numpy as np

        from pdcraft.core.dose_rate import DoseRate
        from pdcraft.errors import DataError
        from pdcraft.io.dose_tables import read_dose_rate
        from pdcraft.physics.linear_quadratic import check_dose

        dose, life = gray(self.dose), hours(self.half_life)
        rise = hours(self.uptake_half_life)
        starts = [hours(text) or 0.0 for text in self.at or ["0 h"]]
        self.parameters |= {
            "dose_Gy": dose,
            "effective_half_life_h": life,
            "uptake_half_life_h": rise,
            "at_h": starts,
            "rate": self.rate.name if self.rate else None,
        }
        if self.rate is not None:
            if dose is not None or life is not None or rise is not None or self.at:
                raise DataError("--rate holds the dose rate; leave out --dose and its half-lives")
            return read_dose_rate(self.rate)
        if dose is None and life is None:
            return None
        if dose is None or life is None:
            raise DataError("a radionuclide needs both --dose and --half-life")
        check_dose(dose)
        if not life > 0 or (rise is not None and not 0 < rise < life):
            raise DataError(
                f"half-lives of {life:g} h and uptake of {rise} h: both above 0 h, uptake the "
                "shorter"
            )
        terms = [life] if rise is None else [life, rise]
        loss = np.log(2.0) / np.array(terms)
        shape = np.array([1.0, -1.0])[: len(terms)]
        amplitude = dose / len(starts) * shape / (shape / loss).sum()
        return DoseRate.of_terms(amplitude, loss, starts)

    def _beam(self, rate: DoseRate | None) -> Fractions | None:
        from pdcraft.errors import DataError
        from pdcraft.response.external_beam import (
            Fractions,
            completing_fractions,
            treatment_days,
        )

        fraction, first = gray(self.fraction_dose), days(self.first_fraction)
        total = gray(self.complete_to)
        self.parameters |= {
            "fractions": self.fractions,
            "fraction_dose_Gy": fraction,
            "first_fraction_d": first,
            "fractions_per_week": self.per_week,
            "complete_to_Gy": total,
        }
        if fraction is None or first is None:
            raise DataError("fractions need a dose and a first day")
        if self.fractions is not None and total is not None:
            raise DataError("give --fractions or --complete-to, not both")
        if total is not None:
            given = 0.0 if rate is None else rate.total_Gy
            return completing_fractions(
                total, given, fraction_Gy=fraction, first_d=first, per_week=self.per_week
            )
        if self.fractions is None:
            return None
        return Fractions.of(fraction, treatment_days(self.fractions, first, self.per_week))
