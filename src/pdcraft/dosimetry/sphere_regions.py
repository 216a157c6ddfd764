"""Regions that a body has no solid for, as spheres in another region: lesions, glands, marrow.

Such a region's activity gives it the self-dose of a sphere of its mass; photons from elsewhere
give it what they give its surroundings, and its own photons reach the rest of the body as those of
its surroundings do. Electrons and alpha particles do not cross its border. That is a tumor that is
small against the region around it; one that displaces organs needs transport in the body.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.nuclides import Progeny, Spectra
from pdcraft.dosimetry.organ_s import SKELETON, TOTAL, OrganS
from pdcraft.dosimetry.spheres import SphereS, sphere_S
from pdcraft.errors import ApproximationWarning, DataError

__all__ = ["SphereRegion", "with_spheres"]


@dataclass(frozen=True, slots=True)
class SphereRegion:
    """A region without a solid: its name, mass, where it lies, and 2 parts if it is a pair."""

    name: str
    mass_g: float
    surroundings: str
    parts: int = 1


def with_spheres(S: OrganS, spheres: Sequence[SphereRegion]) -> OrganS:
    """S values of a body with more regions, each a source and a target.

    Parameters
    ----------
    S : OrganS
    spheres : sequence of SphereRegion
        Their mass is not taken from their surroundings.

    Raises
    ------
    DataError
        For a name that is taken, or surroundings that the body does not have.
    """
    out = S
    for one in spheres:
        out = _with(out, one)
    return out


def _with(S: OrganS, one: SphereRegion) -> OrganS:
    if one.name in S.sources or one.name in S.targets:
        raise DataError(f"{S.body} already has a region '{one.name}'; choose another name")
    around = S.stands_for.get(one.surroundings, one.surroundings)
    if around not in S.targets:
        known = ", ".join(S.targets)
        raise DataError(f"'{one.name}' cannot lie in '{around}': {S.body} has {known}")
    row = S.targets.index(around)
    in_bone = around in S.groups.get(SKELETON, ())
    column = S.sources.index(SKELETON if in_bone else around)
    own = _self(S.nuclide, cast(Progeny, S.progeny), cast(Spectra, S.spectra), one)
    # a row for the target, and a column for the source: photons are those of the surroundings
    electron, photon, error = (_bordered(a, row, column) for a in (S.electron, S.photon, S.std_err))
    electron[-1, :] = 0.0
    electron[:, -1] = 0.0
    total = S.targets.index(TOTAL)
    electron[total, -1] = S.electron[total, column]  # they stay in the body
    for i, j, weight in ((-1, slice(None), S.photon[row]), (slice(None), -1, S.photon[:, column])):
        whole = S.total[row] if i == -1 else S.total[:, column]
        # of the error of both radiations, the share that photons have of the dose
        error[i, j][: len(weight)] *= np.divide(
            weight, whole, out=np.zeros_like(weight), where=whole > 0
        )
    # alpha particles and recoils count with the electrons, as everywhere in S values of organs
    electron[-1, -1] = own.electron + own.alpha
    photon[-1, -1], error[-1, -1] = own.photon, own.total_err
    mine = np.zeros((len(S.targets) + 1, len(S.sources) + 1), dtype=bool)
    mine[:-1, :-1] = S.own
    mine[-1, -1] = True
    return replace(
        S,
        sources=(*S.sources, one.name),
        targets=(*S.targets, one.name),
        source_mass_g=np.append(S.source_mass_g, one.mass_g),
        target_mass_g=np.append(S.target_mass_g, one.mass_g),
        electron=electron,
        photon=photon,
        std_err=error,
        own=mine,
        remarks=(*S.remarks, f"{one.name}: a sphere of {one.mass_g:g} g in {one.surroundings}"),
    )


def _bordered(values: Floats, row: int, column: int) -> Floats:
    """Repeat a row and a column at the end."""
    wide = np.column_stack([values, values[:, column]])
    return np.vstack([wide, wide[row]])


@cache
def _self(nuclide: str, progeny: Progeny, spectra: Spectra, one: SphereRegion) -> SphereS:
    with warnings.catch_warnings():  # the body's own values have said so
        warnings.simplefilter("ignore", ApproximationWarning)
        found = sphere_S(nuclide, mass_g=one.mass_g / one.parts, progeny=progeny, spectra=spectra)
    share = 1.0 / one.parts  # activity of the whole region, mass of a part
    return replace(
        found,
        electron=found.electron * share,
        alpha=found.alpha * share,
        photon=found.photon * share,
        total_err=found.total_err * share,
    )
