"""Expected largest of n normal values against closed forms and printed tables."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.order_statistics import expected_largest


@pytest.mark.parametrize(
    ("n", "want"),
    [
        (2, 1 / np.sqrt(np.pi)),
        (3, 1.5 / np.sqrt(np.pi)),
        (10, 1.53875),  # Harter, Biometrika 48, 151 (1961); recalled, not verified
        (100, 2.50759),
    ],
)
def test_expected_largest(n, want):
    assert expected_largest(n) == pytest.approx(want, rel=4e-6, abs=0)  # digits of the table


def test_one_value_has_mean_zero():
    assert expected_largest(1) == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(PhysicsRangeError, match="one value or more"):
        expected_largest(0)
