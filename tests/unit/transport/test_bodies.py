"""Transport in bodies: places of sources, balances, spheres whose fractions are known otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pdcraft.anatomy import mouse_body, points_in, stylised_body, with_tumor
from pdcraft.core.body import Body
from pdcraft.core.material import Material
from pdcraft.data.materials import material
from pdcraft.errors import DataError
from pdcraft.transport.bodies import BodyTransport, prepare_body
from pdcraft.transport.emissions import mono
from pdcraft.transport.geometry import BODY, Geometry
from pdcraft.transport.history import place_in_body
from pdcraft.transport.rng import key_of
from pdcraft.transport.settings import Settings
from pdcraft.transport.spheres import Shells, transport_spheres
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON, POSITRON

COARSE = Settings(0.1, 0.1, 10.0, 10.0, 10.0, 1.0)


def _places(prepared: BodyTransport, name: str, n: int) -> np.ndarray:
    source = prepared.source(name)
    geometry = Geometry(
        BODY, 0, 0, 0, 1.0, 1.0, 1.0, -1, np.zeros(1), np.zeros(1, np.uint8),
        np.zeros(1, np.float32), prepared.cells,
    )  # fmt: skip
    rng = np.array([key_of(3), 0], np.uint64)
    return np.array([place_in_body(geometry, source, rng)[:4] for _ in range(n)])


@pytest.mark.parametrize("name", ["kidneys", "stomach_wall", "skeleton", "red_marrow"])
def test_sources_lie_where_the_sampling_in_numpy_puts_them(name: str) -> None:
    body = stylised_body("adult-male")
    n = 4000
    own = _places(prepare_body(body), name, n)
    other = points_in(body, name, n, np.random.default_rng(4))
    spread = np.std(other, axis=0)
    assert np.all(abs(own[:, :3].mean(axis=0) / 10 - other.mean(axis=0)) < 4.5 * spread / n**0.5)
    np.testing.assert_allclose(np.std(own[:, :3], axis=0) / 10, spread, rtol=0.06)


def test_red_marrow_lies_in_the_bones_by_their_share() -> None:
    body = stylised_body("adult-male")
    n = 6000
    regions = _places(prepare_body(body), "red_marrow", n)[:, 3].astype(int)
    for region, share in body.red_marrow.items():
        found = np.mean(regions == body.index(region))
        assert found == pytest.approx(share, abs=4.5 * math.sqrt(share / n))


def test_electrons_lose_all_their_energy_somewhere() -> None:
    prepared = prepare_body(mouse_body(25.0))
    tally = prepared.run(
        "spleen", mono(ELECTRON, BETA, 1000.0), histories=2000, settings=COARSE, threads=1
    )
    # straggling is drawn with mean zero: 2000 histories leave 0.02 % of it
    whole = tally.energy_keV.sum() + tally.escaped_keV
    assert whole == pytest.approx(1000.0, rel=1e-3, abs=0)
    assert tally.emitted_keV == pytest.approx(1000.0)


@pytest.mark.parametrize("energy_keV", [60.0, 511.0])
def test_photon_kerma_and_escape_make_up_the_energy(energy_keV: float) -> None:
    """Kerma is an estimate of the energy absorbed: balance within three of its errors."""
    prepared = prepare_body(stylised_body("adult-male"))
    tally = prepared.run(
        "liver", mono(PHOTON_PARTICLE, PHOTON, energy_keV), histories=40_000, threads=1
    )
    whole = (tally.energy_keV.sum() + tally.escaped_keV) / energy_keV
    assert whole == pytest.approx(1.0, abs=0.008)


def test_positrons_bring_their_annihilation_photons() -> None:
    prepared = prepare_body(mouse_body(25.0))
    tally = prepared.run(
        "liver", mono(POSITRON_PARTICLE, POSITRON, 250.0), histories=1000, settings=COARSE,
        threads=1,
    )  # fmt: skip
    assert tally.emitted_keV == pytest.approx(250.0 + 1022.0, rel=1e-5)
    assert tally.escaped_keV > 900.0  # most of 1022 keV leaves a mouse


def _in_liver(mass_g: float) -> Body:
    return with_tumor(stylised_body("adult-male"), (-9.0, -1.0, 36.0), mass_g, "lesion:a")


def _medium() -> Material:
    return material("soft tissue, stylised body")


@pytest.mark.parametrize(
    ("particle", "row", "energy_keV", "n"),
    [(ELECTRON, BETA, 300.0, 4000), (ELECTRON, BETA, 900.0, 12_000)],
)
def test_electrons_of_a_sphere_in_the_liver_are_those_of_concentric_spheres(
    particle: int, row: int, energy_keV: float, n: int
) -> None:
    """The other geometry of the engine, whose boundaries are found in another way."""
    body = _in_liver(0.5)
    radius_mm = 10 * (3 * body.volume_cm3[0] / (4 * math.pi)) ** (1 / 3)
    groups = mono(particle, row, energy_keV)
    own = prepare_body(body).run("lesion:a", groups, histories=n, settings=COARSE, threads=1)
    shells = Shells((radius_mm,), (_medium(), _medium()), (1.04, 1.04))
    other = transport_spheres(shells, groups, histories=n, settings=COARSE, seed=9, threads=1)
    value, reference = own.energy_keV[0], float(other.energy_keV[-1, 0])
    error = math.hypot(own.std_err_keV[0], float(other.std_err_keV[-1, 0]))
    assert error < 0.01 * reference
    assert value == pytest.approx(reference, abs=4.0 * error)


def test_photons_of_a_sphere_in_the_liver_agree_with_transported_ones() -> None:
    """Kerma by delta tracking against flights to every face with electrons transported.

    30 keV, where electrons run 20 micrometers: kerma is the dose. What scatters back from beyond
    the liver is of no weight at this energy.
    """
    body = _in_liver(10.0)
    radius_mm = 10 * (3 * body.volume_cm3[0] / (4 * math.pi)) ** (1 / 3)
    groups = mono(PHOTON_PARTICLE, PHOTON, 30.0)
    own = prepare_body(body).run("lesion:a", groups, histories=30_000, threads=1)
    shells = Shells((radius_mm,), (_medium(), _medium()), (1.04, 1.04))
    other = transport_spheres(shells, groups, histories=40_000, settings=COARSE, seed=9, threads=1)
    error = math.hypot(own.std_err_keV[0], float(other.std_err_keV[-1, 0]))
    reference = float(other.energy_keV[-1, 0])
    assert error < 0.018 * reference
    assert own.energy_keV[0] == pytest.approx(reference, abs=4.0 * error)


def test_a_finer_or_coarser_grid_changes_no_answer() -> None:
    """Cells are a matter of speed: same seed, same draws of paths, the same energies."""
    body = stylised_body("adult-male")
    groups = mono(PHOTON_PARTICLE, PHOTON, 100.0)
    # the source is drawn through the cells, so only means agree
    some = [
        prepare_body(body, edge_mm=edge).run("spleen", groups, histories=20_000, threads=1)
        for edge in (6.0, 20.0)
    ]
    spleen = body.index("spleen")
    error = math.hypot(some[0].std_err_keV[spleen], some[1].std_err_keV[spleen])
    assert some[0].energy_keV[spleen] == pytest.approx(some[1].energy_keV[spleen], abs=4 * error)


def test_threads_do_not_change_a_number() -> None:
    prepared = prepare_body(mouse_body(25.0))
    groups = mono(PHOTON_PARTICLE, PHOTON, 100.0)
    one, two = (prepared.run("liver", groups, histories=2000, threads=n).energy_keV for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_secondary_electrons_carry_the_kerma_when_asked() -> None:
    """In the middle of soft tissue charged-particle equilibrium holds: kerma is the dose."""
    body = stylised_body("adult-male")
    groups = mono(PHOTON_PARTICLE, PHOTON, 364.0)
    liver = body.index("liver")
    kerma = prepare_body(body).run("liver", groups, histories=30_000, threads=1)
    full = prepare_body(body, secondaries=True).run(
        "liver", groups, histories=10_000, settings=COARSE, threads=1
    )
    error = math.hypot(kerma.std_err_keV[liver], full.std_err_keV[liver])
    assert error < 0.02 * full.energy_keV[liver]
    assert kerma.energy_keV[liver] == pytest.approx(full.energy_keV[liver], abs=4 * error)
    whole = full.energy_keV.sum() + full.escaped_keV
    assert whole == pytest.approx(364.0, rel=1e-3, abs=0)  # analog: every keV has a place


def test_marrow_kerma_is_fluence_times_its_coefficient() -> None:
    """From bone to marrow: the ratio of the two media's mean kerma coefficients, at one energy.

    At 1 MeV nearly all photons in bone still Compton scatter; kerma per gram of marrow is 1.01 to
    1.06 times that of bone, by mass energy-absorption coefficients of the constituents (more
    hydrogen).
    """
    body = stylised_body("adult-male")
    tally = prepare_body(body).run(
        "red_marrow", mono(PHOTON_PARTICLE, PHOTON, 1000.0), histories=40_000, threads=1
    )
    shares = np.array([body.red_marrow.get(r, 0.0) for r in body.regions])
    bone = float(np.sum(shares * tally.energy_keV / body.own_mass_g))
    assert 1.01 < tally.marrow_keV_per_g.sum() / bone < 1.06


def test_what_a_body_lacks_is_said() -> None:
    prepared = prepare_body(mouse_body(25.0))
    with pytest.raises(DataError, match="red marrow"):
        prepared.source("red_marrow")
    with pytest.raises(DataError, match="did you mean 'kidneys'"):
        prepared.source("kidney")
