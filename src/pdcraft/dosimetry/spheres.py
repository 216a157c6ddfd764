r"""Self-dose S values of spheres of water within water.

.. math:: S = \frac{1}{m} \sum_i E_i Y_i\, \varphi_i(m)

with absorbed fractions from the tables of `pdcraft.dosimetry.absorbed_fraction`, made by the
package's transport: fluorescence, bremsstrahlung, winding tracks and what scatters back are in
them. For comparison, ``"local"`` absorbs the emitted electrons where they start. A sphere stands
for the organ or lesion of its mass; its shape and other sources are not in it.

A positron's two annihilation photons start where it starts, not where it ends. Alpha particles run
straight by their range, recoils stay (`pdcraft.dosimetry.alpha_tracks`).

Units: g, mm, mGy/(MBq·s).

References
----------
.. [MIRD21] W.E. Bolch et al., MIRD Pamphlet No. 21, J. Nucl. Med. 50, 477 (2009),
   doi:10.2967/jnumed.108.056036
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.notebook import Shown, Table, number
from pdcraft.data.chains import (
    Member,
    chain,
    decays_per_parent_decay,
    progeny_words,
    uncounted_alpha_words,
)
from pdcraft.data.emissions import electron_keV, energy_by_kind_keV, photon_keV
from pdcraft.data.nuclides import Nuclide, Progeny, Spectra, Stay, nuclide, usual_progeny
from pdcraft.dosimetry.absorbed_fraction import total
from pdcraft.dosimetry.sphere_energy import (
    METHODS,
    ElectronMethod,
    absorbed_by_type,
    words_beyond_tables,
)
from pdcraft.errors import ApproximationWarning, DataError, PhysicsRangeError
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV

__all__ = [
    "METHODS",
    "ElectronMethod",
    "MemberS",
    "SphereS",
    "local_words",
    "radius_mm_of",
    "sphere_S",
    "sphere_S_draws",
    "sphere_S_members",
]

LOCAL_TOLERANCE = 0.02  # the band that published sphere S values agree in
COMPARED_mm = (0.01, 300.0)  # radii that were compared with other codes
LEAST_mm, MOST_mm = 1e-3, 1e3  # a cell's organelle to a body: outside, a unit is wrong
MASS_NODES = 24  # absorbed energies of more masses than this are interpolated


@dataclass(frozen=True, slots=True, repr=False)
class SphereS(Shown):
    """Self-dose S value of a uniform sphere and how it was made.

    ``total``, ``electron``, ``photon`` in mGy/(MBq·s), each with its Monte Carlo standard error;
    ``alpha``, of alpha particles and recoils, is computed without one.
    ``by_type`` splits the total by photon, beta, Auger, positron and, of alpha emitters, alpha:
    value and standard error.
    Positrons count as electrons, their annihilation photons as photons. ``local_overestimate`` is
    by how much local deposition exceeds running electrons, as a fraction of the total;
    ``electron_fraction``, ``photon_fraction`` and ``alpha_fraction`` are the absorbed fractions of
    the emitted energy (None without such radiation).
    ``progeny_note`` says which daughters are in, ``notice`` the terms of data from an extra;
    ``histories`` is the number of decays of a run of its own, None from the tables.
    """

    nuclide: str
    radius_mm: float
    mass_g: float
    total: float
    total_err: float
    electron: float
    electron_err: float
    photon: float
    photon_err: float
    by_type: Mapping[str, tuple[float, float]]
    electron_fraction: float | None
    photon_fraction: float | None
    alpha: float
    alpha_fraction: float | None
    local_overestimate: float
    method: str
    includes: tuple[str, ...]
    progeny: Progeny
    spectra: Spectra
    sources: tuple[str, ...]
    progeny_note: str
    notice: str
    histories: int | None = None

    def _table(self) -> Table:
        parts = [
            ("electrons", self.electron, self.electron_err),
            ("photons", self.photon, self.photon_err),
            ("all", self.total, self.total_err),
        ]
        if self.alpha_fraction is not None:
            parts.insert(0, ("alpha particles and recoils", self.alpha, 0.0))
        rows = [(name, number(value), number(error)) for name, value, error in parts]
        title = f"{self.nuclide} in a sphere of {self.mass_g:.4g} g: S, mGy/(MBq·s)"
        return Table(title, ("radiation", "S", "Monte Carlo error"), rows)


def radius_mm_of(mass_g: ArrayLike, density_g_per_mL: float = 1.0) -> Floats:
    """Radius of the sphere of a mass, in mm.

    Examples
    --------
    >>> round(float(radius_mm_of(1.0)), 4)
    6.2035
    """
    volume_mm3 = np.asarray(mass_g, dtype=np.float64) / density_g_per_mL * 1e3
    return np.cbrt(0.75 * volume_mm3 / np.pi)


def mass_g_of(radius_mm: float, density_g_per_mL: float = 1.0) -> float:
    """Mass of the sphere of a radius, in g."""
    return 4.0 / 3.0 * np.pi * radius_mm**3 * 1e-3 * density_g_per_mL


def _require_positive(value: ArrayLike, what: str, unit: str) -> None:
    array = np.asarray(value, dtype=np.float64)
    ok = np.isfinite(array) & (array > 0.0)
    if not np.all(ok):
        worst = array[~ok][0]
        raise PhysicsRangeError(
            f"the {what} of a sphere must be above 0 {unit} and finite, got {worst:g} {unit}"
        )


def sphere_S(
    name: str,
    *,
    mass_g: float | None = None,
    radius_mm: float | None = None,
    electrons: ElectronMethod = "transported",
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    stay: Stay = 1.0,
    water_I_eV: float = 78.0,
    density_g_per_mL: float = 1.0,
) -> SphereS:
    """Self-dose S value of one sphere of water, with uniform activity, in unbounded water.

    Parameters
    ----------
    name : str
        Nuclide.
    mass_g, radius_mm : float
        One of the two.
    electrons : {"transported", "local"}
    progeny : {"none", "prompt", "equilibrium"}, optional
        As in `pdcraft.data.nuclides.nuclide`. For explicit progeny see `sphere_S_members`.
    spectra : {"own", "icrp107"}
    stay : float or mapping of str to float
        Share of each daughter's atoms that decays in the sphere, as in `pdcraft.data.nuclides`.
    water_I_eV : float
        78 or 75; only ranges of electrons depend on it.
    density_g_per_mL : float

    Returns
    -------
    SphereS

    Raises
    ------
    DataError
        For an unknown nuclide, spectra that are not installed, or if not exactly one of mass and
        radius is given.
    PhysicsRangeError
        For a mass or radius that is not above zero.

    Warns
    -----
    ApproximationWarning
        Local electrons where running ones would lower the S value by more than 2%; radii below
        10 um or above 300 mm, where nothing was compared with other codes; energies above 3 MeV.

    References
    ----------
    [MIRD21]_
    """
    radius_mm, mass_g = size_of(mass_g, radius_mm, density_g_per_mL)
    progeny = progeny or usual_progeny(name, spectra)
    source = nuclide(name, progeny, spectra, stay)
    ran, stayed = (
        absorbed_by_type(source, radius_mm, how, water_I_eV, density_g_per_mL)
        for how in ("transported", "local")
    )
    by_type = ran if electrons == "transported" else stayed
    electron = total(by_type[kind] for kind in ("beta", "Auger", "positron"))
    photon = by_type["photon"]
    alpha_keV = by_type["alpha"].keV if source.alpha else 0.0
    everything = total(by_type.values())
    overestimate = sum(x.keV for x in stayed.values()) / sum(x.keV for x in ran.values()) - 1.0
    warn_of(source, mass_g, radius_mm, electrons, overestimate)
    if progeny != "none":
        for message in uncounted_alpha_words(source):
            warnings.warn(message, ApproximationWarning, stacklevel=2)
    per_keV = S_UNIT_mGy_g_per_MBq_s_keV / mass_g
    return SphereS(
        nuclide=source.name,
        radius_mm=radius_mm,
        mass_g=mass_g,
        total=everything.keV * per_keV,
        total_err=everything.std_err_keV * per_keV,
        electron=electron.keV * per_keV,
        electron_err=electron.std_err_keV * per_keV,
        photon=photon.keV * per_keV,
        photon_err=photon.std_err_keV * per_keV,
        by_type={k: (x.keV * per_keV, x.std_err_keV * per_keV) for k, x in by_type.items()},
        electron_fraction=electron.keV / emitted if (emitted := electron_keV(source)) else None,
        photon_fraction=photon.keV / photon_keV(source) if source.photons else None,
        alpha=alpha_keV * per_keV,
        alpha_fraction=alpha_keV / (source.alpha_keV + source.recoil_keV) if source.alpha else None,
        local_overestimate=overestimate,
        method=METHODS[electrons],
        includes=included(source),
        progeny=progeny,
        spectra=spectra,
        sources=source.sources,
        progeny_note=progeny_words(source),
        notice=source.notice,
    )


def size_of(
    mass_g: float | None, radius_mm: float | None, density_g_per_mL: float = 1.0
) -> tuple[float, float]:
    """Radius in mm and mass in g from one of the two, checked."""
    if (mass_g is None) == (radius_mm is None):
        raise DataError("give either the mass or the radius of the sphere, one of them")
    if mass_g is not None:
        _require_positive(mass_g, "mass", "g")
        radius_mm = float(radius_mm_of(mass_g, density_g_per_mL))
    else:
        assert radius_mm is not None
        _require_positive(radius_mm, "radius", "mm")
        mass_g = mass_g_of(radius_mm, density_g_per_mL)
    if not LEAST_mm <= radius_mm <= MOST_mm:
        raise PhysicsRangeError(
            f"a sphere of radius {radius_mm:.3g} mm is outside {LEAST_mm:g} to {MOST_mm:g} mm, "
            "where this method means anything; check the unit"
        )
    return radius_mm, mass_g


@dataclass(frozen=True, slots=True)
class MemberS:
    """S value of one member of a decay chain, per MBq·s of that member.

    ``decays_per_parent_decay`` are its decays until the time asked for, over the parent's.
    """

    member: Member
    decays_per_parent_decay: float
    S: SphereS


def sphere_S_members(
    name: str,
    *,
    mass_g: float | None = None,
    radius_mm: float | None = None,
    electrons: ElectronMethod = "transported",
    spectra: Spectra = "own",
    water_I_eV: float = 78.0,
    until_h: float = inf,
) -> tuple[MemberS, ...]:
    """S values of a nuclide and its progeny one by one (progeny ``"explicit"``), the parent first.

    Nothing is summed: the members' decays are those of a sphere that nothing leaves, and a daughter
    that moves has decays of its own.

    Parameters
    ----------
    name, mass_g, radius_mm, electrons, water_I_eV
        As in `sphere_S`.
    spectra : {"own"}
        The data of ICRP 107 hold no chains and are refused.
    until_h : float
        Time to which decays are counted, from the pure parent on; infinity counts all.

    Raises
    ------
    DataError, PhysicsRangeError
        As in `sphere_S`.
    """
    if spectra != "own":
        nuclide(name, "explicit", spectra)  # says why
    decays = decays_per_parent_decay(name, until_h)
    out: list[MemberS] = []
    for member in chain(name):
        value = sphere_S(
            member.name,
            mass_g=mass_g,
            radius_mm=radius_mm,
            electrons=electrons,
            progeny="none",
            water_I_eV=water_I_eV,
        )
        words = progeny_words(nuclide(member.name, "none"), separate=True)
        value = replace(value, progeny="explicit", progeny_note=words)
        out.append(MemberS(member, float(decays[member.name]), value))
    return tuple(out)


def included(source: Nuclide) -> tuple[str, ...]:
    """List what the S value counts, such as ``"I-131 beta minus"``."""
    alone = len(source.includes) == 1
    return tuple(
        f"{part} {kind}"
        for part in source.includes
        for kind, energy in energy_by_kind_keV(source if alone else nuclide(part, "none")).items()
        if energy > 0.0
    )


def warn_of(
    source: Nuclide, mass_g: float, radius_mm: float, electrons: ElectronMethod, overestimate: float
) -> None:
    """Warn of what makes an S value less certain than its standard error says."""
    messages: list[str] = []
    if electrons == "local" and overestimate > LOCAL_TOLERANCE:
        by = (
            f"by about {100 * overestimate:.2g}%"
            if overestimate < 1
            else f"by a factor of {_factor(overestimate)}"
        )
        messages.append(
            f"{source.name} in a sphere of {mass_g:.3g} g: local electrons overestimate the dose "
            f"{by} (rule: more than {100 * LOCAL_TOLERANCE:g}%); "
            "electrons='transported' lets them run"
        )
    if radius_mm < COMPARED_mm[0]:
        messages.append(
            f"{source.name} in a sphere of radius {1000 * radius_mm:.3g} um: below "
            f"{1000 * COMPARED_mm[0]:g} um nothing was compared with other codes, and electrons "
            "below 1 keV count as absorbed on the spot; pdcraft cell lets them run"
        )
    if radius_mm > COMPARED_mm[1]:
        messages.append(
            f"{source.name} in a sphere of radius {radius_mm / 10:.3g} cm: above "
            f"{COMPARED_mm[1] / 10:g} cm nothing was compared with other codes"
        )
    messages += words_beyond_tables(source)
    for message in messages:
        warnings.warn(message, ApproximationWarning, stacklevel=3)


def sphere_S_draws(
    name: str,
    mass_g: ArrayLike,
    *,
    electrons: ElectronMethod = "transported",
    progeny: Progeny | None = None,
    water_I_eV: float = 78.0,
    density_g_per_mL: float = 1.0,
) -> Floats:
    """S values of many spheres at once, for instance one mass per draw.

    Parameters
    ----------
    name : str
    mass_g : array_like, any shape
    electrons, progeny, water_I_eV, density_g_per_mL
        As in `sphere_S`. The warning is given once, for the lightest sphere.

    Returns
    -------
    ndarray, same shape as ``mass_g``
        mGy/(MBq·s). Absorbed energies of more than 24 masses are interpolated: 2e-4 over a
        hundredfold range of mass.
    """
    mass = np.asarray(mass_g, dtype=np.float64)
    _require_positive(mass, "mass", "g")
    lightest = float(mass.min())
    sphere_S(  # checks, and warns where the method is worst
        name,
        mass_g=lightest,
        electrons=electrons,
        progeny=progeny,
        water_I_eV=water_I_eV,
        density_g_per_mL=density_g_per_mL,
    )
    source = nuclide(name, progeny)
    radius = radius_mm_of(mass, density_g_per_mL)
    nodes = np.unique(radius)
    if nodes.size > MASS_NODES:
        nodes = np.geomspace(nodes[0], nodes[-1], MASS_NODES)
    table = [
        sum(
            x.keV
            for x in absorbed_by_type(
                source, float(r), electrons, water_I_eV, density_g_per_mL
            ).values()
        )
        for r in nodes
    ]
    absorbed = np.exp(np.interp(np.log(radius), np.log(nodes), np.log(table)))
    return absorbed * S_UNIT_mGy_g_per_MBq_s_keV / mass


def local_words(overestimate: float) -> str:
    """Say how much more local electrons give: a share, or a factor from twice as much on.

    Examples
    --------
    >>> local_words(0.034)
    'local electrons give 3.4% more than running ones'
    >>> local_words(32.0)
    'local electrons give 33 times what running ones give'
    """
    if overestimate < 1:
        return f"local electrons give {100 * overestimate:.2g}% more than running ones"
    return f"local electrons give {_factor(overestimate)} times what running ones give"


def _factor(overestimate: float) -> str:
    """Write 1 + `overestimate` with two significant digits, never as a power of ten."""
    return f"{float(f'{1 + overestimate:.2g}'):.10g}"
