"""Vacancies after photoelectric absorption: energy and yields."""

import numpy as np
import pytest

from pdcraft.core.material import Material
from pdcraft.data.inner_shells import inner_shells
from pdcraft.transport.photon_data import photon_data

ELEMENTS = (6, 7, 8, 11, 12, 15, 16, 17, 19, 20, 26, 53, 79)
DATA = photon_data((Material("mix", tuple((z, 1 / 13) for z in ELEMENTS), 1.0, 100.0, "all"),))
# M.O. Krause, J. Phys. Chem. Ref. Data 8, 307 (1979): K yields; J.A. Bearden, Rev. Mod. Phys. 39,
# 78 (1967): K alpha 1, keV
KRAUSE = {15: (0.063, 2.0137), 20: (0.163, 3.6917), 26: (0.340, 6.4038), 53: (0.884, 28.612)}


def test_no_decay_gains_energy():
    binding = DATA.shell_binding_keV
    assert np.all(DATA.line_keV <= binding[:, :, None])
    assert np.all(DATA.auger_keV <= binding)
    assert np.all(DATA.auger_keV[binding > 0] > 0)


def test_photons_have_1_keV_or_more():
    emits = DATA.fluorescence_yield > 0
    assert np.all(DATA.line_keV[emits] >= 1.0)
    assert not np.any(emits[DATA.shell_binding_keV < 1.0])


def test_probabilities():
    assert np.all((DATA.fluorescence_yield >= 0) & (DATA.fluorescence_yield < 1))
    assert np.all(np.diff(DATA.shell_share, axis=1) >= 0)
    assert np.all(DATA.shell_share < 1)
    assert np.all(np.diff(DATA.line_cumulative, axis=2) >= 0)
    np.testing.assert_array_equal(DATA.line_cumulative[:, :, -1], 1.0)


@pytest.mark.parametrize("z", KRAUSE)
def test_k_shells_are_measured_ones(z):
    yield_, alpha_keV = KRAUSE[z]
    shells = inner_shells(z)
    # compilations of yields differ by 4%; the line loses a part below 1 keV only in light elements
    assert shells.fluorescence_yield[0] == pytest.approx(yield_, rel=0.05, abs=0)
    assert shells.line_keV[0, 0] == pytest.approx(alpha_keV, rel=2e-3, abs=0)


def test_k_augers_of_oxygen_and_calcium():
    # KLL of O2: 0.503 keV; of calcium: KL2L3 at 3.2 to 3.3 keV, KLM at 3.6 (statistical mean)
    assert inner_shells(8).auger_keV[0] == pytest.approx(0.503, rel=0.02, abs=0)
    assert 3.2 < inner_shells(20).auger_keV[0] < 3.6


@pytest.mark.parametrize("energy", [3.0, 4.042, 4.8, 5.0, 10.0, 34.0, 60.0])
@pytest.mark.parametrize("z", [20, 53])
def test_kerma_counts_what_kernels_emit(z, energy):
    """Walk through the tables as the kernel draws; photons carry what kerma leaves out.

    4.042 keV lies between calcium's K edge and the next node.
    """
    data = photon_data((Material("one", ((z, 1.0),), 1.0, 100.0, "one element"),))
    binding, share = data.shell_binding_keV[0], data.shell_share[0]
    open_ = [s for s in range(4) if 0 < binding[s] < energy]
    emitted = 0.0
    if open_:
        below = share[open_[0] - 1] if open_[0] else 0.0
        for s in open_:
            p = (share[s] - (share[s - 1] if s else 0.0)) / (1.0 - below)
            lines = np.diff(data.line_cumulative[0, s], prepend=0.0) @ data.line_keV[0, s]
            emitted += p * data.fluorescence_yield[0, s] * lines

    at = [np.interp(np.log(energy), data.log_energy, t[:, 0])
          for t in (data.photo, data.photo_compton, data.kerma)]  # fmt: skip
    photo, compton = at[0], at[1] - at[0]
    from pdcraft.data.photons import photon_coefficients

    transferred = photon_coefficients(((z, 1.0),), [energy]).transferred_keV[0]
    # interpolation between nodes: 1e-4
    assert at[2] == pytest.approx(
        photo * (energy - emitted) + compton * transferred, rel=2e-4, abs=0
    )
