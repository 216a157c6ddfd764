"""Curves that stages add to a run's ledger."""

import numpy as np
import pytest

from pdcraft.study.ledger import Ledger


@pytest.mark.parametrize(("middle", "value"), [("mean", 20.0), ("median", 2.0)])
def test_a_curve_has_mean_or_median_and_limits(middle, value):
    ledger, times = Ledger("agent", "mouse"), np.array([0.0, 1.0])
    draws = np.array([1.0, 2.0, 57.0])[:, None] * [1.0, 3.0]
    ledger.curve(
        "exposure", "molar_concentration", times, draws, region="plasma", arm="a", middle=middle
    )
    (curve,) = ledger.series
    assert curve.file == "tables/molar_concentration.csv"
    assert curve.id == "exposure/molar_concentration/plasma/agent/mouse/a"
    np.testing.assert_allclose(curve.value, [value, 3.0 * value], rtol=1e-12, atol=0)
    np.testing.assert_allclose(curve.low, [1.05, 3.15], rtol=1e-12, atol=0)  # 1 + 0.05 of the way
    np.testing.assert_allclose(curve.high, [54.25, 162.75], rtol=1e-12, atol=0)
