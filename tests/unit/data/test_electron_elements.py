"""Element tables of electrons."""

import numpy as np
import pytest

from pdcraft.data import elastic_ratios
from pdcraft.data.electron_elements import electron_element, electron_elements
from pdcraft.errors import DataError


def test_shells_hold_z_electrons():
    for z, element in electron_elements().items():
        assert element.shell_electrons.sum() == z
        assert np.all(np.diff(element.binding_eV) <= 1.0)  # outward; copper's 3d and 4s cross


@pytest.mark.parametrize(
    ("z", "energy", "want"),
    # ESTAR between the nodes of the table, elements, MeV cm²/g, four digits printed
    [(8, 40.0, 4.376e-3), (8, 800.0, 1.1225e-2), (20, 40.0, 1.1628e-2), (53, 250.0, 3.7704e-2)],
)
def test_radiative_stopping_between_nodes(z, energy, want):
    assert electron_element(z).radiative(energy) == pytest.approx(want, rel=1e-3, abs=0)


def test_unknown_element_names_the_known():
    with pytest.raises(DataError, match=r"Z = 92; there are H 1, C 6.*I 53; leave it out"):
        electron_element(92)
    with pytest.raises(DataError, match=r"Z = 92; add it"):
        elastic_ratios.ratios(92)


def test_every_element_has_elastic_cross_sections():
    for z in electron_elements():
        shape = (2, elastic_ratios.ENERGY_keV.size, elastic_ratios.U.size)
        assert elastic_ratios.ratios(z).shape == shape
