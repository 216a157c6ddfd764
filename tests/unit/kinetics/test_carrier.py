"""The carrier file's curves give back the numbers that they were built from."""

from pathlib import Path

import numpy as np
import pytest
from scipy import integrate

from pdcraft.errors import ConvergenceError, StudyError
from pdcraft.kinetics.carrier_curves import carrier_curves, fast_share, tissue_amplitude
from pdcraft.kinetics.carrier_file import read_carrier_file

EXAMPLE = Path(__file__).parents[3] / "examples" / "clr131_parameters" / "carrier.toml"
HALF_LIVES = {"Lu-177": 6.647 * 24, "I-125": 59.388 * 24}  # DDEP
N = 400


def test_plasma_curve_has_the_drawn_area_and_maximum():
    carrier = read_carrier_file(EXAMPLE)
    found = carrier_curves(carrier, HALF_LIVES, 1, N, "d")
    times = np.linspace(0, 1008, 20_001)
    curve = found.plasma.at(times)[:, 0, 0]
    c_max = found.inputs["kinetics.plasma.c_max"]
    volume = found.inputs["kinetics.plasma.initial_volume"]
    area = integrate.simpson(curve, x=times, axis=-1) * volume * c_max
    # Simpson at 0.05 h on a 6-h half-life: relative error (h k)^4/180, below 1e-9
    np.testing.assert_allclose(area, found.inputs["kinetics.plasma.auc"], rtol=1e-8, atol=0)
    np.testing.assert_allclose(curve[:, 0] * volume, 1.0, rtol=1e-12, atol=0)


def test_published_numbers_exclude_one_exponential():
    # 72.2 ng/mL with 822 h would give 49,000 ng·h/mL by 1008 h, three times the published area
    beta = np.log(2) / 822
    single = 72.2 * -np.expm1(-beta * 1008) / beta
    assert single / 15753 > 3
    w = fast_share(np.array(72.2), np.array(15753.0), 1008.0, np.log(2) / 24, np.array(beta))
    assert 0.6 < w < 0.8


def test_mouse_integral_is_given_back_by_quadrature():
    retention, uptake, decay = 0.004, 0.08, np.log(2) / HALF_LIVES["I-125"]
    u = tissue_amplitude(np.array(23.5), decay, np.array(retention), np.array(uptake))
    got, _ = integrate.quad(
        lambda t: u * (np.exp(-retention * t) - np.exp(-uptake * t)) * np.exp(-decay * t),
        0,
        np.inf,
        epsrel=1e-10,
        epsabs=0,
    )
    assert got == pytest.approx(23.5, rel=1e-8, abs=0)


def test_tissue_is_scaled_from_the_mouse_by_body_mass():
    carrier = read_carrier_file(EXAMPLE)
    found = carrier_curves(carrier, HALF_LIVES, 1, N, "d")
    # with the mouse study's own nuclide the integral is the mouse's, times 20 g / 73 kg
    total = found.tissues.activity(HALF_LIVES["I-125"]).integral().values[:, 0]
    lesion = total[:, found.tissues.regions.index("lesion")]
    factor = found.inputs["kinetics.lesion.species_factor"]
    want = found.inputs["kinetics.lesion.mouse_integral"] * 20 / 73_000 * factor
    np.testing.assert_allclose(lesion, want, rtol=1e-10, atol=0)
    light = carrier_curves(carrier, HALF_LIVES, 1, N, "d", body_mass_g=36_500.0)
    twice = light.tissues.activity(HALF_LIVES["I-125"]).integral().values[:, 0]
    np.testing.assert_allclose(twice, 2 * total, rtol=1e-10, atol=0)


def test_contradicting_numbers_are_refused(tmp_path):
    text = EXAMPLE.read_text().replace('"15753 ng*h/mL"', '"990000 ng*h/mL"')
    (tmp_path / "carrier.toml").write_text(text)
    carrier = read_carrier_file(tmp_path / "carrier.toml")
    with pytest.raises(ConvergenceError, match="contradict each other"):
        carrier_curves(carrier, HALF_LIVES, 1, N, "d")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"822 h", cv = 0.3', '"822 MBq", cv = 0.3', "is an activity, but this field takes a time"),
        ('"822 h", cv = 0.3', '"822 h", cv = -0.3', "greater than 0"),
        ('"822 h", cv = 0.3', '"822 h", cv = 0.3, factor = 2.0', "give cv or factor, not both"),
        ('low = "6 h", high', "high", "give value, or low and high"),
        ('low = "6 h"', 'low = "600 h"', "must be less than high"),
        ('source = "hernandez2020"', 'source = "nobody"', "cites 'nobody'"),
        (', source = "hernandez2020"', "", "a derived number needs its source"),
        ('region = "liver"', 'region = "livr"', "did you mean 'liver'"),
        ('region = "liver"', 'region = "Liver"', "write 'liver'"),
        ('region = "liver"', 'region = "lesion"', "'lesion' stands twice; keep one [[tissue]]"),
        ("value = 1.0", 'value = "1.0 h"', "must be a plain number"),
        ('auc_to = "1008 h"', "", "is missing"),
    ],
)
def test_faults_are_named(tmp_path, old, new, words):
    text = EXAMPLE.read_text()
    assert old in text
    path = tmp_path / "carrier.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(StudyError) as caught:
        read_carrier_file(path)
    assert words in str(caught.value)


def test_a_file_without_tissues_is_refused(tmp_path):
    plain, *rest = EXAMPLE.read_text().split("[[", 1)
    head, *tables = ("[[" + rest[0]).split("\n\n")
    kept = [t for t in (head, *tables) if not t.startswith("[[tissue]]")]
    path = tmp_path / "carrier.toml"
    path.write_text(plain.replace("host =", "tissue = []\nhost =") + "\n\n".join(kept))
    with pytest.raises(StudyError, match=r"tissue: is empty; give one \[\[tissue\]\]"):
        read_carrier_file(path)


def test_what_is_not_published_is_listed_as_assumed():
    carrier = read_carrier_file(EXAMPLE)
    listed = {a.id for a in carrier.assumptions()}
    assert "kinetics.plasma.fast_half_life" in listed
    # a published value stays published; its spread, which nobody published, is an assumption
    assert "kinetics.plasma.c_max" not in listed
    assert "kinetics.plasma.c_max.spread" in listed
    origins = {p.origin for _, p in carrier.parameters()}
    assert origins == {"published", "derived", "assumed"}
