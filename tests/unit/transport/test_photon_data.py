"""Photon tables as the kernels read them, against NIST's tables and XCOM's elements."""

from itertools import pairwise

import numpy as np
import pytest

from pdcraft.core.material import Material
from pdcraft.data.materials import material
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.transport.photon_data import photon_data
from pdcraft.transport.radiated_share import radiated_share
from pdcraft.validate.tables import reference_rows

NAMES = ("water", "air", "lung", "cortical bone", "skeletal muscle", "adipose", "breast")
MATERIALS = tuple(material(n) for n in NAMES)
DATA = photon_data(MATERIALS)
CM2_PER_G = 10.0  # from 1/mm per g/mL


def nist(name):
    """Energies in keV, mu and mu_en in cm²/g."""
    rows = [r for r in reference_rows("transport", "nist_photons.csv") if r["material"] == name]
    columns = ("energy_keV", "mu_cm2_per_g", "mu_en_cm2_per_g")
    return np.array([[float(r[c]) for c in columns] for r in rows]).T


def at(energy_keV, table):
    """Interpolate as the kernels do: linear in log energy."""
    return np.interp(np.log(energy_keV), DATA.log_energy, table)


@pytest.mark.parametrize("name", NAMES)
def test_attenuation_is_nists(name):
    energy, mu, _ = nist(name)
    got = CM2_PER_G * at(energy, DATA.total[:, NAMES.index(name)])
    # four printed digits (0.05%) and xraylib against XCOM (0.05%); above 1 MeV triplets are missing
    low = energy <= 1000
    np.testing.assert_allclose(got[low], mu[low], rtol=1e-3, atol=0)
    np.testing.assert_allclose(got, mu, rtol=2.5e-3, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_kerma_less_radiation_is_nists_energy_absorption(name):
    energy, _, mu_en = nist(name)
    one = material(name)
    data = photon_data((one,), (radiated_share(one),))
    kerma = np.interp(np.log(energy), data.log_energy, data.kerma[:, 0])
    # NIST's own fluorescence yields: 0.2% in bone at 10 keV; 0.1% elsewhere
    np.testing.assert_allclose(CM2_PER_G * kerma / energy, mu_en, rtol=2.5e-3, atol=0)


def test_radiation_grows_with_energy_and_atomic_number():
    energy = np.array([100.0, 1000.0, 3000.0])
    water, bone = (radiated_share(material(n))(energy) for n in ("water", "cortical bone"))
    assert np.all(np.diff(water) > 0)
    assert np.all(bone > water)


def test_absorption_jumps_at_the_edge():
    # NIST 5632, cortical bone at calcium's K edge, 4.038 keV: 129.6 and 333.2 cm²/g
    edge = DATA.shell_binding_keV[list(elements_of(MATERIALS)).index(20), 0]
    assert edge == pytest.approx(4.0381, rel=2e-4, abs=0)
    node = int(np.argmin(np.abs(DATA.energy_keV - edge)))
    assert DATA.energy_keV[node] == edge
    bone = CM2_PER_G * DATA.total[:, NAMES.index("cortical bone")]
    assert bone[node - 1] == pytest.approx(129.6, rel=1e-3, abs=0)
    assert bone[node] == pytest.approx(333.2, rel=1e-3, abs=0)


def elements_of(materials):
    return sorted({z for m in materials for z, _ in m.mass_fractions})


def test_nodes_ascend_and_sums_of_processes_do_too():
    assert DATA.energy_keV[0] == 1.0
    assert DATA.energy_keV[-1] == pytest.approx(3000.0, rel=1e-12, abs=0)
    assert np.all(np.diff(DATA.energy_keV) > 0)
    parts = (DATA.photo, DATA.photo_compton, DATA.photo_compton_rayleigh, DATA.total)
    for less, more in pairwise(parts):
        assert np.all(more >= less)
    assert np.all(DATA.kerma < DATA.total * DATA.energy_keV[:, None])
    below = DATA.energy_keV < 1021.9
    np.testing.assert_array_equal(DATA.total[below], DATA.photo_compton_rayleigh[below])


def test_kernels_find_their_node():
    energy = np.exp(np.random.default_rng(1).uniform(0.0, np.log(3000.0), 20000))
    energy[:4] = 1.0, 2999.999999, DATA.energy_keV[500], DATA.energy_keV[-2]
    bins = ((np.log(energy) - DATA.log_lowest) * DATA.bins_per_log).astype(int)
    node = DATA.start[np.minimum(bins, DATA.start.size - 1)]
    assert np.all(DATA.energy_keV[node] <= energy * (1 + 1e-12))
    steps = 0
    while np.any(late := DATA.energy_keV[node + 1] <= energy):
        node = node + (late & (node < DATA.energy_keV.size - 2))
        steps += 1
        assert steps < 16  # edges crowd a few nodes into a bin
    np.testing.assert_array_equal(node, np.searchsorted(DATA.energy_keV, energy, side="right") - 1)


def test_elements_share_absorption():
    shares = np.diff(DATA.element_cumulative, axis=2, prepend=0.0)
    assert np.all(shares >= 0)
    np.testing.assert_allclose(DATA.element_cumulative[:, :, -1], 1.0, rtol=1e-12, atol=0)
    # calcium in bone at 30 keV: its own coefficient in NIST's table 3, 3.772 less scattering
    # 0.305 (XCOM) cm²/g, times 22.5% by mass, over bone's photoelectric 1.15
    calcium = list(elements_of(MATERIALS)).index(20)
    m = NAMES.index("cortical bone")
    slot = int(np.flatnonzero(DATA.element[m] == calcium)[0])
    share = at(30.0, shares[:, m, slot])
    photo = CM2_PER_G * at(30.0, DATA.photo[:, m])
    xcom = {(r["z"], r["energy_keV"]): r for r in reference_rows("transport", "xcom_elements.csv")}
    own = float(xcom["20", "30"]["photoelectric_b"]) * 0.602214 / 40.078
    assert share * photo == pytest.approx(0.225 * own, rel=2e-3, abs=0)


@pytest.mark.parametrize("z", [6, 8, 15, 20, 26, 53])
def test_elements_are_xcoms(z):
    rows = [r for r in reference_rows("transport", "xcom_elements.csv") if int(r["z"]) == z]
    energy = np.array([float(r["energy_keV"]) for r in rows])
    one = Material(f"Z = {z}", ((z, 1.0),), 1.0, 100.0, "one element")
    data = photon_data((one,))
    sums = (data.photo, data.photo_compton, data.photo_compton_rayleigh, data.total)
    nodes = [np.interp(np.log(energy), data.log_energy, s[:, 0]) for s in sums]
    parts = dict(zip(("photoelectric", "incoherent", "coherent", "pair_nuclear"),
                     np.diff(nodes, axis=0, prepend=0.0), strict=True))  # fmt: skip
    from xraylib import AtomicWeight

    per_barn = 0.602214076 / AtomicWeight(z)
    for process, got in parts.items():
        reference = per_barn * np.array([float(r[process + "_b"]) for r in rows])
        # xraylib against XCOM and digits: 0.1%; scattering above 800 keV by integrals: 0.25%
        rule = np.where(energy > 800, 2.5e-3, 1e-3)
        if process == "photoelectric":  # follows oxygen above 800 keV
            rule = np.where(energy > 800, 0.09, 1e-3)
        if process == "pair_nuclear":  # fitted Coulomb correction
            rule = np.full_like(energy, 0.011 if z <= 26 else 0.08)
        assert np.all(np.abs(CM2_PER_G * got - reference) <= rule * reference + 1e-12), process


def test_radiated_share_lowers_kerma_by_itself():
    one = (material("water"),)
    plain, less = photon_data(one), photon_data(one, (lambda energy: 0.25 + 0.0 * energy,))
    np.testing.assert_allclose(less.kerma, 0.75 * plain.kerma, rtol=1e-14, atol=0)
    np.testing.assert_array_equal(less.total, plain.total)


def test_tables_are_read_only_and_c_ordered():
    for name, values in DATA._asdict().items():
        if isinstance(values, np.ndarray):
            assert values.flags.c_contiguous, name
            assert not values.flags.writeable, name


def test_refuses_no_material_and_unequal_lists():
    with pytest.raises(DataError, match="no materials"):
        photon_data(())
    with pytest.raises(DataError, match="0 functions for 1 materials"):
        photon_data((material("water"),), ())


def test_refuses_energies_out_of_range():
    from pdcraft.data.photons import photon_coefficients

    with pytest.raises(PhysicsRangeError, match=r"hold from 1 to 3000 keV, got 0\.5"):
        photon_coefficients(((8, 1.0),), [0.5, 10.0])
