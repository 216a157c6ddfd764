r"""Named methods for the energy that red marrow and endosteum get from photons and electrons.

Photons. ``MarrowKerma`` is what red marrow would get at charged-particle equilibrium. In trabecular
bone electrons from mineral add to it: the ratio to plain kerma is that of a published response

.. math:: r(E) = \frac{R(E)}{E\, \mu_{en}(E)/\rho}

(dose per fluence over kerma per fluence of red marrow, with pdcraft's own coefficients).

Electrons. The specific absorbed fractions of ICRP 133 are not shipped; what could be read are S
coefficients made from them, for emitters of beta rays alone. Absorbed fractions against energy are
unfolded from these: the smoothest curve (least second differences between nodes in the logarithm
of the energy) whose means over the spectra are the published ones. It reproduces each S within
0.02%; between 10 and 40 keV, where no spectrum speaks alone, it is an interpolation.

References
----------
.. [ICRP30] ICRP Publication 30, Part 1 (1979), table 7.4.
.. [ICRP116] ICRP Publication 116, Annex D (2010).
.. [ICRP133] ICRP Publication 133 (2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.marrow import bone_responses, skeletal_electrons
from pdcraft.data.materials import material
from pdcraft.data.photons import HIGHEST_keV, mu_en_cm2_per_g
from pdcraft.errors import DataError, PhysicsRangeError, did_you_mean
from pdcraft.physics.beta import spectrum_nodes
from pdcraft.physics.constants import J_per_keV, S_UNIT_mGy_g_per_MBq_s_keV

__all__ = [
    "DEFAULT_METHOD",
    "ELECTRON_METHODS",
    "PHOTON_METHODS",
    "SOURCES",
    "TARGETS",
    "MarrowMethod",
    "marrow_electron_fraction",
    "marrow_method",
    "marrow_methods",
    "marrow_photon_ratio",
]

TARGETS = ("red_marrow", "bone_surface")
SOURCES = (
    "red_marrow",
    "yellow_marrow",
    "trabecular_bone",
    "bone_surface",
    "cortical_bone",
    "cortical_surface",
)
UNFOLD_keV = (
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 80.0, 120.0, 200.0, 300.0, 500.0, 800.0, 1300.0, 2000.0,
)  # fmt: skip
LEFT_OUT = "Tc-99"  # its spectrum is not one of the shapes here; a test compares it instead
#: What is known at 1 keV, where an electron stays where it starts.
AT_1_keV: Mapping[tuple[str, str], float] = {
    ("red_marrow", "red_marrow"): 1.0,
    ("red_marrow", "yellow_marrow"): 0.0,
    ("red_marrow", "trabecular_bone"): 0.0,
    ("red_marrow", "cortical_bone"): 0.0,
    ("bone_surface", "trabecular_bone"): 0.0,
    ("bone_surface", "cortical_bone"): 0.0,
}
SMOOTHING = 0.01
#: ICRP 30, recalled: (red marrow, endosteum below 200 keV mean energy, endosteum above).
ICRP30: Mapping[str, tuple[float, float, float]] = {
    "trabecular_bone": (0.35, 0.025, 0.025),
    "bone_surface": (0.5, 0.25, 0.025),
    "cortical_bone": (0.0, 0.015, 0.015),
    "cortical_surface": (0.0, 0.25, 0.015),
}
ICRP30_LIMIT_keV = 200.0


@dataclass(frozen=True, slots=True)
class MarrowMethod:
    """A named method: what it rests on, and its grade."""

    name: str
    grade: str
    remark: str


def _methods(*rows: MarrowMethod) -> Mapping[str, MarrowMethod]:
    return MappingProxyType({row.name: row for row in rows})


PHOTON_METHODS = _methods(
    MarrowMethod(
        "icrp116",
        "published, at second hand",
        "fluence-to-dose response functions of ICRP 116, mean over bones by their share",
    ),
    MarrowMethod(
        "kerma",
        "computed",
        "charged-particle equilibrium in red marrow, without electrons from bone",
    ),
)
ELECTRON_METHODS = _methods(
    MarrowMethod(
        "icrp133",
        "published, at second hand; unfolded from S coefficients",
        "absorbed fractions of ICRP 133: fat cells and trabeculae take their part",
    ),
    MarrowMethod(
        "icrp30",
        "recalled, not verified",
        "absorbed fractions of ICRP 30 from bone; from marrow all energy stays (assumed)",
    ),
    MarrowMethod(
        "unity",
        "assumed",
        "electrons from marrow stay in red marrow: an upper bound of the self-dose",
    ),
)
DEFAULT_METHOD = "icrp116+icrp133"


def marrow_methods() -> tuple[str, ...]:
    """All method names: a photon method, a plus sign, an electron method."""
    return tuple(f"{p}+{e}" for p in PHOTON_METHODS for e in ELECTRON_METHODS)


def marrow_method(name: str) -> tuple[MarrowMethod, MarrowMethod]:
    """Photon and electron method of a name.

    Raises
    ------
    DataError
        For another name, with near matches.

    Examples
    --------
    >>> [m.name for m in marrow_method("icrp116+icrp133")]
    ['icrp116', 'icrp133']
    """
    if name not in marrow_methods():
        hint = f"{did_you_mean(name, marrow_methods(), most=2, cutoff=0.4)} ".lstrip()
        raise DataError(
            f"no marrow method is called '{name}'; {hint}there are {', '.join(marrow_methods())}"
        )
    photon, electron = name.split("+")
    return PHOTON_METHODS[photon], ELECTRON_METHODS[electron]


@cache
def _icrp116(body: str) -> tuple[Floats, Floats, Floats]:
    table = bone_responses(body)
    energy = table.energy_keV
    marrow = material("red marrow").mass_fractions
    # Gy per fluence in 1/m²: cm²/g is 0.1 m²/kg
    kerma = 0.1 * mu_en_cm2_per_g(marrow, energy) * energy * J_per_keV
    return energy, table.mean_Gy_m2("red_marrow") / kerma, table.mean_Gy_m2("bone_surface") / kerma


def marrow_photon_ratio(
    method: str, energy_keV: ArrayLike, body: str = "adult-male"
) -> tuple[Floats, Floats]:
    """Ratios of the dose to red marrow and endosteum to plain kerma in red marrow.

    Parameters
    ----------
    method : {"icrp116", "kerma"}
    energy_keV : array_like, any shape
        Energy that the photon has in the bone. Below 10 and above 3000 keV the last ratio holds.
    body : {"adult-male", "adult-female"}
        Whose share of the tissues the bones have; differs by less than 0.1%.

    Returns
    -------
    red_marrow, bone_surface : ndarray, same shape

    Raises
    ------
    DataError
        For an unknown method.
    PhysicsRangeError
        For energies that are not above zero.

    References
    ----------
    [ICRP116]_

    Examples
    --------
    >>> red, surface = marrow_photon_ratio("icrp116", 50.0)
    >>> round(float(red), 2), round(float(surface), 2)
    (1.03, 1.59)
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    if not np.all(energy > 0.0):
        raise PhysicsRangeError(f"photon energies are above zero, got {energy.min():g} keV")
    if method not in PHOTON_METHODS:
        raise DataError(
            f"no photon method for marrow is called '{method}'; there are "
            f"{', '.join(PHOTON_METHODS)}"
        )
    if method == "kerma":
        return np.ones_like(energy), np.ones_like(energy)
    at, red, surface = _icrp116(body)
    x = np.log(np.minimum(energy, HIGHEST_keV))
    return np.interp(x, np.log(at), red), np.interp(x, np.log(at), surface)


@cache
def _spectra() -> tuple[tuple[str, Floats, Floats], ...]:
    return tuple(
        (b.nuclide, *spectrum_nodes(b.end_point_keV, b.daughter_z, b.a, "minus", b.shape))
        for b in skeletal_electrons().betas
        if b.nuclide != LEFT_OUT
    )


@cache
def _unfolded(target: str, source: str) -> tuple[Floats, Floats]:
    """Nodes in keV and absorbed fractions; see the head of the module."""
    from scipy.optimize import lsq_linear

    table = skeletal_electrons()
    key = "trabecular_surface" if source == "bone_surface" else source
    node = np.log(np.asarray(UNFOLD_keV))
    rows: list[Floats] = []
    mean: list[float] = []
    for name, energy, number in _spectra():
        weight = energy * number / float(np.sum(energy * number))
        hats = np.array([np.interp(np.log(energy), node, hat) for hat in np.eye(len(node))])
        gray = next(b for b in table.betas if b.nuclide == name).gray[target][key]
        keV = float(np.sum(energy * number) / np.sum(number))
        mGy_per_MBq_s = gray * 1e9
        mean.append(mGy_per_MBq_s * table.mass_g[target] / (keV * S_UNIT_mGy_g_per_MBq_s_keV))
        rows.append(hats @ weight)
    value = np.array(mean)
    scale = 1.0 / np.maximum(value, 1e-4)
    bends = SMOOTHING / value.max() * np.diff(np.eye(len(node)), 2, axis=0)
    matrix = np.vstack((np.array(rows) * scale[:, None], bends))
    right = np.concatenate((value * scale, np.zeros(len(bends))))
    low, high = np.zeros(len(node)), np.ones(len(node))
    known = AT_1_keV.get((target, source))
    if known is not None:
        low[0], high[0] = max(0.0, known - 1e-9), known + 1e-9
    found = lsq_linear(matrix, right, bounds=(low, high), method="bvls").x
    return np.asarray(UNFOLD_keV), np.clip(found, 0.0, 1.0)


def marrow_electron_fraction(
    target: str,
    source: str,
    energy_keV: ArrayLike,
    cellularity: float | None = None,
    method: str = "icrp133",
) -> Floats:
    r"""Absorbed fraction of electrons of one energy, mean over the skeleton.

    Parameters
    ----------
    target : {"red_marrow", "bone_surface"}
        ``bone_surface`` is the endosteum, 50 µm deep in ICRP 133.
    source : str
        Of `SOURCES`; ``bone_surface`` is the surface of trabeculae.
    energy_keV : array_like, any shape
        Below 1 and above 2000 keV the last value holds.
    cellularity : float, optional
        The patient's active share of marrow, above 0 and at most 1. Fractions into red marrow
        from bone and fat are then taken proportional to it; from red marrow the part that escapes
        comes back in proportion to it (assumed):
        :math:`1 - w (1 - \phi_\infty f / f_0)`, :math:`w = (1 - \phi) / (1 - \phi_\infty)`.
    method : {"icrp133", "icrp30", "unity"}

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    DataError
        For an unknown target, source or method.
    PhysicsRangeError
        For a cellularity that is no fraction or energies not above zero.

    References
    ----------
    [ICRP133]_, [ICRP30]_

    Examples
    --------
    >>> round(float(marrow_electron_fraction("red_marrow", "red_marrow", 200.0)), 2)
    0.52
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    for name, known, what in ((target, TARGETS, "target"), (source, SOURCES, "source")):
        if name not in known:
            raise DataError(
                f"no {what} in the skeleton is called '{name}'; there are {', '.join(known)}"
            )
    if method not in ELECTRON_METHODS:
        raise DataError(
            f"no electron method for marrow is called '{method}'; there are "
            f"{', '.join(ELECTRON_METHODS)}"
        )
    if not np.all(energy > 0.0):
        raise PhysicsRangeError(f"electron energies are above zero, got {energy.min():g} keV")
    if cellularity is not None and not 0.0 < cellularity <= 1.0:
        raise PhysicsRangeError(
            f"cellularity is a fraction above 0 and at most 1, got {cellularity:g}; write 40% as "
            "0.40"
        )
    table = skeletal_electrons()
    inside = source in ("red_marrow", "yellow_marrow")
    if inside and method != "icrp133":
        if target == source:
            return np.ones_like(energy)
        if source == "yellow_marrow":
            return np.zeros_like(energy)
        return np.full_like(energy, table.mass_g["bone_surface"] / table.mass_g["red_marrow"])
    if method == "icrp30":
        red, soft, hard = ICRP30[source]
        surface = np.where(energy < ICRP30_LIMIT_keV, soft, hard)
        return np.full_like(energy, red) if target == "red_marrow" else surface
    node, value = _unfolded(target, source)
    fraction = np.interp(np.log(energy), np.log(node), value)
    if cellularity is None or target != "red_marrow":
        return fraction
    ratio = cellularity / table.cellularity
    if source != "red_marrow":
        return np.minimum(fraction * ratio, 1.0)
    last = float(value[-1])
    escaped = np.clip((1.0 - fraction) / (1.0 - last), 0.0, None)
    return np.clip(1.0 - escaped * (1.0 - min(last * ratio, 1.0)), 0.0, 1.0)
