"""What follows a photoelectric absorption in K, L1, L2, L3: fluorescence or one Auger electron.

A short cascade for transport: a vacancy emits one X-ray or one electron, all else of its energy
stays on the spot. (`pdcraft.data.relaxation` follows whole cascades, for radionuclides.)

Energies in keV. xraylib is loaded on first use.

References
----------
.. [BSG04] A. Brunetti et al., Spectrochim. Acta B 59, 1725 (2004), doi:10.1016/j.sab.2004.03.014:
   fluorescence yields, lines and Auger rates as compiled in xraylib
.. [Sch11] T. Schoonjans et al., Spectrochim. Acta B 66, 776 (2011),
   doi:10.1016/j.sab.2011.09.011: photoelectric cross sections by shell in xraylib
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.photon_elements import LOWEST_keV, edges_keV

__all__ = ["LINES", "SHELL_NAMES", "InnerShells", "inner_shells"]

SHELL_NAMES = ("K", "L1", "L2", "L3")
OUTER = ("L1", "L2", "L3", "M1", "M2", "M3", "M4", "M5", "N1", "N2", "N3", "N4", "N5", "O2", "O3")
LINES = 6  # strongest lines kept of each shell
LEAST_BINDING_keV = 0.2  # shells less bound are not followed
ABOVE_EDGE = 1.2  # shares of the K shell are taken at this multiple of its edge


@dataclass(frozen=True, slots=True)
class InnerShells:
    """Vacancies of one element, each array by shell K, L1, L2, L3 first.

    Parameters
    ----------
    binding_keV : ndarray, shape (4,)
        0 for shells that are not followed.
    share : ndarray, shape (4,)
        Cumulative share of photoelectric absorption where all four shells are open; where the
        first ones are closed, the rest is to be scaled up to 1.
    fluorescence_yield : ndarray, shape (4,)
        Photons of `line_keV` per vacancy.
    line_keV, line_cumulative : ndarray, shape (4, 6)
        Fluorescence photons of 1 keV and more, and their cumulative probability.
    auger_keV : ndarray, shape (4,)
        Mean energy of the first electron of a decay without photon.
    """

    binding_keV: Floats
    share: Floats
    fluorescence_yield: Floats
    line_keV: Floats
    line_cumulative: Floats
    auger_keV: Floats

    def fluorescence_keV(self, energy_keV: Floats) -> Floats:
        """Mean energy that photons carry away from an absorption; a shell opens at its edge."""
        mean_line = np.sum(
            self.line_keV * np.diff(self.line_cumulative, axis=1, prepend=0.0), axis=1
        )
        each = np.diff(self.share, prepend=0.0) * self.fluorescence_yield * mean_line
        out = np.zeros_like(energy_keV)
        followed = self.binding_keV > 0.0
        for first in range(len(SHELL_NAMES)):
            inner = self.binding_keV[:first][followed[:first]]
            open_ = energy_keV >= self.binding_keV[first] if followed[first] else False
            closed = np.all(energy_keV < inner[:, None], axis=0)
            below = self.share[first - 1] if first else 0.0
            value = each[first:].sum() / (1.0 - below) if below < 1.0 else 0.0
            out = np.where(open_ & closed, value, out)
        return out


def _value(function: str, z: int, constant: str | int, *more: float) -> float:
    """Value of an xraylib table, 0 where it has none."""
    import xraylib

    number = getattr(xraylib, constant, None) if isinstance(constant, str) else constant
    if number is None:
        return 0.0
    try:
        return float(getattr(xraylib, function)(z, number, *more))
    except ValueError:
        return 0.0


def _bindings(z: int) -> Floats:
    edges = edges_keV(z)
    values = [edges.get(s, _value("EdgeEnergy", z, s)) for s in range(len(SHELL_NAMES))]
    return np.array([v if v >= LEAST_BINDING_keV else 0.0 for v in values])


def _shares(z: int, binding: Floats) -> Floats:
    """Cumulative shares from cross sections by shell, just above K and between L and K."""

    def of(shell: int, energy: float) -> float:
        whole = sum(_value("CS_Photo_Partial", z, s, energy) for s in range(len(OUTER) + 1))
        return _value("CS_Photo_Partial", z, shell, energy) / whole if whole > 0.0 else 0.0

    k_edge, l_edge = binding[0], binding[1]
    k_share = of(0, max(ABOVE_EDGE * k_edge, ABOVE_EDGE * LOWEST_keV)) if k_edge > 0.0 else 0.0
    l_shares = np.zeros(3)
    if l_edge > 0.0:
        between = max(np.sqrt(l_edge * k_edge), 1.02 * l_edge)
        l_shares = np.array([of(s, between) if binding[s] > 0.0 else 0.0 for s in (1, 2, 3)])
    return np.cumsum(np.concatenate(([k_share], (1.0 - k_share) * l_shares)))


def _lines(z: int, shell: str) -> tuple[Floats, Floats, float]:
    """Energies and cumulative probabilities of a shell's lines, and the share of all decays."""
    all_lines = [
        (_value("RadRate", z, f"{shell}{o}_LINE"), _value("LineEnergy", z, f"{shell}{o}_LINE"))
        for o in OUTER
    ]
    total = sum(rate for rate, _ in all_lines)
    kept = sorted((p for p in all_lines if p[0] > 0.0 and p[1] >= LOWEST_keV), reverse=True)
    energy, cumulative = np.zeros(LINES), np.ones(LINES)
    if not kept:
        return energy, cumulative, 0.0
    some = sum(rate for rate, _ in kept)
    kept = kept[:LINES]
    rates = np.array([rate for rate, _ in kept])
    energy[: len(kept)] = [e for _, e in kept]
    energy[len(kept) :] = kept[-1][1]
    cumulative[: len(kept)] = np.cumsum(rates) / rates.sum()
    return energy, cumulative, some / total


def _augers(z: int, shell: str) -> Iterator[tuple[float, float]]:
    """Rates and energies of a shell's Auger transitions, from the neutral atom's bindings."""
    import xraylib

    own = _value("EdgeEnergy", z, f"{shell}_SHELL")
    outer = [o for o in OUTER if o[0] != shell[0]]
    edge = {o: _value("EdgeEnergy", z, f"{o}_SHELL") for o in outer}
    for a, b in product(outer, outer):
        name = f"{shell}_{a}{b}_AUGER"
        if hasattr(xraylib, name) and own > edge[a] + edge[b]:
            yield _value("AugerRate", z, name), own - edge[a] - edge[b]


def _auger_keV(z: int, shell: str, binding_keV: float) -> float:
    """Mean energy of the first electron; without rates, two electrons of the next shell."""
    rates = list(_augers(z, shell))
    total = sum(rate for rate, _ in rates)
    if total > 0.0:
        mean = sum(rate * energy for rate, energy in rates) / total
    else:
        following = "L3_SHELL" if shell == "K" else "M5_SHELL"
        mean = binding_keV - 2.0 * _value("EdgeEnergy", z, following)
    return float(min(max(mean, 0.0), binding_keV))


@cache
def inner_shells(z: int) -> InnerShells:
    """K and L shells of an element; a shell bound by less than 0.2 keV is not followed.

    Parameters
    ----------
    z : int
        Atomic number, 1 to 92.
    """
    binding = _bindings(z)
    yields, augers = np.zeros(len(SHELL_NAMES)), np.zeros(len(SHELL_NAMES))
    energy, cumulative = np.zeros((len(SHELL_NAMES), LINES)), np.ones((len(SHELL_NAMES), LINES))
    for s, shell in enumerate(SHELL_NAMES):
        if binding[s] == 0.0:
            continue
        energy[s], cumulative[s], share = _lines(z, shell)
        energy[s] = np.minimum(energy[s], binding[s])
        yields[s] = share * _value("FluorYield", z, f"{shell}_SHELL")
        augers[s] = _auger_keV(z, shell, float(binding[s]))
    return InnerShells(
        frozen(binding, "binding energies"),
        frozen(_shares(z, binding), "shares of shells"),
        frozen(yields, "fluorescence yields"),
        frozen(energy, "line energies"),
        frozen(cumulative, "line probabilities"),
        frozen(augers, "Auger energies"),
    )
