"""Time courses within a study, and what they integrate to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Origin
from pdcraft.core.timecourse import TimeCourse

__all__ = ["Curves", "LeftOut", "RegionTiac", "tiac_of", "with_regions"]


@dataclass(frozen=True, slots=True)
class RegionTiac:
    """Time-integrated activity coefficient of a region, in draws of the typical value.

    Parameters
    ----------
    amount : str
        Key of the kind of amount that was integrated: per organ, per g or per mL.
    draws : ndarray, shape (draw,)
        h, h/g or h/mL.
    origin : {"computed", "fitted"}
        From parameters, or fitted to data.
    flags : tuple of str
    """

    amount: str
    draws: Floats
    origin: Origin
    flags: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Key of the coefficient's own quantity."""
        return self.amount.replace("amount_fraction", "time_integrated_activity_coefficient")

    def in_organ_h(self, mass_g: float | Floats) -> Floats:
        """Coefficient of the whole region, h; 1 mL counts as 1 g."""
        return self.draws if self.amount == "amount_fraction" else self.draws * mass_g


@dataclass(frozen=True, slots=True)
class Curves:
    """Time courses without physical decay, what they integrate to, and how far they were seen.

    `fitted` regions have published doses that the draws were fitted to. `excretion` holds the flows
    of "urine" and "bile", per h without decay, as sums of exponentials: coefficients and rates,
    each of shape (draw, term).
    """

    courses: tuple[TimeCourse, ...]
    tiac: Mapping[str, RegionTiac]
    measured_to_h: float
    fitted: frozenset[str] = frozenset()
    left_out: tuple[LeftOut, ...] = ()
    excretion: Mapping[str, tuple[Floats, Floats]] = field(
        default_factory=dict[str, tuple[Floats, Floats]]
    )

    def origin(self, region: str) -> Origin:
        """Whether a region's dose is computed, or its kinetics were fitted to a published one."""
        return "fitted" if region in self.fitted else "computed"

    def course(self, region: str) -> TimeCourse | None:
        """Find the course that holds a region."""
        return next((course for course in self.courses if region in course.regions), None)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Curves from draws that never saw some published subjects.

    Parameters
    ----------
    subjects : str
    curves : Curves
    regions : tuple of str
        Where a published figure of these subjects stands beside them.
    """

    subjects: str
    curves: Curves
    regions: tuple[str, ...]


def tiac_of(
    courses: Sequence[TimeCourse], half_life_h: float, fitted: frozenset[str] = frozenset()
) -> dict[str, RegionTiac]:
    """Integrate courses with decay, over all time; of regions in `fitted` the origin says so."""
    out: dict[str, RegionTiac] = {}
    for course in courses:
        total = course.activity(half_life_h).integral().spread_values("knowledge")
        for i, region in enumerate(course.regions):
            origin: Origin = "fitted" if region in fitted else "computed"
            out[region] = RegionTiac(course.quantity.key, total[:, i], origin)
    return out


def with_regions(course: TimeCourse, names: Callable[[str], Sequence[str]]) -> TimeCourse:
    """Return a course of exponentials whose regions go by other names: none, one, or several."""
    taken = [(i, name) for i, region in enumerate(course.regions) for name in names(region)]
    take = [i for i, _ in taken]
    assert course.coefficients is not None
    assert course.rates_per_h is not None
    return TimeCourse(
        tuple(name for _, name in taken),
        course.quantity,
        course.draws,
        coefficients=course.coefficients[:, :, take],
        rates_per_h=course.rates_per_h[:, :, take],
    )
