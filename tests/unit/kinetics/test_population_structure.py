"""Curves of the structural models against the linear compartment engine and each other."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.io.event_table import event_table, expanded
from pdcraft.kinetics.population import Compartments, Exponentials, UptakeWashout
from pdcraft.kinetics.population.disposition import absorbed, infused, rise
from pdcraft.kinetics.population.events import from_events
from pdcraft.kinetics.population.records import from_observations
from pdcraft.kinetics.population.structure import jacobian
from pdcraft.numerics import schedule
from pdcraft.numerics.compartments import LinearSystem, Transfer

NAN = np.nan
TYPICAL = {"ka": 1.1, "CL": 4.0, "V": 12.0, "Q": 6.0, "V2": 30.0, "Q2": 0.8, "V3": 70.0}
TIMES = [0.5, 2.0, 6.0, 11.0, 13.0, 30.0, 80.0]


def schedule_of(oral):
    """A bolus or oral dose with two more, an infusion into the central compartment, samples."""
    central = 2 if oral else 1
    rows = [(0.0, 100, NAN, 1, 1, 2, 12.0, NAN), (8.0, 60, 20, 1, central, NAN, NAN, NAN)]
    rows += [(t, NAN, NAN, 0, central, NAN, NAN, 1.0) for t in TIMES]
    rows.sort(key=lambda r: r[0])
    names = ("TIME", "AMT", "RATE", "EVID", "CMT", "ADDL", "II", "DV")
    return event_table(
        {"ID": np.ones(len(rows)), **dict(zip(names, zip(*rows, strict=True), strict=True))}
    )


def engine(number, oral):
    """The same system in the compartment engine: an independent route, by eigenvectors."""
    p = TYPICAL
    transfers = [Transfer("central", None, p["CL"] / p["V"])]
    for flow, volume, name in (("Q", "V2", "second"), ("Q2", "V3", "third"))[: number - 1]:
        transfers += [
            Transfer("central", name, p[flow] / p["V"]),
            Transfer(name, "central", p[flow] / p[volume]),
        ]
    system = LinearSystem.from_transfers(["central", "second", "third"][:number], transfers)
    if oral:
        system = schedule.with_depot(system, "central", p["ka"])
    first = schedule.Dose(100.0, "depot" if oral else "central")
    doses = [
        *schedule.repeated(first, 12.0, 3),
        schedule.Dose(60.0, "central", start_h=8.0, duration_h=3.0),
    ]
    return schedule.curves(system, doses, TIMES)[0] / p["V"]


@pytest.mark.parametrize("oral", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_closed_forms_agree_with_the_compartment_engine(number, oral):
    model = Compartments(number, oral)
    records = from_events(schedule_of(oral), model)
    values = np.array([[TYPICAL[name] for name in model.parameters]])
    # rounding of the slowest rate, a root of a cubic: 1e-15 x a few hundred
    np.testing.assert_allclose(
        model.predict(values, records)[0], engine(number, oral), rtol=1e-10, atol=0
    )


def test_rates_are_the_same_model_as_clearance_and_volume():
    one, other = Compartments(1, oral=True), Compartments(1, oral=True, rates=True)
    records = from_events(schedule_of(True), one)
    a = one.predict(np.array([[1.1, 4.0, 12.0]]), records)
    b = other.predict(np.array([[4.0 / 12.0, 1.1, 4.0]]), records)
    np.testing.assert_allclose(a, b, rtol=1e-13, atol=0)


@pytest.mark.parametrize(
    "model",
    [*(Compartments(n, o) for n in (1, 2, 3) for o in (False, True)), Compartments(1, True, True)],
    ids=lambda m: m.name,
)
def test_derivatives_agree_with_central_differences(model):
    records = from_events(schedule_of(model.oral), model)
    start = {**TYPICAL, "ke": 0.4}
    values = np.array([[start[name] for name in model.parameters]])
    _, slopes = jacobian(model, values[None], records)
    for k in range(values.shape[1]):
        step = np.zeros_like(values)
        step[0, k] = 1e-5 * values[0, k]
        up, down = model.predict(values + step, records), model.predict(values - step, records)
        # differences: 1e-10 relative truncation, and 1e-16/1e-5 of the curve for rounding
        scale = np.abs(slopes[..., k]).max()
        np.testing.assert_allclose(
            slopes[0, ..., k], (up - down) / (2 * step[0, k]), rtol=1e-6, atol=1e-8 * scale
        )


def test_derivatives_of_exponentials_are_exact():
    records = from_observations(["a"] * 3, [0.0, 1.0, 4.0], [1.0, 1.0, 1.0])
    t = records.time_h[0]
    values = np.array([[[2.0, 0.7]]])
    _, slopes = jacobian(Exponentials(1), values, records)
    want = np.stack([np.exp(-0.7 * t), -2 * t * np.exp(-0.7 * t)], axis=-1)
    np.testing.assert_allclose(slopes[0, 0], want, rtol=1e-14, atol=0)
    curve = UptakeWashout().predict(np.array([[2.0, 0.1, 0.6]]), records)[0]
    np.testing.assert_allclose(curve, 2 * (np.exp(-0.1 * t) - np.exp(-0.7 * t)), rtol=1e-14, atol=0)


def test_equal_absorption_and_elimination_is_no_special_case():
    t, k = np.array([0.1, 3.0, 50.0]), np.array(0.3)
    # the limit k t exp(-k t), and from both sides the series in the difference
    np.testing.assert_allclose(absorbed(k, k, t), k * t * np.exp(-k * t), rtol=1e-15, atol=0)
    for near in (0.3 * (1 + 1e-9), 0.3 * (1 - 1e-9)):
        np.testing.assert_allclose(
            absorbed(k, np.array(near), t), absorbed(k, k, t), rtol=1e-7, atol=0
        )
    slow = absorbed(np.array(50.0), np.array(0.01), np.array(100.0))
    assert slow == pytest.approx(0.01 * np.exp(-1.0) / 49.99, rel=1e-12, abs=0)  # nothing overflows


def test_rise_joins_its_series_smoothly():
    t = np.array(2.0)
    for rate in (4.9e-6, 5.1e-6):  # either side of the switch at r t = 1e-5
        want = -np.expm1(-rate * 2.0) / rate
        assert rise(np.array(rate), t) == pytest.approx(want, rel=1e-15, abs=0)


def test_a_short_infusion_is_a_bolus():
    t, rate = np.array([1.0, 5.0]), np.array(0.4)
    bolus = np.exp(-rate * t)
    # first order in the duration: 1 + r T / 2; t - T loses 5 x 2e-16 / 1e-6 = 1e-9
    np.testing.assert_allclose(
        infused(rate, np.array(1e-6), t), bolus * (1 + 2e-7), rtol=1e-9, atol=0
    )


def test_additional_doses_are_the_explicit_doses():
    model = Compartments(2, oral=True)
    table = schedule_of(True)
    short, long = from_events(table, model), from_events(expanded(table), model)
    values = np.array([[TYPICAL[name] for name in model.parameters]])
    assert np.array_equal(model.predict(values, short), model.predict(values, long))
    assert short.doses.amount.sum() == 100 * 3 + 60


def reset_curve(kind, amount):
    table = event_table(
        {
            "ID": [1.0] * 4,
            "TIME": [0.0, 5.0, 6.0, 7.0],
            "AMT": [100.0, NAN, amount, NAN],
            "EVID": [1.0, 0.0, kind, 0.0],
            "DV": [NAN, 1.0, NAN, 1.0],
        }
    )
    model = Compartments(1)
    return model.predict(np.array([[2.0, 10.0]]), from_events(table, model))[0]


def test_a_reset_empties_the_system_and_a_reset_dose_fills_it_again():
    assert reset_curve(3.0, NAN)[1] == 0.0
    assert reset_curve(4.0, 50.0)[1] == pytest.approx(5 * np.exp(-0.2), rel=1e-14, abs=0)
    both = 5 * np.exp(-0.2) + 10 * np.exp(-0.2 * 7)
    assert reset_curve(1.0, 50.0)[1] == pytest.approx(both, rel=1e-14, abs=0)
    assert reset_curve(2.0, NAN)[1] == pytest.approx(10 * np.exp(-0.2 * 7), rel=1e-14, abs=0)


def test_at_one_time_the_rows_act_in_the_order_of_the_file():
    columns = {"ID": [1.0, 1.0], "TIME": [0.0, 0.0], "DV": [1.0, NAN], "AMT": [NAN, 20.0]}
    model = Compartments(1)
    before = from_events(event_table(columns), model)
    after = from_events(event_table({n: c[::-1] for n, c in columns.items()}), model)
    values = np.array([[2.0, 10.0]])
    assert model.predict(values, before)[0, 0] == 0.0  # a trough, drawn before its dose
    assert model.predict(values, after)[0, 0] == 2.0


def refused(model, **columns):
    base = {"ID": [1.0, 1.0], "TIME": [0.0, 1.0], "AMT": [10.0, NAN], "DV": [NAN, 1.0]}
    with pytest.raises(DataError) as caught:
        from_events(event_table({**base, **columns}), model)
    return str(caught.value)


def test_what_a_model_does_not_have_is_refused():
    assert "dose into compartment 3" in refused(Compartments(1, True), CMT=[3.0, 2.0])
    assert "observes compartment 1" in refused(Compartments(1, True), CMT=[1.0, 1.0])
    assert "infusion into the depot" in refused(Compartments(1, True), DUR=[2.0, NAN])
    assert "changes within the subject" in refused(Compartments(1), WT=[70.0, 71.0])
    assert "is missing" in refused(Compartments(1), WT=[NAN, NAN])
    assert "no observation" in refused(Compartments(1), MDV=[1.0, 1.0])


def test_subjects_keep_their_whole_number():
    table = event_table({"ID": [20261121.0], "TIME": [1.0], "DV": [2.0]})
    assert from_events(table, Compartments(1)).ids == ("20261121",)
