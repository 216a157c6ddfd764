"""A drug parameter works only with the concentration that it was estimated on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from pdcraft.errors import DataError, KindError, PhysicsRangeError
from pdcraft.response.concentration import ConcentrationTag, DrugExposure, require_tag

MOUSE = ConcentrationTag("paclitaxel", "mouse", "plasma", "total", "ng/mL")


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("drug", "docetaxel"),
        ("species", "human"),
        ("site", "tumor"),
        ("binding", "unbound"),
        ("unit", "umol/L"),
    ],
)
def test_any_part_that_differs_is_refused_and_named(part, value):
    parts = {s: getattr(MOUSE, s) for s in MOUSE.__slots__}
    with pytest.raises(KindError, match=f"{part} '{parts[part]}' and '{value}'"):
        require_tag(MOUSE, ConcentrationTag(**(parts | {part: value})))


def test_a_missing_tag_is_refused():
    with pytest.raises(DataError, match="parameters have no concentration tag; say which drug"):
        require_tag(None, MOUSE)
    with pytest.raises(DataError, match="exposure has no concentration tag"):
        require_tag(MOUSE, None)


def test_unknown_words_get_near_matches():
    with pytest.raises(DataError, match="did you mean 'plasma'"):
        ConcentrationTag("paclitaxel", "mouse", "plasmaa", "total", "ng/mL")
    with pytest.raises(DataError, match="species is empty"):
        ConcentrationTag("paclitaxel", " ", "plasma", "total", "ng/mL")


def test_infusion_solves_its_equation():
    """Independent: quadrature of the convolution of the bolus curve with the infusion."""
    c, r = np.array([3.0, 1.0]), np.array([0.5, 0.02])
    exposure = DrugExposure.infusion(MOUSE, c, r, [0.0, 24.0], 3.0)
    for t in (1.0, 3.0, 10.0, 26.0, 60.0):
        want = 0.0
        for start in (0.0, 24.0):
            end = min(t, start + 3.0)
            if end > start:
                want += integrate.quad(
                    lambda s, t=t: float((c / 3.0 * np.exp(-r * (t - s))).sum()),
                    start,
                    end,
                    epsabs=0,
                    epsrel=1e-12,
                )[0]
        # plateau less exponential: cancellation of a few 1e-15 of a level of 20
        assert exposure.at(t) == pytest.approx(want, rel=1e-11, abs=0)


def test_shapes_and_doses():
    exposure = DrugExposure.bolus(MOUSE, np.full((2, 3, 1), 5.0), 0.1, [0.0, 24.0])
    assert exposure.shape == (2, 3)
    assert exposure.at([0.0, 12.0, 24.0]).shape == (2, 3, 3)
    # at a dose: the value after it
    assert exposure.at(24.0)[0, 0] == pytest.approx(5.0 * (1 + np.exp(-2.4)), rel=1e-14, abs=0)
    assert exposure.breaks_h.tolist() == [0.0, 24.0]


def test_units_need_the_molar_mass_between_mass_and_amount():
    exposure = DrugExposure.bolus(MOUSE, 853.92, 0.1)
    # 853.92 ng/mL of 853.92 g/mol is 1 umol/L
    assert exposure.converted("umol/L", 853.92).at(0.0) == pytest.approx(1.0, rel=1e-12, abs=0)
    assert exposure.converted("mg/L").at(0.0) == pytest.approx(0.85392, rel=1e-12, abs=0)
    with pytest.raises(DataError, match="give the molar mass"):
        exposure.converted("nmol/L")


def test_bad_exposures_are_refused():
    with pytest.raises(PhysicsRangeError, match="no negative concentration"):
        DrugExposure.bolus(MOUSE, -1.0, 0.1)
    with pytest.raises(PhysicsRangeError, match="its terms decay"):
        DrugExposure.bolus(MOUSE, 1.0, 0.0)
    with pytest.raises(PhysicsRangeError, match="duration is above 0 h"):
        DrugExposure.infusion(MOUSE, 1.0, 0.1, 0.0, 0.0)
    with pytest.raises(PhysicsRangeError, match="start -1 h"):
        DrugExposure.bolus(MOUSE, 1.0, 0.1, -1.0)
