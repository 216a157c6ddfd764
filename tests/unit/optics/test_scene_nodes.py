"""Wavelengths of a scene: three to seven a band, and doubling them changes the signal below 1%.

The comparator dyes in brain, excited by LEDs at 490 and 760 nm: the green band is where hemoglobin
is roughest and where a dye with a Stokes shift of 9 to 20 nm absorbs most of what it emits.
"""

import numpy as np
import pytest

from pdcraft.errors import ApproximationWarning
from pdcraft.optics.bands import band_nodes, excitation_nodes
from pdcraft.optics.scene_nodes import attenuation_per_mm, scene_nodes
from pdcraft.optics.scene_read import read_scene
from pdcraft.physics.optics import effective_attenuation_per_mm

PLAIN = 'mua = "0.02 /mm"\nmus = "10 /mm"\ng = 0.9\nn = 1.4\nautofluorescence = "0 nM"'
DYE = 'name = "CLR 1502"\nepsilon = "200000 L/mol/cm"\nquantum_yield = 0.08'
CASES = {
    "BODIPY FL": (490.0, '["510 nm","550 nm"]'),
    "CLR 1501": (490.0, '["510 nm","550 nm"]'),
    "heptamethine": (760.0, '["785 nm","850 nm"]'),
    "CLR 1502": (760.0, '["785 nm","850 nm"]'),
}


def led_scene(scene_file, dye):
    nm, band = CASES[dye]
    return read_scene(
        scene_file(
            (PLAIN, 'tissue = "brain"'),
            (DYE, f'name = "{dye}"'),
            ('wavelength = "760 nm"', f'wavelength = "{nm:g} nm"\nfwhm = "20 nm"'),
            ('["800 nm","850 nm"]', band),
            ('centre = ["0 mm","0 mm","3.5 mm"]', 'centre = ["0 mm","0 mm","1.9 mm"]'),
        )
    )


def escape(scene, nm, depth_mm, conc_nM):
    """Light of a depth by diffusion, with all its factors: another stand-in than the chooser's."""
    medium = scene.materials["brain"]
    mua = np.array([medium.optics(v).mua_per_mm + scene.dye.mua_per_mm(v, conc_nM) for v in nm])
    musp = np.array([medium.optics(v).musp_per_mm for v in nm])
    rate = effective_attenuation_per_mm(mua, musp)
    spread = 1.0 / (3.0 * (mua + musp))
    return np.exp(-rate * depth_mm) / (1.0 + 2.0 * 2.5 * spread * rate)


@pytest.mark.parametrize("dye", CASES)
@pytest.mark.parametrize("depth_mm", [0.2, 0.4, 1.9])
def test_doubling_the_nodes_changes_the_signal_below_one_percent(scene_file, dye, depth_mm):
    scene = led_scene(scene_file, dye)
    nodes = scene_nodes(scene)
    low, high = scene.camera.filter.band_nm
    for amount in scene.concentrations().values():
        for count, weight, own in (
            (len(nodes.excitation), scene.illumination.light, nodes.excitation),
            (len(nodes.emission), scene.dye.emission, nodes.emission),
        ):
            assert 3 <= count <= 7
            band = (low, high) if weight is scene.dye.emission else (None, None)
            excites = weight is not scene.dye.emission

            def signal(quadrature, excites=excites, amount=amount):
                nm = quadrature.wavelength_nm
                value = escape(scene, nm, depth_mm, amount)
                if excites:
                    value = value * nm * scene.dye.epsilon_at(nm)
                return quadrature.integral(value)

            twice = band_nodes(weight, *band, 2 * count)
            assert signal(own) == pytest.approx(signal(twice), rel=0.01, abs=0)


@pytest.mark.parametrize("dye", CASES)
def test_the_dye_absorbs_its_own_light(scene_file, dye):
    scene = led_scene(scene_file, dye)
    nodes = scene_nodes(scene).emission
    bare = escape(scene, nodes.wavelength_nm, 1.0, 0.0)
    dyed = escape(scene, nodes.wavelength_nm, 1.0, 1000.0)
    lost = 1.0 - nodes.integral(dyed) / nodes.integral(bare)
    assert 0.01 < lost < 0.6  # first order at 1 uM, most of it at the blue edge of the band
    ratio = dyed / bare
    assert ratio[0] < ratio[-1]


def test_a_band_that_cuts_into_the_excitation_loses_light_at_its_blue_edge(scene_file):
    scene = led_scene(scene_file, "CLR 1501")
    share = scene_nodes(scene).emission.weight.sum()
    assert share == pytest.approx(scene.dye.emission.integral(510.0, 550.0), rel=1e-9, abs=0)
    assert share < 0.8  # the filter must begin above the lamp: the rest of the light is given up


def test_lines_are_one_node_and_their_weight_is_one(scene_file):
    scene = read_scene(
        scene_file(("quantum_yield = 0.08", 'quantum_yield = 0.08\nemission = "820 nm"'))
    )
    nodes = scene_nodes(scene)
    assert nodes.excitation.wavelength_nm.tolist() == [760.0]
    assert nodes.emission.wavelength_nm.tolist() == [820.0]
    assert nodes.emission.weight.tolist() == [1.0]


def test_weights_of_the_lamp_are_shares_of_its_power(scene_file):
    scene = led_scene(scene_file, "CLR 1502")
    nodes = excitation_nodes(scene.illumination, scene.dye)
    assert nodes.weight.sum() == pytest.approx(1.0, rel=1e-9, abs=0)
    mean = nodes.integral(nodes.wavelength_nm)
    assert mean == pytest.approx(scene.illumination.wavelength_nm, rel=1e-4, abs=0)


def test_attenuation_is_that_of_the_formula(scene_file):
    scene = read_scene(scene_file())
    got = attenuation_per_mm(scene.materials["brain"], scene.dye, 0.0, np.array([760.0]))
    assert got[0] == pytest.approx((3 * 0.02 * 1.02) ** 0.5, rel=1e-9, abs=0)


def test_a_lamp_too_wide_for_seven_nodes_is_told(scene_file):
    path = scene_file(
        (PLAIN, 'tissue = "blood"'),
        (DYE, 'name = "PpIX"'),
        ('wavelength = "760 nm"', 'spectrum = "lamp.csv"'),
        ('["800 nm","850 nm"]', '["690 nm","720 nm"]'),
    )
    path.with_name("lamp.csv").write_text("385,0\n390,1\n600,1\n620,0.2\n640,0\n")
    with pytest.warns(ApproximationWarning, match="seven are used"):
        nodes = scene_nodes(read_scene(path))
    assert len(nodes.excitation) == 7
