r"""Specific energy that alpha particles leave in a cell's nucleus: single events and their sums.

One alpha particle that crosses the nucleus from path :math:`s_1` to :math:`s_2` imparts
:math:`\varepsilon = E(R - s_1) - E(R - s_2)`, and :math:`z = \varepsilon/m`. The density
:math:`f_1(z)` of such events follows from the geometry without chance: for a concentric cell the
track is known by the distance of its start from the center and the cosine of its direction.
:math:`f(z)` at a mean number of events is the compound Poisson law.

Events are taken as independent: of a chain, each alpha particle starts at a random point of the
source, not where its parent was (`pdcraft.dosimetry.atom_events` keeps them together). Electrons
add to the mean dose and hardly to the spread; they and the recoils are left out. Straggling is too.

Units: um, keV, Gy.

References
----------
.. [ICRU36] ICRU Report 36, Microdosimetry (1983).
.. [Roe97] J.C. Roeske, T.G. Stinchcomb, J. Nucl. Med. 38, 1923 (1997): single-event spectra of
   alpha emitters in cells, and survival from their Laplace transform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.radiation import Nuclide
from pdcraft.dosimetry.nucleus_hits import (
    Source,
    add,
    check_cell,
    grouped,
    hits,
    largest_hit_Gy,
)
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.compound_poisson import compound_poisson

__all__ = ["MultiEvent", "SingleEvent", "multi_event", "single_event", "survival"]

BINS = 2000  # of specific energy, up to the largest that an event can leave


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
    check_cell(nucleus_radius_um, cell_radius_um, place)
    lines = grouped(source.alpha)
    step = largest_hit_Gy(lines, nucleus_radius_um) / (BINS - 2)
    histogram = np.zeros(BINS)
    moments = np.zeros(3)
    for line in lines:
        z, chance = hits(line.energy_keV, nucleus_radius_um, cell_radius_um, place)
        chance = line.per_decay * chance
        moments += [chance.sum(), (chance * z).sum(), (chance * z**2).sum()]
        add(histogram, z / step, chance)
    number, first, second = (float(m) for m in moments)
    return SingleEvent(
        step,
        frozen(histogram / histogram.sum(), "single events"),
        number,
        first / number,
        second / first,
    )


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
