r"""What inner-shell vacancies release: X-rays, Auger and Coster-Kronig electrons.

The cascade follows mean numbers of vacancies from the innermost shell outward. K and L shells take
fluorescence yields, Coster-Kronig probabilities and rates from xraylib 4.3 (Krause's yields, EADL's
rates). Coster-Kronig partners and all decays of M and outer shells are statistical: every pair of
electrons that the energy allows, in proportion to their numbers. M and outer shells emit no X-rays
here (0.1% of their decays in tellurium, 1% in dysprosium).

Every energy is a difference of the neutral atom's binding energies, so each step balances exactly;
Auger energies come out 1 to 2% high for it. Electrons below 200 eV carry
little energy, and their number depends on the model: cascades of the same atom differ by half.

Energies in keV. xraylib is loaded on first use.

References
----------
.. [Brunetti04] A. Brunetti et al., Spectrochim. Acta B 59, 1725 (2004),
   doi:10.1016/j.sab.2004.03.014: xraylib
.. [Krause79] M.O. Krause, J. Phys. Chem. Ref. Data 8, 307 (1979), doi:10.1063/1.555594
.. [EADL] S.T. Perkins et al., UCRL-50400 Vol. 30 (1991), doi:10.2172/10121422
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

from pdcraft.errors import DataError

__all__ = ["Group", "Relaxation", "binding_keV", "relax"]

SHELLS = tuple("K L1 L2 L3 M1 M2 M3 M4 M5 N1 N2 N3 N4 N5 N6 N7 O1 O2 O3 O4 O5".split())
ENTRY = {"K": "K", "L": "L1", "M": "M1", "N": "N1"}  # evaluations rarely tell subshells apart
COSTER_KRONIG = {"L1": (("L2", "FL12_TRANS"), ("L3", "FL13_TRANS")), "L2": (("L3", "FL23_TRANS"),)}


@dataclass(frozen=True, slots=True)
class Group:
    """Transitions of one kind: name, mean energy in keV, number."""

    name: str
    energy_keV: float
    number: float


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What some vacancies release; ``soft_keV`` stays with the outermost electrons."""

    x_rays: tuple[Group, ...]
    electrons: tuple[Group, ...]
    soft_keV: float


@dataclass(frozen=True, slots=True)
class _Decay:
    """One way for a vacancy to decay: where the hole or holes go, at what probability."""

    holes: tuple[str, ...]
    probability: float
    radiative: bool


@cache
def _atom(z: int) -> Mapping[str, tuple[float, float]]:
    """Binding energy and number of electrons of each occupied shell of the neutral atom."""
    import xraylib

    shells: dict[str, tuple[float, float]] = {}
    for shell in SHELLS:
        index = getattr(xraylib, f"{shell}_SHELL")
        try:
            shells[shell] = (xraylib.EdgeEnergy(z, index), xraylib.ElectronConfig(z, index))
        except ValueError:  # not occupied, or too loosely bound to be tabulated
            continue
    return shells


def binding_keV(z: int) -> dict[str, float]:
    """Binding energies that vacancies are counted with: K, and the first subshell of L, M, N.

    Raises
    ------
    DataError
        If the atomic number is outside 6 to 92.
    """
    if not 6 <= z <= 92:
        raise DataError(f"no relaxation data for atomic number {z}; it must be 6 to 92")
    atom = _atom(z)
    return {shell: atom[first][0] for shell, first in ENTRY.items() if first in atom}


def _looked_up(function: str, z: int, name: str) -> float:
    """Value of an xraylib table, 0 where it has none."""
    import xraylib

    constant = getattr(xraylib, name, None)
    if constant is None:
        return 0.0
    try:
        return float(getattr(xraylib, function)(z, constant))
    except ValueError:
        return 0.0


def _pairs(z: int, shell: str) -> Iterator[tuple[str, str]]:
    """Pairs of less bound shells that a vacancy has the energy to open."""
    atom = _atom(z)
    outer = [s for s in SHELLS[SHELLS.index(shell) + 1 :] if s in atom]
    for a, b in combinations_with_replacement(outer, 2):
        if atom[shell][0] > atom[a][0] + atom[b][0]:
            yield a, b


def _normalized(decays: list[_Decay], share: float) -> list[_Decay]:
    total = sum(d.probability for d in decays)
    if total <= 0.0:
        return []
    return [_Decay(d.holes, share * d.probability / total, d.radiative) for d in decays]


def _statistical(z: int, shell: str) -> list[_Decay]:
    """Non-radiative decays in proportion to the number of electron pairs."""
    atom, decays = _atom(z), list[_Decay]()
    for a, b in _pairs(z, shell):
        n_a, n_b = atom[a][1], atom[b][1]
        weight = n_a * n_b if a != b else 0.5 * n_a * max(n_a - 1.0, 0.0)
        decays.append(_Decay((a, b), weight, radiative=False))
    return _normalized(decays, 1.0)


def _coster_kronig(z: int, shell: str) -> list[_Decay]:
    """Decays to another L subshell, the partner electron drawn by numbers."""
    atom, decays = _atom(z), list[_Decay]()
    for hole, transition in COSTER_KRONIG.get(shell, ()):
        partners = [
            _Decay((hole, b), atom[b][1], radiative=False)
            for a, b in _pairs(z, shell)
            if a == hole and b[0] != "L"
        ]
        decays += _normalized(partners, _looked_up("CosKronTransProb", z, transition))
    return decays


@cache
def _decays(z: int, shell: str, yield_scale: float) -> tuple[_Decay, ...]:
    """Decays of a vacancy and their probabilities; empty for shells that nothing can fill."""
    yield_ = 0.0
    if shell[0] in "KL":
        yield_ = _looked_up("FluorYield", z, f"{shell}_SHELL") * yield_scale
    if yield_ == 0.0:
        return tuple(_statistical(z, shell))
    jumps = _coster_kronig(z, shell)
    rest = 1.0 - sum(d.probability for d in jumps)
    if yield_ > rest:
        raise DataError(
            f"{shell} X-rays of element {z} need a fluorescence yield of {yield_:.3g}, above "
            f"{rest:.3g}; check the table's x_ray rows and its vacancies"
        )
    outer = [s for s in SHELLS[SHELLS.index(shell) + 1 :] if s in _atom(z)]
    lines = [
        _Decay((s,), _looked_up("RadRate", z, f"{shell}{s}_LINE"), radiative=True)
        for s in outer
        if s[0] != shell[0]
    ]
    auger = [
        _Decay((a, b), _auger_rate(z, shell, a, b), radiative=False)
        for a, b in _pairs(z, shell)
        if shell[0] not in (a[0], b[0])
    ]
    return (*_normalized(lines, yield_), *_normalized(auger, rest - yield_), *jumps)


def _auger_rate(z: int, shell: str, a: str, b: str) -> float:
    names = {f"{shell}_{a}{b}_AUGER", f"{shell}_{b}{a}_AUGER"}
    return sum(_looked_up("AugerRate", z, name) for name in names)


def relax(
    z: int, vacancies: Mapping[str, float], k_yield: float | None = None, l_scale: float = 1.0
) -> Relaxation:
    """Follow vacancies until no electron has the energy to leave.

    Parameters
    ----------
    z : int
        Atomic number of the daughter, 6 to 92.
    vacancies : mapping of str to float
        Number by shell: ``K``, ``L``, ``M``, ``N``. L, M and N start in the first subshell, since
        evaluations rarely tell subshells apart. Other keys (O, outer) release nothing.
    k_yield : float, optional
        Fluorescence yield of K, where an evaluation's X-rays imply one; xraylib's otherwise.
    l_scale : float
        Factor on the fluorescence yields of the L subshells, for the same purpose.

    Returns
    -------
    Relaxation
        Its energies sum to that of the vacancies (1e-12 of it).

    Raises
    ------
    DataError
        If there are no data for the element, or if a yield is impossible.

    References
    ----------
    [Brunetti04]_, [Krause79]_, [EADL]_

    Examples
    --------
    >>> te = relax(52, {"K": 1.0})
    >>> round(sum(g.number for g in te.x_rays if g.name.startswith("K")), 3)
    0.875
    """
    known = binding_keV(z)
    atom = _atom(z)
    holes = {s: 0.0 for s in SHELLS}
    for shell, number in vacancies.items():
        if shell in known:
            holes[ENTRY[shell]] += number
    x_rays, electrons = dict[str, list[float]](), dict[str, list[float]]()
    soft = 0.0
    for shell in SHELLS:
        number = holes[shell]
        if number == 0.0:
            continue
        scale = l_scale if shell[0] == "L" else 1.0
        if shell == "K" and k_yield is not None:
            scale = k_yield / _looked_up("FluorYield", z, "K_SHELL")
        decays = _decays(z, shell, scale)
        if not decays:
            soft += number * atom[shell][0]
        for decay in decays:
            energy = atom[shell][0] - sum(atom[s][0] for s in decay.holes)
            count = number * decay.probability
            name = (_line if decay.radiative else _group)(shell, decay.holes)
            total = (x_rays if decay.radiative else electrons).setdefault(name, [0.0, 0.0])
            total[0] += count
            total[1] += count * energy
            for hole in decay.holes:
                holes[hole] += count
    return Relaxation(_groups(x_rays), _groups(electrons), soft)


def _groups(totals: Mapping[str, list[float]]) -> tuple[Group, ...]:
    return tuple(Group(name, e / n, n) for name, (n, e) in totals.items() if n > 0.0)


def _line(shell: str, holes: tuple[str, ...]) -> str:
    """Name of an X-ray group, as evaluations print it."""
    (hole,) = holes
    if shell == "K":
        if hole[0] == "L":
            return "K alpha 1" if hole == "L3" else "K alpha 2"
        return "K beta 1'" if hole[0] == "M" else "K beta 2'"
    if hole == "M1" and shell != "L1":
        return "L l" if shell == "L3" else "L eta"
    if shell == "L3":
        return "L alpha" if hole in ("M4", "M5") else "L beta"
    return "L beta" if hole[0] == "M" else "L gamma"


def _group(shell: str, holes: tuple[str, ...]) -> str:
    """Name of a group of electrons: initial shell, then where the holes go."""
    start = shell[0]
    if start in (holes[0][0], holes[1][0]):
        return f"{start} Coster-Kronig"
    after = "KLMNO"["KLMNO".index(start) + 1] if start != "O" else "O"
    inner = sum(hole[0] == after for hole in holes)
    return start + ("XY", f"{after}X", f"{after}{after}")[inner]
