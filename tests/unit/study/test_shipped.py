"""The carrier's shipped draws: draw i is the same sample in every stage, in the seed's order."""

import numpy as np
import pytest

from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.study.kinetics.shipped import shipped_carrier, shipped_draws


@pytest.mark.parametrize("species", ["mouse", "human"])
def test_some_draws_are_shipped_samples_in_an_order_of_the_seed(species):
    named = carrier_draws(species).named()
    shipped = np.stack(list(named.values()), axis=1)
    one, other = (np.stack(list(shipped_draws(species, 40, s).values()), axis=1) for s in (1, 2))
    rows = [int(np.flatnonzero((shipped == row).all(axis=1))[0]) for row in one]
    assert rows != sorted(rows)  # not the head of a chain, nor in its order
    assert max(rows) > len(shipped) // 2
    assert not np.array_equal(one, other)
    again = shipped_draws(species, 40, 1)
    assert list(again) == list(named)
    np.testing.assert_array_equal(np.stack(list(again.values()), axis=1), one)


def test_more_than_there_are_repeat():
    size = carrier_draws("mouse").values().shape[0]
    for values in shipped_draws("mouse", size + 3, 1).values():
        np.testing.assert_array_equal(values[size:], values[:3])


def test_the_carrier_of_man_is_his_own_but_for_the_tumor():
    own, mouse = shipped_draws("human", 20, 1), shipped_draws("mouse", 20, 1)
    made = shipped_carrier("human", 20, 1)
    assert shipped_carrier("mouse", 20, 1).keys() == mouse.keys()
    changed = {name for name in own if not np.array_equal(own[name], made[name])}
    assert all(name.startswith("tumor_") for name in changed | (made.keys() - own.keys()))
    np.testing.assert_array_equal(
        made["tumor_partition_mL_per_g"], mouse["tumor_partition_mL_per_g"]
    )
