"""What is said of light: a limit with its standard, or why there is none; never 'safe'."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.optics.safety import light_safety


def test_skin_below_and_above():
    low = light_safety("skin", 760.0, 10.0, 600.0)
    assert low.status == "below"
    assert low.limit_mW_per_cm2 == pytest.approx(263.65, rel=1e-4, abs=0)
    assert low.margin == pytest.approx(26.365, rel=1e-4, abs=0)
    assert low.standard.startswith("ICNIRP 2013")
    assert light_safety("skin", 760.0, 300.0, 600.0).status == "above"


def test_at_the_limit_is_not_above():
    assert light_safety("skin", 500.0, 200.0, 100.0).status == "below"


@pytest.mark.parametrize("exposed", ["brain", "organ"])
def test_open_organs_have_no_limit(exposed):
    got = light_safety(exposed, 760.0, 10.0, 600.0)
    assert (got.status, got.limit_mW_per_cm2, got.margin) == ("no limit exists", None, None)
    assert exposed in got.reason


def test_what_is_not_transcribed_is_not_assessed():
    assert light_safety("skin", 1200.0, 10.0, 600.0).status == "not assessed"
    lamp = light_safety("eye", 500.0, 10.0, 600.0, laser=False)
    assert lamp.status == "not assessed"
    assert "state the source's radiance" in lamp.reason
    between = light_safety("eye", 740.0, 10.0, 600.0, laser=False, radiance_mW_per_cm2_sr=3.0)
    assert between.status == "not assessed"
    assert light_safety("none", 500.0, 10.0, 600.0).status == "not assessed"


def test_lamps_on_skin():
    assert light_safety("skin", 760.0, 10.0, 5.0, laser=False).status == "below"
    long = light_safety("skin", 760.0, 10.0, 600.0, laser=False)
    assert long.status == "no limit exists"
    assert "263.7 mW/cm2" in long.reason


def test_lamps_and_the_eye():
    infrared = light_safety("eye", 800.0, 5.0, 2000.0, laser=False)
    assert (infrared.status, infrared.limit_mW_per_cm2) == ("below", pytest.approx(10.0, rel=1e-9))
    assert "retina is not assessed" in infrared.reason
    # white paper at 490 nm, 10 mW/cm²: 3.18 mW/(cm² sr); 1e6/600 W/(m² sr) over B 0.22 is allowed
    blue = light_safety("eye", 490.0, 10.0, 600.0, laser=False, radiance_mW_per_cm2_sr=10 / np.pi)
    assert blue.margin == pytest.approx(0.1 * 1e6 / 600 / 0.22 / (10 / np.pi), rel=1e-9, abs=0)
    assert blue.status == "below"


def test_large_areas_are_told_and_not_applied():
    got = light_safety("skin", 760.0, 10.0, 600.0, area_cm2=400.0)
    assert got.limit_mW_per_cm2 == pytest.approx(263.65, rel=1e-4, abs=0)
    assert "to 25 mW/cm2 for 400 cm2) holds above 1400 nm only" in got.reason


def test_the_eye_takes_the_lower_of_two():
    blue = light_safety("eye", 450.0, 0.5, 1000.0)
    assert blue.limit_mW_per_cm2 == pytest.approx(0.1, rel=1e-12, abs=0)
    assert blue.status == "above"
    assert "photochemical" in blue.reason


@pytest.mark.parametrize("nm", [390.0, 500.0, 760.0, 1200.0])
@pytest.mark.parametrize("exposed", ["skin", "eye", "brain", "organ", "none"])
@pytest.mark.parametrize("laser", [True, False])
def test_no_answer_says_safe(nm, exposed, laser):
    got = light_safety(exposed, nm, 0.0, 600.0, laser=laser)
    assert got.status in ("below", "above", "no limit exists", "not assessed")
    assert "safe" not in f"{got.status} {got.reason}".lower()
    assert (got.limit_mW_per_cm2 is None) == (got.status in ("no limit exists", "not assessed"))


def test_impossible_light_is_refused():
    with pytest.raises(DataError, match="neither is below 0"):
        light_safety("skin", 760.0, -1.0, 10.0)
