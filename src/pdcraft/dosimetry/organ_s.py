r"""S values of a body: absorbed fractions folded with a nuclide's emissions, masses scaled.

.. math:: S(T \leftarrow S) = \sum_i E_i Y_i\, \Phi(T \leftarrow S, E_i)

`pdcraft.dosimetry.fraction_folding` sums. The geometry's masses :math:`m_0` become those of a mass
table, :math:`m`: self-dose of electrons times :math:`m_0/m`, of photons times
:math:`(m_0/m)^{2/3}` (absorbed fraction proportional to :math:`m^{1/3}`); doses from elsewhere are
not scaled. Groups: a source ``total_body`` holds its regions by mass, a target that has parts
(``total_body``, ``skeleton``) gets their mean by mass.

Units: g, mGy/(MBq s).

References
----------
.. [MIRD21] W.E. Bolch et al., MIRD Pamphlet No. 21, J. Nucl. Med. 50, 477 (2009),
   doi:10.2967/jnumed.108.056036
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.body import Body, BodyMasses
from pdcraft.core.body_fractions import BodyFractions, Fractions
from pdcraft.data.chains import uncounted_alpha_words
from pdcraft.data.nuclides import Progeny, Spectra, usual_progeny
from pdcraft.data.nuclides import nuclide as nuclide_of
from pdcraft.dosimetry.fraction_folding import Emitted, absorbed_keV_per_g, emitted
from pdcraft.dosimetry.marrow_fractions import DEFAULT_METHOD, marrow_method
from pdcraft.dosimetry.marrow_s import MARROW, SKELETON, marrow_S
from pdcraft.dosimetry.sphere_energy import words_beyond_tables
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV

__all__ = [
    "CONVENTIONS",
    "MARROW",
    "PHOTON_SELF_POWER",
    "SKELETON",
    "TOTAL",
    "Convention",
    "OrganS",
    "organ_S",
]

Convention = Literal["transported", "half-contents"]
CONVENTIONS: Mapping[Convention, str] = {
    "transported": "electrons of contents transported into their wall",
    "half-contents": "electrons of contents give their wall half the contents' own dose",
}
TOTAL = "total_body"
PHOTON_SELF_POWER = 2 / 3  # S of a photon's self-dose falls with the mass to this power


@dataclass(frozen=True, slots=True)
class OrganS:
    """S values of a body, mGy/(MBq s).

    Parameters
    ----------
    body, nuclide, progeny, spectra : str
    half_life_h : float
    masses : str
        Name of the mass table.
    convention : {"transported", "half-contents"}
    sources : tuple of str
        Those of the absorbed fractions, and ``total_body`` (by mass).
    targets : tuple of str
        Those of the absorbed fractions, and ``skeleton``, ``red_marrow``, ``bone_surface`` (where
        the body has them), ``total_body``.
    target_mass_g, source_mass_g : ndarray, shape (targets,), (sources,)
        Of the mass table.
    electron, photon : ndarray, shape (targets, sources)
        Electrons of all kinds with positrons; photons with those of annihilation.
    std_err : ndarray, shape (targets, sources)
        Of both together, Monte Carlo only.
    own : ndarray of bool, shape (targets, sources)
        Where a target is (part of) its source: there S depends on the target's mass.
    red_marrow_method : str
        Empty for a body without marrow.
    remarks : tuple of str
        What a user of these values has to know.
    groups : mapping of str to tuple of str
        Targets by the name of what they make up.
    stands_for : mapping of str to str
        Regions that the body does not have, and the one that stands for them.
    """

    body: str
    nuclide: str
    progeny: str
    spectra: str
    half_life_h: float
    masses: str
    convention: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    target_mass_g: Floats
    source_mass_g: Floats
    electron: Floats
    photon: Floats
    std_err: Floats
    own: NDArray[np.bool_]
    red_marrow_method: str
    remarks: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    stands_for: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("target_mass_g", "source_mass_g", "electron", "photon", "std_err"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"{self.body}, {name}"))
        own = np.array(self.own, dtype=bool)
        own.flags.writeable = False
        object.__setattr__(self, "own", own)
        for name in ("groups", "stands_for"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def total(self) -> Floats:
        """Electrons and photons, shape (targets, sources)."""
        return self.electron + self.photon

    @property
    def parts(self) -> tuple[str, ...]:
        """Sources that make up the body, each gram of it once."""
        return tuple(s for s in self.sources if s not in (MARROW, TOTAL))


def organ_S(
    body: Body,
    fractions: BodyFractions,
    nuclide: str,
    *,
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    masses: str | None = None,
    marrow: str = DEFAULT_METHOD,
    convention: Convention = "transported",
) -> OrganS:
    """S values of all sources and targets of a body.

    Parameters
    ----------
    body : Body
    fractions : BodyFractions
        Of this body in its own geometry.
    nuclide, progeny, spectra : str
        As of `pdcraft.data.nuclides.nuclide`.
    masses : str, optional
        Mass table of the body; its default without one.
    marrow : str
        Method of the red marrow, one of `pdcraft.dosimetry.marrow_fractions.marrow_methods`.
    convention : {"transported", "half-contents"}
        How electrons of contents reach their wall.

    Raises
    ------
    DataError
        For fractions of another body, unknown names, a mass table that lacks a region.
    PhysicsRangeError
        For emissions beyond the tables.

    Warns
    -----
    ApproximationWarning
        If a part of the emissions lies above 3 MeV; if the mass table has no red marrow, which
        is then left out with ``bone_surface``.
    """
    if convention not in CONVENTIONS:
        raise DataError(f"convention '{convention}' is not one of {', '.join(CONVENTIONS)}")
    marrow_method(marrow)  # an unknown name is a fault of a body without marrow too
    _require_same(body, fractions)
    progeny = progeny or usual_progeny(nuclide, spectra)
    source = nuclide_of(nuclide, progeny, spectra)
    left_out = uncounted_alpha_words(source) if progeny != "none" else ()
    for message in (*words_beyond_tables(source), *left_out):
        warnings.warn(message, ApproximationWarning, stacklevel=2)
    photons, electrons = emitted(source)
    table = body.mass_table(masses)
    if MARROW in fractions.sources and MARROW not in table.region_g:
        warnings.warn(_words_without_marrow(body, table), ApproximationWarning, stacklevel=2)
        fractions = _without_marrow(fractions)
    mass = np.array([table.mass_g(t) for t in fractions.targets])
    own = _own(body, fractions)
    ratio = np.where(own, (fractions.target_mass_g / mass)[:, None], 1.0)
    spot = _on_the_spot(body, fractions)
    electron, electron_err = _values(fractions.electron, spot, electrons, ratio)
    photon, photon_err = _values(fractions.photon, spot, photons, ratio**PHOTON_SELF_POWER)
    if convention == "half-contents":
        dose = 0.5 * electrons.keV * S_UNIT_mGy_g_per_MBq_s_keV
        for t, s in _walls(fractions):
            electron[t, s], electron_err[t, s] = dose / table.mass_g(fractions.sources[s]), 0.0
    std_err = np.hypot(electron_err, photon_err)
    blocks = [_Block(fractions.targets, mass, electron, photon, std_err, own)]
    whole = _mean(blocks[0], TOTAL, fractions.targets, table)
    if SKELETON in body.groups:
        blocks.append(_mean(blocks[0], SKELETON, body.groups[SKELETON], table))
    method, remarks = "", body.remarks
    if fractions.marrow is not None:
        found = marrow_S(
            body,
            fractions,
            nuclide,
            method=marrow,
            progeny=progeny,
            spectra=spectra,
            masses=masses,
        )
        same = np.outer([t == MARROW for t in found.targets], [s == MARROW for s in found.sources])
        values = (found.target_mass_g, found.electron, found.photon, found.std_err)
        blocks.append(_Block(found.targets, *values, same))
        method, remarks = found.method, (*remarks, found.remark)
    blocks.append(whole)
    source_mass = np.array([table.mass_g(s) for s in fractions.sources])
    share = np.where([s == MARROW for s in fractions.sources], 0.0, source_mass)
    share /= share.sum()
    targets = _Block(
        tuple(t for b in blocks for t in b.names),
        *(np.concatenate([getattr(b, name) for b in blocks]) for name in _Block.ARRAYS),
    )
    return OrganS(
        body=body.name,
        nuclide=source.name,
        progeny=progeny,
        spectra=spectra,
        half_life_h=source.half_life_h,
        masses=table.name,
        convention=convention,
        sources=(*fractions.sources, TOTAL),
        targets=targets.names,
        target_mass_g=targets.mass_g,
        source_mass_g=np.append(source_mass, table.mass_g(TOTAL)),
        electron=np.column_stack([targets.electron, targets.electron @ share]),
        photon=np.column_stack([targets.photon, targets.photon @ share]),
        std_err=np.column_stack([targets.std_err, np.sqrt(targets.std_err**2 @ share**2)]),
        own=np.column_stack([targets.own, np.zeros(len(targets.names), dtype=bool)]),
        red_marrow_method=method,
        remarks=remarks,
        groups=body.groups,
        stands_for=body.stands_for,
    )


def _values(
    table: Fractions, spot_per_g: Floats, emission: Emitted, scale: Floats
) -> tuple[Floats, Floats]:
    """S values of one particle and their errors, shape (targets, sources)."""
    value, error = absorbed_keV_per_g(table, spot_per_g, emission)
    factor = S_UNIT_mGy_g_per_MBq_s_keV * scale
    return factor * value.T, factor * error.T


@dataclass(frozen=True, slots=True)
class _Block:
    """Some targets: rows of the S values from the sources of the absorbed fractions."""

    ARRAYS: ClassVar = ("mass_g", "electron", "photon", "std_err", "own")

    names: tuple[str, ...]
    mass_g: Floats
    electron: Floats
    photon: Floats
    std_err: Floats
    own: NDArray[np.bool_]


def _mean(rows: _Block, name: str, members: Sequence[str], table: BodyMasses) -> _Block:
    """Mean dose of what makes up a target, by mass; their errors are taken as independent."""
    part = np.array([t in members for t in rows.names])
    weight = np.where(part, rows.mass_g, 0.0)[None, :] / rows.mass_g[part].sum()
    return _Block(
        (name,),
        np.array([table.mass_g(name)]),
        weight @ rows.electron,
        weight @ rows.photon,
        np.sqrt(weight**2 @ rows.std_err**2),
        np.atleast_2d(rows.own[part].any(axis=0) & (name != TOTAL)),
    )


def _require_same(body: Body, fractions: BodyFractions) -> None:
    """Refuse absorbed fractions of another body."""
    if fractions.body == body.name and set(fractions.targets) == set(body.regions):
        return
    missing = sorted(set(body.regions) - set(fractions.targets))
    lacks = f"; they lack {', '.join(missing)}" if missing else ""
    raise DataError(
        f"absorbed fractions of {fractions.body} are not those of {body.name}{lacks}; make them "
        "for this body"
    )


def _words_without_marrow(body: Body, table: BodyMasses) -> str:
    known = " or ".join(n for n, one in body.masses.items() if MARROW in one.region_g)
    way_out = f"; for them take the masses of {known}" if known else ""
    return (
        f"{table.name} has no mass of red marrow for {body.name}: {MARROW} and bone_surface are "
        f"left out{way_out}"
    )


def _without_marrow(fractions: BodyFractions) -> BodyFractions:
    keep = np.array([s != MARROW for s in fractions.sources])

    def cut(one: Fractions) -> Fractions:
        return Fractions(one.energy_keV, one.per_g[:, keep], one.std_err_per_g[:, keep])

    return replace(
        fractions,
        sources=tuple(s for s in fractions.sources if s != MARROW),
        source_mass_g=fractions.source_mass_g[keep],
        photon=cut(fractions.photon),
        electron=cut(fractions.electron),
        marrow=None,
    )


def _parts_of(body: Body, source: str) -> Mapping[str, float]:
    """Regions that hold a source, with their share of it."""
    if source == MARROW:
        return body.red_marrow
    masses = dict(zip(body.regions, body.own_mass_g.tolist(), strict=True))
    members = body.groups.get(source, (source,))
    total = sum(masses[m] for m in members)
    return {m: masses[m] / total for m in members}


def _on_the_spot(body: Body, fractions: BodyFractions) -> Floats:
    """Specific absorbed fractions of what goes nowhere, 1/g, shape (sources, targets)."""
    parts = [_parts_of(body, s) for s in fractions.sources]
    share = [[p.get(t, 0.0) for t in fractions.targets] for p in parts]
    return np.array(share) / fractions.target_mass_g


def _own(body: Body, fractions: BodyFractions) -> NDArray[np.bool_]:
    """Where a target is (part of) its source, shape (targets, sources)."""
    parts = [_parts_of(body, s) for s in fractions.sources]
    return np.array([[t in p for p in parts] for t in fractions.targets])


def _walls(fractions: BodyFractions) -> list[tuple[int, int]]:
    """List indices of walls among the targets and of their contents among the sources."""
    stems = [t.removesuffix("_wall") for t in fractions.targets if t.endswith("_wall")]
    return [
        (fractions.targets.index(f"{stem}_wall"), fractions.sources.index(f"{stem}_contents"))
        for stem in stems
        if f"{stem}_contents" in fractions.sources
    ]
