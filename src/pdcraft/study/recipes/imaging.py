r"""From the carrier's kinetics to the dye in a scene's regions, and to what the scene shows.

A gram of tissue that holds the fraction :math:`f` of :math:`n` nmol has :math:`10^3\,f\,n\,\rho`
nM at density :math:`\rho` in g/mL; a milliliter of plasma :math:`10^3\,f\,n`. An infusion over
:math:`D` averages the curve over the times since its parts were given. Blood holds plasma by
one less the hematocrit: the carrier is taken to stay out of blood cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError, StudyError, did_you_mean
from pdcraft.numerics.inputs import stream
from pdcraft.optics.concentration import ConcentrationTable
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_draws import scene_priors, scene_with

if TYPE_CHECKING:
    from pdcraft.optics.prediction.frame import Frame
    from pdcraft.optics.prediction.run import Prediction
    from pdcraft.optics.prediction.setup import Setup
    from pdcraft.optics.prediction.signal import SceneSignals
    from pdcraft.study.model import Administration

    SpreadOf = Callable[[Setup, SceneSignals, Mapping[str, float]], Floats]

__all__ = [
    "DyeDose",
    "RegionSources",
    "concentration_nM",
    "dye_doses",
    "region_sources",
    "scene_with_table",
    "source_draws",
    "table_of",
]

NM_PER_NMOL_PER_ML = 1000.0
BLOOD, PLASMA, REST = "blood", "plasma", "remainder"
BLOOD_NAMES = ("blood", "vessel", "vein", "artery")
TUMOR_NAMES = ("tumor", "tumour", "lesion")
EMPTY = ("food", "urine", "fur", "tray")  # of a mouse scene: nothing of the dye is followed there
EDGE = 1e-4  # quantiles this near to 0 and 1 are not drawn
G_PER_MG, NMOL_PER_MOL = 1e-3, 1e9


@dataclass(frozen=True, slots=True)
class DyeDose:
    """One administration of the dye."""

    nmol: float
    at_h: float
    duration_h: float


@dataclass(frozen=True, slots=True)
class RegionSources:
    """Which region of the kinetics each region of a scene is.

    Parameters
    ----------
    source : mapping of str to str or None
        By region of the scene; None holds no dye.
    assumed : tuple of str
        Regions that take the remainder's concentration for want of their own.
    """

    source: Mapping[str, str | None]
    assumed: tuple[str, ...]


def dye_doses(
    administrations: Sequence[Administration], molar_mass_g_per_mol: float | None
) -> tuple[DyeDose, ...]:
    """Take administrations to nmol of conjugate.

    Raises
    ------
    StudyError
        For a mass without a molar mass.
    """
    out: list[DyeDose] = []
    for one in administrations:
        amount = one.amount
        if amount.field == "amount":
            nmol = amount.value
        elif molar_mass_g_per_mol is None:
            raise StudyError(
                f"administration.amount: '{amount.text}' is a mass, and the conjugate's structure "
                "is not disclosed: state molar_mass (g/mol) in [optics], or an amount in nmol"
            )
        else:
            nmol = amount.value * G_PER_MG / molar_mass_g_per_mol * NMOL_PER_MOL
        out.append(DyeDose(nmol, one.at, one.duration))
    return tuple(out)


def region_sources(
    scene: Scene, courses: Sequence[TimeCourse], stated: Mapping[str, str]
) -> RegionSources:
    """Find the kinetics of every region of a scene.

    By what the study states; by the same name; a lesion by its name; a tumor where there is one
    lesion; blood by its names. Organs of the mouse that the kinetics do not tell apart are as the
    remainder.

    Raises
    ------
    StudyError
        For stated regions that do not exist, and regions of a scene that nothing speaks of.
    """
    known = [region for course in courses for region in course.regions]
    known.append(BLOOD)
    names = [region.name for region in scene.regions]
    for region, source in stated.items():
        _known(region, names, "scene")
        _known(source, [*known, "none"], "kinetics")
    lesions = [name for name in known if name.startswith("lesion:")]
    out: dict[str, str | None] = {}
    assumed: list[str] = []
    lost: list[str] = []
    for name in names:
        said = stated.get(name)
        if said is not None:
            out[name] = None if said == "none" else said
        elif name in known:
            out[name] = name
        elif f"lesion:{name}" in lesions:
            out[name] = f"lesion:{name}"
        elif name in TUMOR_NAMES and len(lesions) == 1:
            out[name] = lesions[0]
        elif name in BLOOD_NAMES:
            out[name] = BLOOD
        elif scene.domain.kind == "mouse":
            out[name] = None if name in EMPTY else REST
            assumed += [] if name in EMPTY else [name]
        else:
            lost.append(name)
    if lost:
        words = ", ".join(f"'{name}'" for name in lost)
        raise StudyError(
            f"optics.regions: nothing says what {words} of the scene is; "
            f'state {lost[0]} = "..." with one of {", ".join(known)}, or "none" for no dye'
        )
    return RegionSources(out, tuple(assumed))


def _known(name: str, names: Sequence[str], what: str) -> None:
    if name not in names:
        hint = did_you_mean(name, names) or f"there are {', '.join(names)}"
        raise StudyError(f"optics.regions: the {what} has no region '{name}'; {hint}")


def concentration_nM(
    course: TimeCourse,
    region: str,
    doses: Sequence[DyeDose],
    times_h: Floats,
    density_g_per_mL: float,
) -> Floats:
    """Concentration of a region of the kinetics, shape (draws, times).

    Parameters
    ----------
    course : TimeCourse
        Sums of exponentials per g or per mL, without decay.
    region : str
    doses : sequence of DyeDose
    times_h : ndarray, shape (times,)
        Since the study's time 0.
    density_g_per_mL : float
        Of tissue.
    """
    c, r = course.coefficients, course.rates_per_h
    if c is None or r is None:
        raise DataError("concentrations of a dye are made of sums of exponentials")
    at = course.regions.index(region)
    coefficient, rate = c[:, :, at].mean(axis=1), r[:, :, at].mean(axis=1)  # (draws, terms)
    per_mL = course.quantity.key == "amount_fraction_per_mL"
    scale = NM_PER_NMOL_PER_ML * (1.0 if per_mL else density_g_per_mL)
    total = np.zeros((coefficient.shape[0], times_h.size))
    for dose in doses:
        since = times_h - dose.at_h
        shown = _averaged(coefficient, rate, np.maximum(since, 0.0), dose.duration_h)
        total += scale * dose.nmol * np.where(since >= 0.0, shown, 0.0)
    return np.maximum(total, 0.0)  # rounding of sums of exponentials, of 1e-17 of the dose


def _averaged(coefficient: Floats, rate: Floats, since_h: Floats, duration_h: float) -> Floats:
    """Fraction after an infusion that began so long ago, shape (draws, times)."""
    c, r, t = coefficient[:, :, None], rate[:, :, None], since_h[None, None, :]
    if duration_h == 0.0:
        return np.sum(c * np.exp(-r * t), axis=1)
    ended = np.maximum(t - duration_h, 0.0)
    span = t - ended
    turned = np.where(r * span > 1e-12, -np.expm1(-r * span) / np.where(r > 0.0, r, 1.0), span)
    return np.sum(c * np.exp(-r * ended) * turned, axis=1) / duration_h


def table_of(
    sources: RegionSources,
    courses: Sequence[TimeCourse],
    doses: Sequence[DyeDose],
    times_h: Sequence[float],
    *,
    density_g_per_mL: float,
    hematocrit: float,
) -> ConcentrationTable:
    """Make the concentration table of a scene: regions, times and the draws of the kinetics."""
    times = np.asarray(times_h, dtype=np.float64)
    known = {region: course for course in courses for region in course.regions}
    found: dict[str, Floats] = {}
    for region, source in sources.source.items():
        if source is None:
            continue
        name = PLASMA if source == BLOOD else source
        values = concentration_nM(known[name], name, doses, times, density_g_per_mL)
        found[region] = values * (1.0 - hematocrit) if source == BLOOD else values
    conc = np.stack(list(found.values()), axis=-1)
    return ConcentrationTable(tuple(found), conc, times)


def scene_with_table(scene: Scene, table: ConcentrationTable, draws: int) -> Scene:
    """Return the scene with the study's concentrations and times in place of its own."""
    assert table.times_h is not None
    run = replace(scene.run, times_h=tuple(float(t) for t in table.times_h), draws=draws)
    return replace(scene, concentration=table, run=run)


def source_draws(
    found: Prediction, seed: int, spread_of: SpreadOf | None = None
) -> tuple[Frame, ...]:
    """Frames with draws of what makes light and needs no new walks.

    Draw k of a frame has draw k of the concentration table, of the dye's numbers and of
    autofluorescence; tissue's absorption and scattering stay nominal, and the dye's own absorption
    is that of the nominal walks, in the frame of median dye.
    """
    from pdcraft.optics.prediction.frame import frame_input
    from pdcraft.optics.prediction.numbers import frame_numbers

    setup, scene = found.setup, found.setup.scene
    count = scene.concentration.conc_nM.shape[0]
    priors = [p for p in scene_priors(scene) if p.kind in ("dye", "autofluorescence")]
    drawn = {
        p.name: stream(seed, f"optics.{p.name}").uniform(EDGE, 1.0 - EDGE, count) for p in priors
    }
    out: list[Frame] = []
    scenes = [
        scene_with(scene, {p.name: p.quantile(float(drawn[p.name][k])) for p in priors})
        for k in range(count)
    ]
    for frame in found.frames:
        rows: list[Floats] = []
        spread = None if spread_of is None else spread_of(setup, found.signals, frame.conc_nM)
        for k, one in enumerate(scenes):
            conc = scene.concentrations(frame.time_h, k)
            given = frame_input(setup, one, found.signals, conc, spread)
            rows.append(frame_numbers(setup, found.signals.mean, given))
        out.append(replace(frame, draws=np.array(rows)))
    return tuple(out)
