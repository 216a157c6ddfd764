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
from pdcraft.physics.chandrasekhar import reflectance
from pdcraft.physics.optics import effective_attenuation_per_mm

PLAIN = 'mua = "0.02 /mm"\nmus = "10 /mm"\ng = 0.9\nn = 1.4\nautofluorescence = "0 nM"'
DYE = 'name = "CLR 1502"\nepsilon = "200000 L/mol/cm"\nquantum_yield = 0.08'
CASES = {
    "BODIPY FL": (490.0, '["510 nm","550 nm"]'),
    "CLR 1501": (490.0, '["510 nm","550 nm"]'),
    "heptamethine": (760.0, '["785 nm","850 nm"]'),
    "CLR 1502": (760.0, '["785 nm","850 nm"]'),
}


def led_scene(scene_file, dye, center_mm=1.9, background_nM=200.0):
    nm, band = CASES[dye]
    return read_scene(
        scene_file(
            (PLAIN, 'tissue = "brain"'),
            (DYE, f'name = "{dye}"'),
            ('wavelength = "760 nm"', f'wavelength = "{nm:g} nm"\nfwhm = "20 nm"'),
            ('["800 nm","850 nm"]', band),
            ('"3.5 mm"', f'"{center_mm:g} mm"'),
            ('"200 nM"', f'"{background_nM:g} nM"'),
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


def changes_by_doubling(scene, glow):
    """Relative changes of the excitation's and the emission's signal; glow: [(depth, nM)]."""
    nodes = scene_nodes(scene)
    low, high = scene.camera.filter.band_nm
    out = []
    for weight, own, band, excites in (
        (scene.illumination.light, nodes.excitation, (None, None), True),
        (scene.dye.emission, nodes.emission, (low, high), False),
    ):
        assert 3 <= len(own) <= 7

        def signal(quadrature, excites=excites):
            nm = quadrature.wavelength_nm
            value = sum(amount * escape(scene, nm, depth, amount) for depth, amount in glow)
            return quadrature.integral(value * nm * scene.dye.epsilon_at(nm) if excites else value)

        out.append(signal(own) / signal(band_nodes(weight, *band, 2 * len(own))) - 1.0)
    return np.abs(out)


@pytest.mark.parametrize("dye", CASES)
@pytest.mark.parametrize("depth_mm", [0.4, 1.9])
def test_doubling_the_nodes_changes_the_signal_below_one_percent(scene_file, dye, depth_mm):
    scene = led_scene(scene_file, dye)
    assert np.all(changes_by_doubling(scene, [(0.2, 200.0), (depth_mm, 1000.0)]) < 0.01)


@pytest.mark.parametrize("dye", CASES)
def test_a_nodule_alone_decides_where_nothing_else_glows(scene_file, dye):
    scene = led_scene(scene_file, dye, background_nM=0.0)
    for depth_mm in (0.4, 1.9):
        assert np.all(changes_by_doubling(scene, [(depth_mm, 1000.0)]) < 0.01)


@pytest.mark.parametrize("dye", CASES)
def test_a_deep_nodule_does_not_ask_for_more_than_its_light(scene_file, dye):
    scene = led_scene(scene_file, dye, center_mm=7.0)  # no warning: warnings are errors here
    assert np.all(changes_by_doubling(scene, [(0.2, 200.0), (5.5, 1000.0)]) < 0.01)


@pytest.mark.parametrize("dye", CASES)
def test_nodes_suffice_for_exact_radiative_transfer(scene_file, dye):
    """Light absorbed by, and light from, an even dye in a half space: Chandrasekhar's H function.

    Isotropic scatterers of the same reduced scattering, no refraction. Of light from straight above
    1 - R(a) is absorbed, the dye's share of it by absorption; the nadir radiance of an even source
    is (1 - R(a))/mua by reciprocity.
    """
    scene = led_scene(scene_file, dye, background_nM=1000.0)
    nodes = scene_nodes(scene)

    def absorbed(nm):
        found = [scene.materials["brain"].optics(v) for v in nm]
        own = np.array([scene.dye.mua_per_mm(v, 1000.0) for v in nm])
        mua = np.array([o.mua_per_mm for o in found]) + own
        albedo = [o.musp_per_mm / (a + o.musp_per_mm) for o, a in zip(found, mua, strict=True)]
        return np.array([1.0 - reflectance(a) for a in albedo]), mua, own

    def lit(nm):
        share, mua, own = absorbed(nm)
        return nm * share * own / mua

    def glow(nm):
        share, mua, _ = absorbed(nm)
        return share / mua

    lamp = scene.illumination.light
    for own, signal, weight, band in (
        (nodes.excitation, lit, lamp, (None, None)),
        (nodes.emission, glow, scene.dye.emission, scene.camera.filter.band_nm),
    ):
        twice = band_nodes(weight, *band, 2 * len(own))
        want = twice.integral(signal(twice.wavelength_nm))
        assert own.integral(signal(own.wavelength_nm)) == pytest.approx(want, rel=0.01, abs=0)


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
