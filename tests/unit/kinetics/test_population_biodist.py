"""`fit --population`: from a file with several subjects to typical, population and predictive."""

import re

import numpy as np
import pytest

from pdcraft.data.nuclides import half_life_h
from pdcraft.errors import DataError
from pdcraft.io.biodist import read_biodist
from pdcraft.io.event_table import event_table, read_events, write_events
from pdcraft.kinetics.observed import Protocol, observed
from pdcraft.kinetics.population import Parameter, fit_biodist, fit_regions, from_events
from pdcraft.kinetics.population.event_fit import MODELS, EventOptions, document, fit_events
from pdcraft.kinetics.population.fit import _way_out
from pdcraft.kinetics.population.regions import fit_region_population
from pdcraft.kinetics.population.statement import Statement

TIMES = (1, 4, 12, 24, 48, 96, 168)
SPREAD = 0.25  # log SD of size and slowest rate between subjects
SIZE, WASHOUT, UPTAKE = 0.05, 0.008, 0.1
FAST, FAST_RATE, SLOW, SLOW_RATE = 0.4, 0.06, 0.1, 0.006


def biodist_file(folder, n=12, seed=3, noise=0.05, corrected=True):
    rng = np.random.default_rng(seed)
    decay = 1.0 if corrected else np.log(2) / half_life_h("I-131")
    rows = ["region,subject,time_h,value,unit,decay_corrected"]
    for s in range(n):
        z = np.exp(SPREAD * rng.standard_normal(4))
        for t in TIMES:
            blood = FAST * z[0] * np.exp(-FAST_RATE * t)
            blood += SLOW * z[1] * np.exp(-SLOW_RATE * z[2] * t)
            lesion = SIZE * z[0] * np.exp(-WASHOUT * z[3] * t) * -np.expm1(-UPTAKE * t)
            for region, unit, curve in (("blood", "%IA", blood), ("lesion:a", "%IA/g", lesion)):
                value = 100 * curve * (1 + noise * rng.standard_normal())
                value *= 1.0 if corrected else np.exp(-decay * t)
                rows.append(f"{region},m{s},{t},{float(value)!r},{unit},{str(corrected).lower()}")
    path = folder / "mice.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    data = read_biodist(biodist_file(tmp_path_factory.mktemp("b")))
    return fit_biodist(data, "I-131", draws=400)


def test_the_document_says_which_nuclide_the_file_was_measured_with(tmp_path):
    path = biodist_file(tmp_path, n=4)
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head + ",nuclide", *(f"{row},Lu-177" for row in rows)]) + "\n")
    one = fit_regions(read_biodist(path), "I-131")
    assert (one.payload, one.measured_with) == ("I-131", "Lu-177")


def typical(size, rate, physical):
    return sum(s / (r + physical) for s, r in zip(size, rate, strict=True))


def test_typical_integrals_are_those_the_data_were_made_with(fitted):
    """Two regions within 4 of their own SDs: fails a right fit about once in 1e4."""
    physical = np.log(2) / half_life_h("I-131")
    blood = typical([FAST, SLOW], [FAST_RATE, SLOW_RATE], physical)
    lesion = typical([SIZE, -SIZE], [WASHOUT, WASHOUT + UPTAKE], physical)
    for name, key, want in (("blood", "tiac_h", blood), ("lesion:a", "tiac_h_per_g", lesion)):
        found = fitted["regions"][name][key]
        assert abs(found["value"] - want) < 4 * found["sd"], name
        assert found["sd"] < 0.2 * want
        assert fitted["regions"][name]["tiac_h_per_mL"] is None


def test_the_model_is_chosen_by_the_data(fitted):
    assert fitted["regions"]["blood"]["model"] == "biexponential"
    assert fitted["regions"]["lesion:a"]["model"] == "uptake and washout"
    for region in fitted["regions"].values():
        assert sum(region["weights"].values()) == pytest.approx(1, rel=1e-12, abs=0)


def test_subjects_spread_more_than_their_typical_value_is_unknown(fitted):
    lesion = fitted["regions"]["lesion:a"]
    # log-normal size and washout, 0.25 each; the washout's share of the loss is 0.69
    want = np.hypot(0.25, 0.69 * 0.25)
    relative = lesion["population"]["sd"] / lesion["population"]["value"]
    assert relative == pytest.approx(want, rel=0.4, abs=0)  # SD of 12 subjects: 20 %
    assert lesion["predictive"]["sd"] >= lesion["population"]["sd"] * 0.95
    assert lesion["tiac_h_per_g"]["sd"] < 0.6 * lesion["population"]["sd"]


def test_values_with_decay_give_the_same_biology(tmp_path, fitted):
    data = read_biodist(biodist_file(tmp_path, corrected=False))
    again = fit_biodist(data, "I-131", draws=400)
    for name, region in again["regions"].items():
        # the same numbers but for rounding; the search ends at a slope of 2e-3
        for parameter, value in region["typical"].items():
            want = fitted["regions"][name]["typical"][parameter]
            assert value == pytest.approx(want, rel=1e-3, abs=0), (name, parameter)


def test_curves_keep_draws_and_subjects_apart(tmp_path):
    data = read_biodist(biodist_file(tmp_path))
    region = observed(data.region("blood"), Protocol(half_life_h("I-131")))
    found = fit_region_population(region)
    middle, people = found.time_courses(30, 50, 1, "d")
    assert middle.coefficients.shape == (30, 1, 1, 2)
    assert people.coefficients.shape == (30, 50, 1, 2)
    assert middle.quantity.key == "amount_fraction"
    again = found.time_courses(30, 50, 1, "d")[1]
    assert np.array_equal(people.coefficients, again.coefficients)
    # the subjects of a draw are spread by the population: their median is the typical one
    size = np.log(people.coefficients[:, :, 0, 0])
    assert size.mean(axis=1) == pytest.approx(
        np.log(middle.coefficients[:, 0, 0, 0]), rel=0, abs=1e-9
    )


def test_too_few_subjects_are_refused_with_the_way_out(tmp_path):
    path = biodist_file(tmp_path, n=2)
    with pytest.raises(DataError, match=r"2 subject.*needs 3 subjects.*fit without it"):
        fit_biodist(read_biodist(path), "I-131")


def oral_events(n=24, seed=8, times=(0.5, 1, 2, 4, 8, 16, 24)):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        mass = 70 * np.exp(0.3 * rng.standard_normal())
        cl = 4 * (mass / 70) ** 0.75 * np.exp(0.25 * rng.standard_normal())
        v, ka = 30 * (mass / 70) * np.exp(0.2 * rng.standard_normal()), 1.2
        rows.append((i + 1, 0, 100, 1, 1, np.nan, mass))
        for t in times:
            k = cl / v
            c = 100 * ka / v / (ka - k) * (np.exp(-k * t) - np.exp(-ka * t))
            seen = c * (1 + 0.08 * rng.standard_normal())
            rows.append((i + 1, t, np.nan, 0, 2, seen, mass))
    names = ("ID", "TIME", "AMT", "EVID", "CMT", "DV", "WT")
    return event_table(dict(zip(names, np.array(rows).T, strict=True)))


def test_an_event_table_is_fitted_by_the_name_of_its_model():
    options = EventOptions(error="proportional", random=("CL", "V"), mass="fixed")
    table = read_events("e.csv", text=write_events(oral_events()))
    found = document(fit_events(table, "oral-1cpt", options))
    # 24 subjects: 0.25 / sqrt(24) is 5 %, four of them
    assert found["typical"]["CL"] == pytest.approx(4.0, rel=0.2, abs=0)
    assert found["typical"]["V"] == pytest.approx(30.0, rel=0.17, abs=0)
    assert found["typical"]["ka"] == pytest.approx(1.2, rel=0.1, abs=0)
    assert found["residual_sd"]["proportional_sd"] == pytest.approx(0.08, rel=0.25, abs=0)
    assert found["fixed_effects"]["CL"]["std_err"] == pytest.approx(0.05, rel=0.5, abs=0)
    assert found["n_subjects"] == 24


@pytest.mark.parametrize(
    ("model", "options", "says"),
    [
        ("oral-1ctp", EventOptions(), "did you mean 'oral-1cpt'"),
        ("oral-1cpt", EventOptions(error="constant"), "error 'constant' is not one of additive"),
        ("oral-1cpt", EventOptions(random=("CLX",)), "has no CLX"),
    ],
)
def test_unknown_names_are_refused(model, options, says):
    with pytest.raises(DataError, match=says):
        fit_events(oral_events(4), model, options)


def test_a_proportional_error_converges_over_every_range_that_is_measured():
    """Samples to 72 h span seven decades; 12 subjects, spread 0.25: 4 standard errors are 29 %."""
    table = oral_events(12, times=(0.5, 1, 2, 4, 8, 24, 48, 72))
    seen = table.columns["DV"][np.isfinite(table.columns["DV"])]
    assert np.log10(seen.max() / seen.min()) > 5
    options = EventOptions(error="proportional", random=("CL", "V"), mass="fixed")
    assert fit_events(table, "oral-1cpt", options).typical["CL"] == pytest.approx(
        4.0, rel=0.29, abs=0
    )


@pytest.mark.parametrize(
    ("error", "last", "says"),
    [
        ("proportional", 345, r"span \d\d decades.*MDV 1.*combined error; else start closer"),
        ("combined", 345, "^start closer"),
        ("proportional", 16, "^start closer"),
    ],
)
def test_a_search_without_an_end_says_what_to_do(error, last, says):
    records = from_events(oral_events(4, times=(1, 4, last)), MODELS["oral-1cpt"])
    parameters = tuple(Parameter(n, 1.0) for n in ("ka", "CL", "V"))
    statement = Statement(MODELS["oral-1cpt"], parameters, records, error=error)
    assert re.search(says, _way_out(statement))
