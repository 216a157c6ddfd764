"""CT numbers to matter: Schneider's tables, and the CT numbers that such matter would have."""

import numpy as np
import pytest

from pdcraft.data.ct import ct_materials, from_hounsfield
from pdcraft.data.materials import material
from pdcraft.data.photons import photon_coefficients
from pdcraft.errors import DataError


def test_densities_are_schneiders():
    # the paper's nodes and, between 101 and 1600 HU, its line 1.017 + 0.592e-3 H (0.1%)
    hounsfield = [-1000.0, -98.0, 14.0, 23.0, 100.0, 1600.0, 800.0]
    density = [0.00121, 0.93, 1.03, 1.031, 1.1199, 1.9642, 1.017 + 0.592e-3 * 800]
    np.testing.assert_allclose(from_hounsfield(hounsfield)[1], density, rtol=1e-3, atol=0)


def test_a_composition_holds_from_its_own_limit_on():
    index, _, materials = from_hounsfield([-951.0, -950.0, -121.0, -120.0, 18.0, 19.0, 3100.0])
    assert [materials[i].name.removeprefix("CT ") for i in index] == [
        "air", "lung", "lung", "adipose and adrenal 1", "adipose and adrenal 5", "soft tissue",
        "marrow and bone 15",
    ]  # fmt: skip
    assert index.dtype == np.uint8


@pytest.mark.parametrize("hounsfield", [-900, -500, -60, 50, 150, 300, 700, 1000, 1400])
def test_matter_has_the_ct_number_that_it_was_made_from(hounsfield):
    # 1000 (mu/mu_water - 1) at 70 keV, about the effective energy of 120 kV: 20 HU in soft tissue
    # and lung; bins of 100 HU share a composition in bone: 8%
    index, density, materials = from_hounsfield([float(hounsfield)])
    energy = [70.0]
    mu = density[0] * photon_coefficients(materials[index[0]].mass_fractions, energy).total[0]
    water = photon_coefficients(material("water").mass_fractions, energy).total[0]
    assert 1000 * (mu / water - 1) == pytest.approx(hounsfield, rel=0.08, abs=20)


def test_shape_is_kept_and_results_are_read_only():
    index, density, materials = from_hounsfield(np.zeros((2, 3, 4)))
    assert index.shape == density.shape == (2, 3, 4)
    assert not index.flags.writeable
    assert not density.flags.writeable
    assert materials is ct_materials()
    assert len(materials) == 24


def test_densities_grow_with_ct_numbers():
    _, density, _ = from_hounsfield(np.arange(101.0, 3101.0))
    assert np.all(np.diff(density) > 0)


def test_refuses_voxels_without_a_number():
    with pytest.raises(DataError, match=r"1 of 3 voxels are NaN; fill them"):
        from_hounsfield([0.0, np.nan, 10.0])


@pytest.mark.parametrize("wild", [-1101.0, 3101.0, np.inf])
def test_refuses_numbers_outside_the_scale(wild):
    with pytest.raises(DataError, match=r"1 of 2 voxels lie outside -1100 to 3100 HU.*check"):
        from_hounsfield([0.0, wild])
