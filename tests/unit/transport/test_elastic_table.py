"""The program that computes the elastic table."""

import numpy as np
import pytest

from pdcraft.data import elastic_ratios
from pdcraft.data.electron_elements import electron_element
from pdcraft.physics import elastic
from pdcraft.transport import elastic_table


def test_hydrogen_is_fitted_as_1s():
    atom = elastic_table.atom_like(1)
    assert atom.z == pytest.approx(1.0, rel=1e-12, abs=0)
    # 1s falls as exp(-2r); the form factor is printed to four digits
    mean = atom.electrons @ ((atom.power + 3) / atom.alpha)
    assert mean == pytest.approx(1.5, rel=2e-3, abs=0)


@pytest.mark.parametrize("z", [8, 20])
def test_fitted_atoms_have_the_tabulated_form_factors(z):
    import xraylib

    atom = elastic_table.atom_like(z)
    x = np.array([0.05, 0.3, 1.0, 3.0])
    want = np.array([xraylib.FF_Rayl(z, float(v)) for v in x])
    got = atom.form_factor(4.0 * np.pi * x * elastic_table.BOHR_angstrom)
    assert got == pytest.approx(want, rel=0, abs=2e-3 * z)  # of the electrons


def test_program_writes_what_is_shipped(tmp_path, monkeypatch):
    # one energy, where few waves are needed, and two elements
    keep = [4.0]
    monkeypatch.setattr(elastic_table, "ENERGY_keV", np.array(keep))
    elements = {z: electron_element(z) for z in (1, 8)}
    monkeypatch.setattr(elastic_table, "electron_elements", lambda: elements)
    elastic_table.main(tmp_path / "table.npz")
    row = int(np.searchsorted(elastic_ratios.ENERGY_keV, 4.0))
    with np.load(tmp_path / "table.npz") as made:
        assert made["elements"].tolist() == [1, 8]
        for i, z in enumerate((1, 8)):
            got = made["log_ratio"][i, :, 0] * elastic_ratios.SCALE
            # the fit and the series may round otherwise on another machine
            np.testing.assert_allclose(got, elastic_ratios.ratios(z)[:, row], rtol=0, atol=2e-3)


def test_fast_electrons_leave_the_numerical_path_early(monkeypatch):
    # numerical to 4 bohr and a straight tail, against numerical all the way: 80 keV
    atoms = [elastic_table.atom_like(8)]
    mu = elastic.angle_grid(80.0, np.array([0.1, 0.5, 0.8, 0.95]))
    short = elastic_table.cross_sections_b(atoms, 80.0, mu)
    monkeypatch.setattr(elastic_table, "FAST_keV", 100.0)
    long = elastic_table.cross_sections_b(atoms, 80.0, mu)
    assert short == pytest.approx(long, rel=2e-3, abs=0)


def test_high_waves_go_on_where_the_numerical_ones_end():
    # what the straight path lacks falls as a power here; it must be carried on with its sign
    wave = np.arange(60, 400) + 0.5
    straight = np.stack([[-0.3 * np.exp(-wave / 50)], [-0.2 * np.exp(-wave / 50)]])
    lack = np.stack([[-1e-3 * (60 / wave) ** 4], [2e-3 * (60 / wave) ** 3]])
    got = elastic_table._joined((straight + lack)[..., :60], straight, 60)
    assert got.shape == (2, 1, wave.size - 60)
    assert got == pytest.approx((straight + lack)[..., 60:], rel=1e-6, abs=0)
