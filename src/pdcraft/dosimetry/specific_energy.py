r"""Specific energy that alpha particles leave in a cell's nucleus: single events and their sums.

One alpha particle that crosses the nucleus from path :math:`s_1` to :math:`s_2` imparts
:math:`\varepsilon = E(R - s_1) - E(R - s_2)`, and :math:`z = \varepsilon/m`. The density
:math:`f_1(z)` of such events follows from the geometry without chance: for a concentric cell the
track is known by the distance of its start from the center and the cosine of its direction.
:math:`f(z)` at a mean number of events is the compound Poisson law.

Events are taken as independent: of a chain, each alpha particle starts at a random point of the
source, not where its parent was. Electrons add to the mean dose and hardly to the spread; they and
the recoils are left out. Straggling is too.

Units: um, keV, Gy.

References
----------
.. [ICRU36] ICRU Report 36, Microdosimetry (1983).
.. [Roe97] J.C. Roeske, T.G. Stinchcomb, J. Nucl. Med. 38, 1923 (1997): single-event spectra of
   alpha emitters in cells, and survival from their Laplace transform.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.alpha_stopping import water_alpha_ranges
from pdcraft.data.radiation import Line, Nuclide
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.compound_poisson import compound_poisson
from pdcraft.physics.constants import J_per_keV

__all__ = ["MultiEvent", "SingleEvent", "Source", "multi_event", "single_event", "survival"]

Source = Literal["nucleus", "cytoplasm", "cell_surface", "cell", "medium"]

RADII, COSINES = 200, 400  # nodes of starts and directions; four times as many move z_D by 2e-4
BINS = 2000  # of specific energy, up to the largest that an event can leave
GROUP_keV = 25.0  # lines closer than this are one line at their mean energy
KG_PER_UM3 = 1e-15  # of water of 1 g/mL


@dataclass(frozen=True, slots=True)
class SingleEvent:
    r"""Specific energy of one alpha particle in a nucleus, given that it hits.

    Parameters
    ----------
    step_Gy : float
        Width of the grid.
    probability : ndarray, shape (bins,)
        Of the specific energies ``0, step, 2 step, ...``; sum 1.
    hits_per_decay : float
        Mean number of alpha particles that hit, per decay in the source (for the source
        ``medium``: per decay and um3).
    mean_Gy, dose_mean_Gy : float
        Frequency mean :math:`\bar z_F` and dose mean :math:`\bar z_D`.
    """

    step_Gy: float
    probability: Floats
    hits_per_decay: float
    mean_Gy: float
    dose_mean_Gy: float

    @property
    def z_Gy(self) -> Floats:
        """Grid of specific energies."""
        return self.step_Gy * np.arange(float(self.probability.size))

    @property
    def dose_per_decay_Gy(self) -> float:
        """Mean dose of the nucleus per decay from alpha particles."""
        return self.hits_per_decay * self.mean_Gy


@dataclass(frozen=True, slots=True)
class MultiEvent:
    """Specific energy of a nucleus after a Poisson number of events.

    ``probability`` of the specific energies ``0, step_Gy, 2 step_Gy, ...``; ``mean_events`` is the
    mean number of hits, ``missed`` the share of nuclei without any.
    """

    step_Gy: float
    probability: Floats
    mean_events: float
    missed: float

    @property
    def z_Gy(self) -> Floats:
        """Grid of specific energies."""
        return self.step_Gy * np.arange(float(self.probability.size))

    @property
    def mean_Gy(self) -> float:
        """Mean specific energy: the absorbed dose."""
        return float(self.probability @ self.z_Gy)

    @property
    def sd_Gy(self) -> float:
        """Standard deviation between nuclei."""
        z = self.z_Gy - self.mean_Gy
        return float(np.sqrt(self.probability @ z**2))


def single_event(
    source: Nuclide, nucleus_radius_um: float, cell_radius_um: float, place: Source
) -> SingleEvent:
    """Spectrum of single events in the nucleus of a concentric cell.

    Parameters
    ----------
    source : Nuclide
        With alpha particles.
    nucleus_radius_um, cell_radius_um : float
        The nucleus is the smaller one.
    place : {"nucleus", "cytoplasm", "cell_surface", "cell", "medium"}
        Where decays are uniform: ``medium`` is all the water outside the cell.

    Raises
    ------
    DataError
        For a nuclide without alpha particles, or an unknown place.
    PhysicsRangeError
        For radii that are no nucleus within a cell.
    """
    if not source.alpha:
        raise DataError(
            f"{source.name} (with {', '.join(source.includes)}) emits no alpha particles, so there "
            "are no single events of them; progeny 'equilibrium' counts daughters that do"
        )
    if place not in get_args(Source):
        raise DataError(f"source '{place}' is not one of {', '.join(get_args(Source))}")
    n, c = nucleus_radius_um, cell_radius_um
    if not 0.0 < n < c < 1000.0:
        raise PhysicsRangeError(
            f"a nucleus of radius {n:g} um in a cell of {c:g} um: radii must be above 0, the "
            "nucleus smaller than the cell, and the cell below 1000 um"
        )
    ranges = water_alpha_ranges()
    lines = _grouped(source.alpha)
    per_kg = J_per_keV / (4.0 / 3.0 * np.pi * n**3 * KG_PER_UM3)
    most = max(_most_keV(float(ranges.range_of(x.energy_keV)), n) for x in lines) * per_kg
    step = most / (BINS - 2)
    histogram = np.zeros(BINS)
    moments = np.zeros(3)
    for line in lines:
        reach = float(ranges.range_of(line.energy_keV))
        start, weight = _starts(n, c, place, reach)
        enter, leave, share = _crossing(start, n)
        hit = enter < reach
        lost = ranges.energy_of(reach - enter) - ranges.energy_of(reach - leave)
        chance = np.where(hit, line.per_decay * weight[:, None] * share, 0.0)
        z = np.where(hit, lost * per_kg, 0.0)
        moments += [chance.sum(), (chance * z).sum(), (chance * z**2).sum()]
        _add(histogram, z / step, chance)
    hits, first, second = (float(m) for m in moments)
    return SingleEvent(
        step,
        frozen(histogram / histogram.sum(), "single events"),
        hits,
        first / hits,
        second / first,
    )


def _grouped(lines: tuple[Line, ...]) -> list[Line]:
    """Put lines of nearly one energy together, at their mean."""
    out: list[list[Line]] = []
    for line in sorted(lines, key=lambda x: x.energy_keV):
        if out and line.energy_keV - out[-1][0].energy_keV < GROUP_keV:
            out[-1].append(line)
        else:
            out.append([line])
    groups: list[Line] = []
    for group in out:
        number = sum(x.per_decay for x in group)
        mean = sum(x.per_decay * x.energy_keV for x in group) / number
        groups.append(Line("alpha", mean, number))
    return groups


def _most_keV(reach: float, n: float) -> float:
    """Largest energy that one particle can leave in the nucleus, of any place on its way."""
    ranges = water_alpha_ranges()
    enter = np.linspace(0.0, reach, 400)
    lost = ranges.energy_of(reach - enter) - ranges.energy_of(reach - enter - 2.0 * n)
    return float(lost.max())


def _starts(n: float, c: float, place: Source, reach: float) -> tuple[Floats, Floats]:
    """Distances of starts from the center, and the share of the decays at each."""
    if place == "cell_surface":
        return np.array([c]), np.ones(1)
    if place == "medium":  # far starts hit seldom: even steps of the distance
        far = max(n + reach, c)
        r = c + (far - c) * (np.arange(RADII) + 0.5) / RADII
        return r, 4.0 * np.pi * r**2 * (far - c) / RADII
    low, high = {"nucleus": (0.0, n), "cytoplasm": (n, c), "cell": (0.0, c)}[place]
    cubes = low**3 + (high**3 - low**3) * (np.arange(RADII) + 0.5) / RADII
    return np.cbrt(cubes), np.full(RADII, 1.0 / RADII)


def _crossing(start: Floats, n: float) -> tuple[Floats, Floats, Floats]:
    """Paths where tracks enter and leave the nucleus, and the share of directions, for each start.

    From outside, directions that hit lie in a cone; its cosines are spaced so that the squares of
    the distances at which tracks pass the center are even.
    """
    r = start[:, None]
    even = (np.arange(COSINES) + 0.5)[None, :] / COSINES
    inside = r < n
    cosine = 2.0 * even - 1.0  # of the direction with the outward radius
    along = np.where(inside, -r * cosine, 0.0)
    half = np.sqrt(np.maximum(n**2 - r**2 * (1.0 - cosine**2), 0.0))
    edge = np.sqrt(np.maximum(1.0 - (n / np.maximum(r, n)) ** 2, 0.0))  # cosine of the cone
    inward = edge + (1.0 - edge) * even
    along = np.where(inside, along, r * inward)
    half = np.where(inside, half, np.sqrt(np.maximum(n**2 - r**2 * (1.0 - inward**2), 0.0)))
    enter = np.where(inside, 0.0, along - half)
    leave = along + half
    share = np.where(inside, 1.0, 0.5 * (1.0 - edge)) / COSINES
    return enter, leave, np.broadcast_to(share, enter.shape)


def _add(histogram: Floats, at: Floats, weight: Floats) -> None:
    """Share weights between the two nearest grid values, so that means stay."""
    low = np.minimum(at.astype(np.int64), histogram.size - 2)
    part = at - low
    for index, w in ((low, (1.0 - part) * weight), (low + 1, part * weight)):
        histogram += np.bincount(index.ravel(), w.ravel(), minlength=histogram.size)


def multi_event(single: SingleEvent, mean_Gy: float) -> MultiEvent:
    r"""Specific energy of nuclei whose mean dose from alpha particles is given.

    Parameters
    ----------
    single : SingleEvent
    mean_Gy : float
        Absorbed dose of the nucleus from alpha particles; the mean number of hits is it over
        :math:`\bar z_F`.

    Raises
    ------
    PhysicsRangeError
        For a dose that is not above 0, or needs more than 16 million grid values.
    """
    events = mean_Gy / single.mean_Gy
    both = compound_poisson(single.probability, events)
    total = frozen(both, "specific energies")
    return MultiEvent(single.step_Gy, total, events, float(np.exp(-events)))


def survival(energies: MultiEvent, alpha_per_Gy: float, beta_per_Gy2: float = 0.0) -> float:
    r"""Share of cells that survive if each survives with :math:`e^{-\alpha z - \beta z^2}`.

    Parameters
    ----------
    energies : MultiEvent
    alpha_per_Gy, beta_per_Gy2 : float
        0 or more; :math:`\alpha = 1/z_0` with :math:`\beta = 0` is the model of one inactivation
        dose. They belong to the energy of a nucleus, and are larger than those of the mean dose.

    Raises
    ------
    PhysicsRangeError
        For a negative coefficient.
    """
    if alpha_per_Gy < 0.0 or beta_per_Gy2 < 0.0:
        raise PhysicsRangeError(
            f"alpha and beta of survival are 0 or more, got {alpha_per_Gy:g} per Gy and "
            f"{beta_per_Gy2:g} per Gy2"
        )
    z = energies.z_Gy
    return float(energies.probability @ np.exp(-alpha_per_Gy * z - beta_per_Gy2 * z**2))
