"""What a study gives: the run's record, and what the report draws from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.notebook import Shown, Table
from pdcraft.core.run import Run

if TYPE_CHECKING:
    from pdcraft.core.body import Body
    from pdcraft.dosimetry.marrow_dose import MarrowDose
    from pdcraft.dosimetry.organ_dose import OrganDose
    from pdcraft.study.recipes.trial import TrialResult

__all__ = ["MeasuredPoints", "StudyResult"]


@dataclass(frozen=True, slots=True)
class MeasuredPoints:
    """Measured values of one region as the fit saw them, in the unit of the region's series.

    Parameters
    ----------
    region : str
    quantity : str
        Key of the series that they belong to.
    times_h, values, errors : ndarray, shape (n,)
        `errors` are standard errors (or standard deviations) as `error_kind` says; NaN if unknown.
    error_kind : str
        For instance ``"SEM"``.
    """

    region: str
    quantity: str
    times_h: Floats
    values: Floats
    errors: Floats
    error_kind: str


@dataclass(frozen=True, slots=True, repr=False)
class StudyResult(Shown):
    """A run with what its report shows.

    Parameters
    ----------
    run : Run
    title : str
        Heading of the report.
    summary : str or None
        The user's own words on top of the report.
    conjugate : Conjugate
    points : tuple of MeasuredPoints
    arms : mapping of str to str
        Name of each arm and its administrations in words.
    inputs : mapping of str to str
        The study's files: name and text.
    body : Body or None
        The body that the doses are of, with its tumors; the report draws it.
    organ_dose : OrganDose or None
        Doses of all targets by source, for the report's charts of a study's organs.
    marrow : tuple of MarrowDose
        Red-marrow doses by several methods, the study's own first; empty without marrow.
    pictures : mapping of str to bytes
        PNG of what a camera sees, by name; empty without optics, or a scene that asks for none.
    trial : TrialResult or None
        What became of the study's ``[trial]``.
    """

    run: Run
    title: str
    summary: str | None
    conjugate: Conjugate
    points: tuple[MeasuredPoints, ...] = ()
    arms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    inputs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: Body | None = None
    organ_dose: OrganDose | None = None
    marrow: tuple[MarrowDose, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    trial: TrialResult | None = None

    def _table(self) -> Table:
        return self.run._table()  # pyright: ignore[reportPrivateUsage]  # of the same mixin
