"""All electron cases of the transport suite hold."""

from pdcraft.validate import transport_electrons


def test_all_cases_pass():
    cases = list(transport_electrons.cases())
    assert len(cases) == 157
    assert [c.name for c in cases if not c.passed] == []


def test_elastic_cases_are_far_inside_their_tolerance():
    # the tolerance is 0.5%; a wrong exchange potential moves 1 keV by 1% and more
    for case in transport_electrons.cases():
        if "transport mean free path" in case.name:
            assert case.value is not None
            assert case.reference is not None
            assert abs(case.value / case.reference - 1.0) < 3e-3
