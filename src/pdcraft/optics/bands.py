r"""Wavelengths at which light is followed: a few nodes a band that stand for its whole spectrum.

A signal is :math:`\int w(\lambda)\,T(\lambda)\,d\lambda`: a known weight :math:`w` (lamp, or
emission) times a transport :math:`T` that is costly and smooth. Nodes and weights are those of
Gauss for :math:`w` itself, so `n` nodes are exact for any :math:`T` that is a polynomial of degree
2n - 1.

References
----------
.. [Golub69] G.H. Golub, J.H. Welsch, Math. Comp. 23, 221 (1969), doi:10.2307/2004418
.. [Gautschi04] W. Gautschi, Orthogonal Polynomials, Oxford (2004), section 2.2: Stieltjes's
   procedure on a discrete measure
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.optics.dye import Dye, Emission
from pdcraft.optics.scene import Illumination
from pdcraft.optics.spectra import Line, Spectrum

__all__ = [
    "MOST",
    "Nodes",
    "band_nodes",
    "choose_nodes",
    "emission_nodes",
    "excitation_nodes",
]

FEWEST, MOST = 3, 7
TOLERANCE = 0.01  # of the signal, when the nodes are doubled
FINE = 2000  # cells of the discrete measure
REFERENCE = 200  # cells by which a choice of nodes is judged as well


@dataclass(frozen=True, slots=True)
class Nodes:
    """Wavelengths and weights of a quadrature.

    Parameters
    ----------
    wavelength_nm : ndarray, shape (n,)
        Increasing.
    weight : ndarray, shape (n,)
        Their sum is the integral of the spectrum over the band.
    """

    wavelength_nm: Floats
    weight: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "wavelength_nm", frozen(self.wavelength_nm, "nodes"))
        object.__setattr__(self, "weight", frozen(self.weight, "weights of nodes"))

    def __len__(self) -> int:
        return int(self.wavelength_nm.size)

    def integral(self, value: ArrayLike) -> float:
        """Sum of weights times values at the nodes."""
        return float(np.sum(self.weight * np.asarray(value)))


def band_nodes(
    weight: Spectrum, low_nm: float | None = None, high_nm: float | None = None, count: int = 5
) -> Nodes:
    """Gauss nodes of a spectrum between two wavelengths.

    Parameters
    ----------
    weight : Spectrum
    low_nm, high_nm : float, optional
        The band; the whole spectrum by default.
    count : int
        Nodes, 1 or more.

    Raises
    ------
    DataError
        If the spectrum is zero in the band.
    """
    cells = _cells(weight, low_nm, high_nm, FINE)
    low, high = float(cells.wavelength_nm[0]), float(cells.wavelength_nm[-1])
    x = 2.0 * (cells.wavelength_nm - low) / (high - low) - 1.0 if high > low else np.zeros(1)
    m = cells.weight
    size = min(count, x.size)
    alpha, beta = np.zeros(size), np.zeros(size)
    before, now, norm_before = np.zeros_like(x), np.ones_like(x), 1.0
    for k in range(size):  # Stieltjes: three-term recurrence of the orthogonal polynomials
        norm = float(np.sum(m * now * now))
        alpha[k] = float(np.sum(m * x * now * now)) / norm
        beta[k] = norm if k == 0 else norm / norm_before
        before, now, norm_before = now, (x - alpha[k]) * now - beta[k] * before * (k > 0), norm
    jacobi = np.diag(alpha) + np.diag(np.sqrt(beta[1:]), 1) + np.diag(np.sqrt(beta[1:]), -1)
    nodes, vectors = np.linalg.eigh(jacobi)
    return Nodes(low + 0.5 * (nodes + 1.0) * (high - low), beta[0] * vectors[0] ** 2)


def _cells(weight: Spectrum, low_nm: float | None, high_nm: float | None, count: int) -> Nodes:
    """Cut a band into cells: their middles and the spectrum's integrals, cells of none left out."""
    first, last = weight.range_nm
    low = first if low_nm is None else max(first, low_nm)
    high = last if high_nm is None else min(last, high_nm)
    total = weight.integral(low, high)
    if not total > 0.0:
        raise DataError(f"{weight.what}: is zero from {low:g} to {high:g} nm")
    edges = np.linspace(low, high, count + 1)
    mass = 0.5 * (weight.at(edges[1:]) + weight.at(edges[:-1])) * np.diff(edges)
    lit = mass > 0.0
    return Nodes(0.5 * (edges[1:] + edges[:-1])[lit], mass[lit] * (total / mass.sum()))


def choose_nodes(
    weight: Spectrum,
    transport: Callable[[Floats], Floats],
    low_nm: float | None = None,
    high_nm: float | None = None,
    tolerance: float = TOLERANCE,
) -> Nodes:
    """Fewest nodes, three to seven, that change the signal by less than `tolerance` when doubled.

    The signal must also agree with that of many narrow cells, which see what falls between nodes.

    Parameters
    ----------
    weight : Spectrum
    transport : callable
        What multiplies the weight, of wavelengths in nm: a cheap stand-in for the real transport,
        as rough as it; shape (n,), or (k, n) for several that must all be met.
    low_nm, high_nm : float, optional
        The band.
    tolerance : float
        Relative.

    Raises
    ------
    DataError
        If the spectrum is zero in the band, or seven nodes are too few.
    """
    change = np.inf
    fine = _cells(weight, low_nm, high_nm, REFERENCE)
    for count in range(FEWEST, MOST + 1):
        few = band_nodes(weight, low_nm, high_nm, count)
        many = band_nodes(weight, low_nm, high_nm, 2 * count)
        change = max(_change(few, many, transport), _change(few, fine, transport))
        if change < tolerance:
            return few
    raise DataError(
        f"{weight.what}: {MOST} wavelengths still change the signal by {100 * change:.1f}% when "
        "doubled: the band is too wide for what absorbs in it; narrow the lamp or the filter"
    )


def _change(few: Nodes, many: Nodes, transport: Callable[[Floats], Floats]) -> float:
    """Largest relative change of the signals from many nodes to few."""
    exact = np.atleast_2d(transport(many.wavelength_nm)) @ many.weight
    rough = np.atleast_2d(transport(few.wavelength_nm)) @ few.weight
    scale = np.where(exact > 0.0, exact, 1.0)
    return float(
        np.max(np.where(exact > 0.0, abs(rough / scale - 1.0), np.where(rough > 0.0, np.inf, 0.0)))
    )


def excitation_nodes(
    lamp: Illumination,
    dye: Dye | None = None,
    transport: Callable[[Floats], Floats] | None = None,
) -> Nodes:
    """Nodes of the lamp; weights are shares of its power and sum to 1.

    Chosen so that the dye's absorption under it (times `transport`, if given) is right within 1%.
    A line is one node.
    """
    if isinstance(lamp.light, Line):
        return Nodes(np.array([lamp.light.wavelength_nm]), np.array([1.0]))

    def signal(nm: Floats) -> Floats:
        absorbed = np.ones_like(nm) if dye is None else dye.epsilon_at(nm)
        return nm * absorbed * (1.0 if transport is None else transport(nm))

    return choose_nodes(lamp.light, signal)


def emission_nodes(
    emission: Emission,
    low_nm: float | None = None,
    high_nm: float | None = None,
    transport: Callable[[Floats], Floats] | None = None,
) -> Nodes:
    """Nodes of a dye's emission in a band; weights are shares of all photons it emits.

    A line is one node, of weight 0 outside the band. Without `transport` three nodes are taken.
    """
    if isinstance(emission, Line):
        share = emission.integral(low_nm or 0.0, high_nm or np.inf)
        return Nodes(np.array([emission.wavelength_nm]), np.array([share]))
    if transport is None:
        return band_nodes(emission, low_nm, high_nm, FEWEST)
    return choose_nodes(emission, transport, low_nm, high_nm)
