"""The published delivery ratio: its readings by hand, and what its likelihood does to draws."""

import numpy as np
import pytest
import small_conjugate as small

from pdcraft.errors import DataError
from pdcraft.exposure.chain import conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.delivery import clr1603, delivery_ratios, resampled
from pdcraft.exposure.linker import Linker

TIMES = np.linspace(0.0, 100.0, 51)


def test_readings_are_ratios_of_the_courses():
    linker = Linker.of_half_lives(10.0, 50.0, 20.0)
    parts = small.drug(), small.TUMOR, small.MARROW
    conj = conjugate_chain(small.network(), linker, *parts).course([DrugDose(10.0)], TIMES)
    plain = plain_chain(*parts).course([DrugDose(10.0)], TIMES)
    found = delivery_ratios(conj, plain)
    assert len(found) == 12
    both = conj.curve("tumor_total")[:, 12] + conj.curve("tumor_conjugate")[:, 12]
    want = both / plain.curve("tumor_total")[:, 12]
    np.testing.assert_allclose(found["total drug and conjugate, 24 h"], want, rtol=1e-12)
    np.testing.assert_allclose(
        found["free drug, AUC"], conj.auc("tumor_free") / plain.auc("tumor_free"), rtol=1e-12
    )


def test_the_likelihood_is_wide_and_centered_on_the_range():
    figure = clr1603()
    assert (figure.low, figure.high) == (20.0, 30.0)
    weight = figure.weights(np.array([20.0, 600**0.5, 30.0, 2.45]))
    assert weight[1] == pytest.approx(1.0)
    assert weight[0] == pytest.approx(weight[2], rel=1e-12)
    assert weight[0] > 0.95
    assert 0.005 < weight[3] < 0.05  # ten times off: log 10 / 0.8 = 2.9 SD


def test_draws_move_toward_the_figure():
    rng = np.random.default_rng(5)
    ratio = np.exp(rng.normal(np.log(4.0), 1.5, 4000))
    index, effective = resampled({"free drug, AUC": ratio}, clr1603(), seed=3)
    assert np.all(np.diff(index) >= 0)
    # product of two normals on the logarithm: 4 with SD 1.5, 24.5 with SD 0.8
    shares = np.array([1 / 1.5**2, 1 / 0.8**2])
    want = np.exp((shares @ np.log([4.0, 600**0.5])) / shares.sum())
    assert np.median(ratio[index]) == pytest.approx(want, rel=0.1)  # effective draws over 1000
    assert 500 < effective < 4000


def test_a_figure_that_no_draw_meets_is_refused():
    with pytest.raises(DataError, match="no draw delivers near 20 to 30"):
        resampled({"free drug, AUC": np.full(50, 1e-9)}, clr1603(), seed=3)
