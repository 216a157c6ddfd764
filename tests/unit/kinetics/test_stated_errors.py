"""Stated errors: used where stated, assumed where a few lack, and nothing ignored in silence."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.io.biodist import read_biodist
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.region_fit import FitOptions

TIMES = (1, 4, 24, 48, 96, 144)


def fit(folder, sem, animals=None, values=None, error="auto"):
    """Fit means with their SEM; empty where it is None."""
    values = [20 * np.exp(-0.02 * t) for t in TIMES] if values is None else values
    animals = [5] * len(TIMES) if animals is None else animals
    rows = ["region,time_h,value,sem,n,unit"]
    for t, value, share, n in zip(TIMES, values, sem, animals, strict=True):
        stated = "" if share is None else f"{share * value:.9g}"
        rows.append(f"liver,{t},{value:.9g},{stated},{n},%IA")
    path = folder / "b.csv"
    path.write_text("\n".join(rows) + "\n")
    options = FitOptions(draws=60, error=error)
    return fit_biodistribution(read_biodist(path), "I-131", options=options).region("liver")


def flagged(one):
    return [f for f in one.flags if "errors" in f and not f.startswith("limits")]


def test_one_missing_error_is_assumed_from_the_others_and_named(tmp_path):
    one = fit(tmp_path, [0.1, 0.1, None, 0.1, 0.1, 0.1])
    like = one.best[0].likelihood
    assert like.error == "sd"
    np.testing.assert_allclose(like.sd, 0.1 * like.value[0], rtol=1e-6, atol=0)  # nine digits
    assert np.isnan(one.curves[0].sd[2])  # what was measured stays as it was
    # a SEM of 10% with 5 animals: 22% of one animal
    assert flagged(one) == [
        "assumed errors: value at 24 h without sd or sem; taken: the median relative SD of the "
        "others, 22% of one animal"
    ]


def test_a_mean_of_one_animal_gets_the_error_of_one_animal(tmp_path):
    one = fit(tmp_path, [0.1, 0.1, 0.1, 0.1, 0.1, None], animals=[5, 5, 5, 5, 5, 1])
    like = one.best[0].likelihood
    assert like.sd[-1] / like.value[0, -1] == pytest.approx(0.1 * 5**0.5, rel=1e-6, abs=0)


def test_few_stated_errors_are_not_used_and_that_is_said(tmp_path):
    one = fit(tmp_path, [0.1, None, None, None, None, 0.1])
    assert one.best[0].likelihood.error == "proportional"
    (flag,) = flagged(one)
    assert flag == "stated errors not used: values at 4, 24, 48, 96 h without sd or sem"
    asked = fit(tmp_path, [0.1, None, None, None, None, 0.1], error="sd")
    assert asked.best[0].likelihood.error == "sd"
    assert "assumed errors: values at 4, 24, 48, 96 h" in flagged(asked)[0]


def test_a_zero_without_an_error_gets_the_smallest_one(tmp_path):
    values = [20, 15, 10, 5, 2, 0]
    one = fit(tmp_path, [0.1, 0.1, 0.1, 0.1, 0.1, None], values=values)
    assert one.best[0].likelihood.sd[-1] == pytest.approx(0.1 * 0.02, rel=1e-6, abs=0)


def test_all_or_none_stated_needs_no_words(tmp_path):
    assert flagged(fit(tmp_path, [0.1] * 6)) == []
    assert flagged(fit(tmp_path, [None] * 6)) == []
    with pytest.raises(DataError, match="needs sd"):
        fit(tmp_path, [None] * 6, error="sd")
