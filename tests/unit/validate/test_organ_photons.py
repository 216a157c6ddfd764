"""Comparison of absorbed fractions with TM-8381: the transcription, the filter, the rules."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from pdcraft.core.body_fractions import BodyFractions, Fractions
from pdcraft.core.regions import region_name
from pdcraft.data.body_fractions import body_fractions
from pdcraft.errors import DataError
from pdcraft.validate import organ_photons
from pdcraft.validate.organ_photons import Pair, judge, pairs_of, saf_per_kg, self_case
from pdcraft.validate.tables import reference_rows


def table_of(per_g, masses_g=(100.0, 300.0)):
    value = np.array([per_g, per_g], dtype=float)
    both = Fractions(np.array([30.0, 100.0]), value, 0.01 * value)
    names, mass = ("liver", "spleen"), np.array(masses_g)
    return BodyFractions("two organs", names, names, mass, mass, both, both, None, "by hand")


def pair(value, printed, group="pair", error=0.0, keV=100.0, source="liver", target="liver"):
    return Pair(group, source, target, keV, printed, value, error, 0.1)


def test_transcription_obeys_reciprocity_and_names_regions():
    """A wrong digit or a swapped name shows: two digits and lungs leave 12% at most."""
    found = defaultdict(dict)
    for row in reference_rows("organs", "tm8381_photons.csv"):
        assert region_name(row["source"]) == row["source"]
        assert region_name(row["target"]) == row["target"]
        if row["group"] == "pair":
            key = tuple(sorted((row["source"], row["target"]))), row["energy_keV"]
            found[key][row["source"]] = float(row["saf_per_kg"])
    ratios = [np.divide(*v.values()) for v in found.values() if len(v) == 2]
    assert len(ratios) > 12
    assert np.median(ratios) == pytest.approx(1.0, rel=0.02, abs=0)
    assert np.max(np.abs(np.log(ratios))) < 0.15


def test_self_irradiation_in_the_transcription_falls_below_what_its_organ_can_absorb():
    male = body_fractions("adult-male")
    for row in reference_rows("organs", "tm8381_photons.csv"):
        if row["group"] == "self":
            mass = male.target_mass_g[male.targets.index(row["source"])]
            assert float(row["saf_per_kg"]) < 1000.0 / mass * 1.005, row  # rounding of two digits


def test_total_body_is_the_mean_of_sources_by_mass():
    table = table_of([[4e-4, 1e-4], [2e-4, 3e-4]])
    value, error = saf_per_kg(table, "total_body", "liver", 100.0)
    assert value == pytest.approx(1000 * (0.25 * 4e-4 + 0.75 * 2e-4), rel=1e-12, abs=0)
    want = 1000 * 0.01 * np.hypot(0.25 * 4e-4, 0.75 * 2e-4)
    assert error == pytest.approx(want, rel=1e-12, abs=0)


def test_marrow_does_not_count_twice_in_the_total_body():
    table = table_of([[4e-4, 1e-4], [2e-4, 3e-4]])
    table = replace(table, sources=("liver", "red_marrow"))
    assert saf_per_kg(table, "total_body", "liver", 30.0)[0] == pytest.approx(0.4, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("source", "target", "energy"),
    [("liver", "liver", 31.0), ("kidneys", "liver", 30.0), ("liver", "kidneys", 30.0)],
)
def test_what_is_not_tabulated_is_refused(source, target, energy):
    with pytest.raises(DataError, match="two organs"):
        saf_per_kg(table_of([[4e-4, 1e-4], [2e-4, 3e-4]]), source, target, energy)


def test_only_pairs_above_the_least_absorbed_fraction_are_compared():
    pairs = pairs_of(body_fractions("adult-male"), ("self", "pair"))
    assert len(pairs) > 300
    assert min(p.absorbed_fraction for p in pairs) > 1e-5
    assert not {"breast", "ovaries", "uterus"} & {p.target for p in pairs}


def test_the_least_fraction_is_that_of_the_reference(monkeypatch):
    per_kg = {"liver": "1.01e-4", "spleen": "0.33e-4"}  # times 0.1 and 0.3 kg: 1.01e-5, 0.99e-5
    row = {"group": "pair", "source": "liver", "energy_keV": "100"}
    rows = [{**row, "target": t, "saf_per_kg": v} for t, v in per_kg.items()]
    monkeypatch.setattr(organ_photons, "reference_rows", lambda *_: rows)
    pairs = pairs_of(table_of([[4e-4, 1e-4], [2e-4, 3e-4]]), ("pair",))
    assert [p.target for p in pairs] == ["liver"]


@pytest.mark.parametrize(
    ("printed", "group", "half"),
    [
        (0.087, "self", 0.0005),
        (50.0, "self", 0.5),
        (0.2, "self", 0.005),
        (1.24, "self-female", 0.005),
    ],
)
def test_half_a_unit_of_the_last_digit(printed, group, half):
    assert pair(printed, printed, group).half_unit == pytest.approx(half, rel=1e-9, abs=0)


def test_rules_pass_what_is_printed_and_fail_what_is_not():
    same = [pair(p, p) for p in (1.0, 0.2, 0.03)]
    assert [c.passed for c in judge(same)] == [True, True]
    biased = [pair(1.06 * p.printed, p.printed) for p in same]
    assert [c.passed for c in judge(biased)] == [False, True]
    opposite = [pair(f, 1.0) for f in (0.9, 0.91, 1.0, 1.09, 1.1)]  # they do not cancel
    assert [c.passed for c in judge(opposite)] == [False, True]
    scattered = [pair(f, 1.0) for f in (1.0, 1.0, 1.0, 1.01, 0.8, 1.2)]
    assert [c.passed for c in judge(scattered)] == [True, False]


def test_poorly_known_pairs_are_counted_not_compared():
    cases = list(judge([pair(1.0, 1.0), pair(0.5, 1.0, error=0.06), pair(0.0, 1.0)]))
    assert all(c.passed and "1 pairs, 2 more" in c.tolerance for c in cases)


def test_self_irradiation_is_judged_at_its_worst_energy():
    band = [pair(0.205, 0.2, "self", keV=100.0), pair(0.93, 0.9, "self", keV=50.0)]
    assert self_case(band, "adult-male").passed
    missed = self_case([*band, pair(0.945, 0.9, "self", keV=500.0)], "adult-male")
    assert missed.passed is False
    assert "500 keV" in missed.name
    soft = [pair(0.98, 0.9, "self", keV=30.0)]
    assert self_case(soft, "adult-male").passed
    assert self_case([pair(1.01, 0.9, "self", keV=30.0)], "adult-male").passed is False


def test_ovaries_of_another_mass_are_shown():
    band = [pair(2.0, 1.0, "self-female", source="ovaries", target="ovaries")]
    assert self_case(band, "adult-female").passed is None
