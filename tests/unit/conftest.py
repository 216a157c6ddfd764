"""Absorbed fractions of a body made by hand: powers of the energy, so that folding is arithmetic.

Electrons: the self-dose falls slowly with energy, what reaches other regions rises with it.
Photons: the self-dose falls, other regions get a number of their own each. Log-log interpolation
of a power law is exact, whatever the nodes.
"""

from __future__ import annotations

import numpy as np
import pytest

from pdcraft.core.body_fractions import BodyFractions, Fractions

ENERGIES_keV = np.geomspace(10.0, 4000.0, 9)
BONE_SOURCES = ("skeleton", "red_marrow")


def power_law_fractions(body, rel_err=0.01):
    """Make them for a body: `BodyFractions`."""
    bones = set(body.groups.get("skeleton", ("skeleton",)))
    sources = (*(r for r in body.regions if r not in bones), "skeleton")
    sources += ("red_marrow",) if body.red_marrow else ()
    mass = body.own_mass_g
    total = mass.sum()
    source_mass = np.array(
        [
            mass[body.index(s)]
            if s not in BONE_SOURCES
            else sum(mass[body.index(b)] for b in bones)
            for s in sources
        ]
    )
    own = np.array(
        [[t == s or (s in BONE_SOURCES and t in bones) for t in body.regions] for s in sources]
    )
    serial = np.arange(own.size).reshape(own.shape)  # every pair has a number of its own
    cross = (1 + serial / own.size) / total
    x = (ENERGIES_keV / 10.0)[:, None, None]
    electron = np.where(own, 0.95 / source_mass[:, None] * x**-0.01, 1e-4 * cross * x)
    photon = np.where(own, 0.9 / source_mass[:, None] * x**-0.5, 0.3 * cross * x**-0.2)
    return BodyFractions(
        body=body.name,
        sources=sources,
        targets=body.regions,
        target_mass_g=mass,
        source_mass_g=source_mass,
        photon=Fractions(ENERGIES_keV, photon, rel_err * photon),
        electron=Fractions(ENERGIES_keV, electron, rel_err * electron),
        marrow=None,
        made_by="power laws, for tests",
    )


@pytest.fixture(scope="session")
def adult_male():
    from pdcraft.anatomy import stylised_body

    return stylised_body("adult-male")


@pytest.fixture(scope="session")
def made_fractions(adult_male):
    return power_law_fractions(adult_male)
