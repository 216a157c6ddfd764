"""The shipped draws: what they are, that they are what the command makes, and what they say."""

import json
from importlib.resources import files
from io import BytesIO

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.kinetics.carrier.calibrate import NOT_INFORMED
from pdcraft.kinetics.carrier.conflict import plasma_conflict
from pdcraft.kinetics.carrier.draws import ALL, CarrierDraws, carrier_draws, read_draws, write_draws
from pdcraft.kinetics.carrier.parameters import priors
from pdcraft.kinetics.carrier.predict import INJECTED_MASS, carrier_target, fitted_items
from pdcraft.kinetics.carrier.table import evidence_table

SPECIES = ("mouse", "human")
LARGEST_BYTES = 300_000


@pytest.mark.parametrize("species", SPECIES)
def test_every_study_has_draws_without_it(species):
    draws = carrier_draws(species)
    assert set(draws.sets) == {ALL, *(item.subjects for item in fitted_items(species))}
    assert {values.shape for values in draws.sets.values()} == {(1000, len(draws.names))}
    own = set(priors(species).names)
    assert own <= set(draws.names) <= own | {INJECTED_MASS}
    assert all(np.all(values > 0) for values in draws.sets.values())
    path = files("pdcraft.data").joinpath("carrier", f"draws_{species}.npz")
    assert len(path.read_bytes()) < LARGEST_BYTES


def test_unknown_subjects_are_refused_with_near_ones():
    with pytest.raises(DataError, match="mouse-nm600-4t"):
        carrier_draws("mouse").values("mouse-nm600")


def test_writing_and_reading_keep_six_digits():
    draws = CarrierDraws(("a", "b"), {ALL: np.array([[1.2345678, 3e-7], [2.0, 4e5]])})
    file = BytesIO()
    write_draws(draws, file)
    file.seek(0)
    again = read_draws(file)
    assert again.names == draws.names
    np.testing.assert_allclose(again.values(), draws.values(), rtol=1e-6, atol=0)
    assert not again.values().flags.writeable


@pytest.mark.parametrize("species", SPECIES)
def test_the_record_says_converged_and_what_is_not_informed(species):
    path = files("pdcraft.data").joinpath("carrier", f"calibration_{species}.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    assert set(record["sets"]) == set(carrier_draws(species).sets)
    for found in record["sets"].values():
        assert found["largest_split_rhat"] < 1.05
        assert found["smallest_effective_size"] > 400
    for name, row in record["parameters"].items():
        assert row["informed"] == (row["contraction"] >= NOT_INFORMED), name


def test_parameters_that_no_row_speaks_of_keep_their_prior():
    """A sampler that narrows shows here: emcee's snooker move did, by 14% in variance."""
    draws, prior = carrier_draws("human"), priors("human")
    for name in ("liver_residence_h", "catabolized_odds", "residual_h"):
        i = prior.names.index(name)
        unit = (np.log(draws.named()[name]) - prior.log_median[i]) / prior.log_sd[i]
        # 1000 draws: SD of a variance 4.5%, of a mean 3%; 4 of them
        assert unit.var() == pytest.approx(1.0, rel=0, abs=0.18)
        assert unit.mean() == pytest.approx(0.0, rel=0, abs=0.13)


def test_the_fit_knows_more_than_the_prediction():
    rows = {row.item.id: row for row in evidence_table("mouse")}
    assert all(row.predicted.kind == "predicted" for row in rows.values())
    # the fit to all evidence is closer to the dose of CLR 125 than what never saw it
    tumor = rows["clr125-tumor-dose"]
    assert abs(tumor.fitted.residual) < abs(tumor.predicted.residual)
    assert tumor.fitted.high < tumor.predicted.high


def test_the_conflict_of_the_species_is_the_arithmetic_of_the_mass_ratio():
    found = plasma_conflict()
    # 822 h over the fourth root of 73 kg / 22 g
    assert found.scaled_half_life_h == pytest.approx(822 / (73_000 / 22) ** 0.25, rel=1e-12, abs=0)
    assert found.scaled_half_life_h == pytest.approx(110, rel=0.03, abs=0)  # 'about 110 h'
    assert found.share_if_one_exponential > 5 * found.cleared_below
    assert found.share_fitted["high"] < found.share_if_one_exponential
    assert found.share_from_man["value"] < found.share_if_one_exponential


@pytest.mark.slow
@pytest.mark.parametrize(
    ("species", "without"),
    [("mouse", None), ("mouse", "mouse-nm600-4t"), ("human", "human-glioma-pet")],
)
def test_a_fresh_fit_agrees_with_the_shipped_draws(species, without):
    target = carrier_target(species)
    part = target if without is None else target.without({without})
    fresh = part.sample(seed=99, steps=500, burn_in=200, walkers=40, ensembles=2)
    size = np.minimum(fresh.chains.effective_size, 1000)
    logs, kept = np.log(fresh.draws(4000)), np.log(carrier_draws(species).values(without))
    error = kept.std(axis=0) * np.sqrt(1 / size + 1 / 1000)
    # 11 or 16 parameters at 4.5 standard errors: a false alarm in 1 of 10 000 seeds
    assert np.all(np.abs(logs.mean(axis=0) - kept.mean(axis=0)) < 4.5 * error)
    np.testing.assert_allclose(logs.std(axis=0), kept.std(axis=0), rtol=0.2, atol=0)


def test_leaving_out_takes_every_row_of_the_subjects():
    target = carrier_target("human").without({"human-dosimetry-trial"})
    assert {item.subjects for item in target.items} == {"human-glioma-pet"}


@pytest.mark.parametrize("species", ["mouse", "human"])
def test_shipped_draws_are_of_the_shipped_tables(species):
    # a changed prior, datum or error model must come with new draws
    from pdcraft.data.files import text_of
    from pdcraft.kinetics.carrier.calibrate import tables_sha256

    record = json.loads(text_of("carrier", f"calibration_{species}.json"))
    assert record["tables_sha256"] == tables_sha256()
