"""Suite ``trials``: the engine passes, clinical figures are shown and decide nothing."""

from pdcraft.trial.phase2.intervals import clopper_pearson
from pdcraft.validate.tables import reference_rows
from pdcraft.validate.trials import cases


def test_cases():
    found = list(cases())
    decided = [c for c in found if c.passed is not None]
    assert len(decided) == 2
    assert all(c.passed for c in decided)
    clinical = [c for c in found if c.passed is None]
    assert len(clinical) == len(reference_rows("trials", "clinical.csv"))
    for case in clinical:
        assert ("inside" in case.tolerance) != ("OUTSIDE" in case.tolerance)
        assert case.source


def test_published_counts_stand_beside_their_exact_interval():
    case = next(c for c in cases() if "grade 4 thrombocytopenia" in c.name)
    low, high = clopper_pearson(5, 12)
    # binom.test of R: 15.2 to 72.3 %
    assert (round(100 * low), round(100 * high)) == (15, 72)
    assert "5/12, exact 95% 15 to 72%" in case.tolerance
    assert case.reference == 5.0
