"""Isotonic estimates and the selection among them."""

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pdcraft.trial.boin import boin
from pdcraft.trial.isotonic import isotonic, nearest_dose, rates_rising
from pdcraft.validate.tables import reference_rows


def pool(values, weights):
    """Pool adjacent violators, one sequence, the textbook way."""
    blocks = []
    for v, w in zip(values, weights, strict=True):
        blocks.append([v, w, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            b, a = blocks.pop(), blocks.pop()
            w = a[1] + b[1]
            blocks.append([(a[0] * a[1] + b[0] * b[1]) / w, w, a[2] + b[2]])
    return np.repeat([b[0] for b in blocks], [b[2] for b in blocks])


rows = hnp.arrays(float, (4, 7), elements=st.floats(0.01, 0.99))
weights = hnp.arrays(float, (4, 7), elements=st.floats(0.1, 500.0))


@given(rows, weights)
def test_max_min_form_is_pool_adjacent_violators(values, weight):
    got = isotonic(values, weight)
    for k in range(len(values)):
        # cumulative sums of seven terms
        np.testing.assert_allclose(got[k], pool(values[k], weight[k]), rtol=1e-12, atol=0)


@given(rows, weights, st.lists(st.booleans(), min_size=7, max_size=7))
def test_entries_without_weight_take_no_part(values, weight, keep):
    kept = np.array(keep)
    if not kept.any():
        return
    got = isotonic(values, np.where(kept, weight, 0.0))[:, kept]
    alone = isotonic(values[:, kept], weight[:, kept])
    np.testing.assert_allclose(got, alone, rtol=1e-12, atol=0)


def test_selection_is_that_of_the_r_package():
    for case, group in groupby(
        reference_rows("trials", "boin_select_mtd.csv"), lambda r: r["case"]
    ):
        held = list(group)
        design = boin(len(held), float(held[0]["target"]))
        n = np.array([[int(r["n"]) for r in held]])
        tox = np.array([[int(r["tox"]) for r in held]])
        want = int(held[0]["MTD"])
        assert design.select(n, tox)[0] == (-1 if want == 99 else want - 1), case
        # the package prints the estimate of every dose treated, eliminated or not
        for got, r in zip(rates_rising(n, tox, n > 0)[0], held, strict=True):
            assert np.isnan(got) if r["phat"] == "----" else round(got, 2) == float(r["phat"])


def test_ties_go_up_below_the_target_and_down_above_it():
    tied = np.array([[0.2, 0.2, 0.4, 0.4]])
    assert nearest_dose(tied, 0.25).tolist() == [1]
    assert nearest_dose(np.array([[0.1, 0.4, 0.4, np.nan]]), 0.3).tolist() == [1]
    assert nearest_dose(np.full((1, 3), np.nan), 0.3).tolist() == [-1]


def test_ties_pooled_by_the_estimate_itself():
    # 1/3 3/9 2/9: all pooled below 0.3, the highest is chosen (case 4 of the R package)
    design = boin(3, 0.3)
    assert design.select(np.array([[3, 9, 9]]), np.array([[1, 3, 2]]))[0] == 2
    # pooled above the target: the lowest
    assert design.select(np.array([[9, 9, 9]]), np.array([[4, 4, 3]]))[0] == 0
