"""Curves between the times measured: through the predictions, with the peaks of the formula."""

import numpy as np
import pytest

from pdcraft.io.event_table import read_events
from pdcraft.kinetics.population.event_fit import EventOptions, fit_events
from pdcraft.kinetics.population.smooth import smooth_curves
from pdcraft.validate.kinetics_population import indometh_fit, theoph_fit


@pytest.fixture(scope="module")
def theoph():
    return theoph_fit()


def test_curves_run_through_the_predictions_at_the_times_measured(theoph):
    for result in (theoph, indometh_fit()):
        time_h, own, typical = smooth_curves(result, points=4000)
        records = result.statement.records
        for i in range(records.n_subjects):
            used = records.observed[i]
            at_h = records.time_h[i, used]
            for curve, known in (
                (own, result.individual_prediction),
                (typical, result.population_prediction),
            ):
                # straight between points 24 h / 4000 apart: far below 0.1% of the peak
                error = np.interp(at_h, time_h[i], curve[i]) - known[i, used]
                assert np.abs(error).max() < 1e-3 * known[i, used].max()


def test_the_peak_of_an_oral_dose_is_that_of_the_formula(theoph):
    time_h, own, _ = smooth_curves(theoph)
    ke, ka, _ = theoph.individual.T
    # Bateman: the peak lies at ln(ka/ke) / (ka - ke); half a step of 24 h / 200 beside it
    expected = np.log(ka / ke) / (ka - ke)
    assert time_h[np.arange(12), own.argmax(axis=1)] == pytest.approx(expected, abs=0.07, rel=0)
    assert np.all(time_h[:, 0] == 0)  # from the dose on
    assert np.all(own[:, 0] == 0)


def test_later_doses_act_from_their_own_time_on(tmp_path):
    lines = ["ID,TIME,AMT,EVID,DV"]
    for i, size in enumerate((0.8, 1.0, 1.25)):
        lines.append(f"{i},0,100,1,.")
        for t in (1.0, 4.0, 8.0, 16.0, 24.0, 30.0, 40.0):  # at 24 h before the dose
            if t == 30.0:
                lines.append(f"{i},24,100,1,.")
            value = size * 10 * (np.exp(-0.1 * t) + (t > 24) * np.exp(-0.1 * (t - 24)))
            lines.append(f"{i},{t},.,0,{value * (1 + 0.02 * np.sin(7 * t + i)):.5g}")
    (tmp_path / "two.csv").write_text("\n".join(lines) + "\n")
    result = fit_events(
        read_events(tmp_path / "two.csv"), "iv-1cpt", EventOptions(error="proportional")
    )
    time_h, own, _ = smooth_curves(result)
    clearance, volume = result.individual.T
    for i in range(3):
        rate = clearance[i] / volume[i]
        since = np.maximum(time_h[i] - 24, 0)
        second = np.where(time_h[i] >= 24, np.exp(-rate * since), 0.0)
        expected = 100 / volume[i] * (np.exp(-rate * time_h[i]) + second)
        assert own[i] == pytest.approx(expected, rel=1e-9, abs=0)  # one formula, rounding only
