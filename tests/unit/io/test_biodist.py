"""Time-activity files: both forms read alike; every fault named with its line, none a traceback."""

import random
from pathlib import Path

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.io.biodist import read_biodist

EXAMPLE = Path(__file__).parents[3] / "examples" / "mouse_i131" / "biodistribution.csv"
GOOD = """\
# a comment
region,time_h,value,sem,n,unit,decay_corrected
liver,0,8.40,0.61,5,%IA/g,true
liver,2,3.16,0.81,5,%IA/g,true
blood,0,36.34,2.70,5,%IA/g,true
blood,2,5.87,0.63,5,%IA/g,true
"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(text):
        path = tmp_path / "b.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_biodist(path)

    return write_and_read


def problems(read, text):
    with pytest.raises(DataError) as caught:
        read(text)
    return caught.value.problems


def test_the_example_holds_what_the_paper_prints():
    # PMC4154813, Table I: blood at 0 h 36.34 (2.70), tumor at 24 h 4.79 (1.28), n = 5
    data = read_biodist(EXAMPLE)
    assert [r.region for r in data.regions] == [
        "tumor", "blood", "liver", "spleen", "kidneys", "lungs",
    ]  # fmt: skip
    blood, tumor = data.region("blood"), data.region("tumor")
    assert (blood.value[0], tumor.value[-1], tumor.time_h[-1]) == (36.34, 4.79, 24.0)
    assert blood.sd[0] == pytest.approx(2.70 * 5**0.5, rel=1e-15, abs=0)
    assert all(r.unit == "%IA/g" and r.decay_corrected and set(r.animals) == {5}
               for r in data.regions)  # fmt: skip


def test_wide_and_long_forms_say_the_same(read):
    long = read("region,time_h,value,sd\nliver,0,8,1\nliver,0.5,3,0.5\nblood,0.5,6,0.7\n")
    wide = read("region,0,t_0.5,sd_0,sd_0.5\nliver,8,3,1,0.5\nblood,,6,,0.7\n")
    for a, b in zip(long.regions, wide.regions, strict=True):
        assert a.region == b.region
        for name in ("time_h", "value", "sd"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_defaults_are_percent_of_the_administered_amount_corrected_for_decay(read):
    (one,) = read("region,time_h,value\nWhole body,1,90\nwhole_body,2,80\n").regions
    assert (one.region, one.unit, one.decay_corrected, one.nuclide) == (
        "total_body", "%IA", True, None,
    )  # fmt: skip
    assert np.all(np.isnan(one.sd))
    assert not one.value.flags.writeable


def test_values_below_quantification_in_all_spellings(read):
    (one,) = read(
        "region,time_h,value,lloq\nliver,1,5,0.5\nliver,2,0.2,0.5\nliver,3,,0.5\n"
        "liver,4,<0.3,\nliver,5,BLQ,0.4\n"
    ).regions
    assert one.censored.tolist() == [False, True, True, True, True]
    assert one.value.tolist() == [5, 0.5, 0.5, 0.3, 0.4]


def test_semicolons_and_a_byte_order_mark_are_read(read):
    (one,) = read(b"\xef\xbb\xbfregion;time_h;value\nliver;1;5\n").regions
    assert one.value.tolist() == [5.0]


def test_subjects_stay_apart_and_in_order(read):
    (one,) = read(
        "region,time_h,value,subject\nliver,2,1,b\nliver,1,2,b\nliver,1,3,a\nliver,2,4,a\n"
    ).regions
    assert one.subjects == ("b", "a")
    assert one.value.tolist() == [2, 1, 3, 4]


FAULTS = {
    "region,time_h\nliver,1\n": (1, "value", "'value' is missing"),
    "region,time_h,vlaue\nliver,1,2\n": (1, "vlaue", "unknown column"),
    "region,time_h,value,value\nliver,1,2,3\n": (1, "value", "twice"),
    "region,time_h,value\nliver,1,nan\n": (2, "value", "not a finite"),
    "region,time_h,value\nliver,1,-2\n": (2, "value", "not zero or more"),
    "region,time_h,value\nliver,-1,2\n": (2, "time_h", "not zero or more"),
    "region,time_h,value\nliver,,2\n": (2, "time_h", "time is missing"),
    "region,time_h,value\nliver,1,\n": (2, "value", "value is missing"),
    "region,time_h,value\nliver,1,two\n": (2, "value", "not a number"),
    "region,time_h,value\n,1,2\n": (2, "region", "region is missing"),
    "region,time_h,value\nlivr,1,2\n": (2, "region", "livr"),
    "region,time_h,value\nliver,1,2\nliver,1,3\n": (3, "time_h", "already in line 2"),
    "region,time_h,value\nliver,1,2\nliver,2\n": (3, None, "2 of 3 fields"),
    "region,time_h,value\nliver,1,0,5\n": (2, None, "4 fields"),
    "region,time_h,value,unit\nliver,1,2,%IB\n": (2, "unit", "unknown unit"),
    "region,time_h,value,unit\nliver,1,2,%IA\nliver,2,2,MBq\n": (3, "unit", "one region has one"),
    "region,time_h,value,decay_corrected\nliver,1,2,maybe\n": (2, "decay_corrected", "neither"),
    "region,time_h,value,sem\nliver,1,2,0.1\n": (2, "sem", "without n"),
    "region,time_h,value,sem,n\nliver,1,2,0.1,1\n": (2, "sem", "without n"),
    "region,time_h,value,sd\nliver,1,2,0\n": (2, "sd", "above zero"),
    "region,time_h,value,n\nliver,1,2,2.5\n": (2, "n", "whole number"),
    "region,time_h,value,sd,sem,n\nliver,1,2,1,1,4\n": (2, "sd", "contradicts"),
    "region,time_h,value,lloq\nliver,1,2,0\n": (2, "lloq", "above zero"),
    "region,time_h,value,subject\nliver,1,2,a\nliver,2,2,\n": (3, "subject", "some rows name"),
    "region,time_h,value\n": (None, None, "no values"),
    "": (None, None, "empty"),
    'region,time_h,value\nliver,1,"2\n': (2, None, "not CSV"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_each_fault_is_named_with_its_line_and_key(read, text):
    line, key, words = FAULTS[text]
    found = problems(read, text)
    assert any(p.line == line and p.key == key and words in p.message for p in found), found
    assert all(p.file == "b.csv" for p in found)


def test_all_faults_come_at_once_with_near_matches(read):
    found = problems(read, "region,time_h,value,unit\nlivr,1,x,%IA\nkidnys,-1,2,%ia/g\n")
    assert [(p.line, p.key) for p in found] == [
        (2, "region"), (2, "value"), (3, "region"), (3, "time_h"), (3, "unit"),
    ]  # fmt: skip
    hints = {p.value: p.hint for p in found}
    assert "liver" in hints["livr"]
    assert "kidneys" in hints["kidnys"]
    assert "%IA/g" in hints["%ia/g"]


def test_what_is_no_text_is_refused(read, tmp_path):
    assert "UTF-8" in problems(read, b"\xff\xfe\x00\x01region")[0].hint
    with pytest.raises(DataError, match="no such file"):
        read_biodist(tmp_path / "absent.csv")
    with pytest.raises(DataError, match="is a folder; give the file in it"):
        read_biodist(tmp_path)


def mutated(rng):
    """Damage the good file in one to three random places."""
    text = GOOD
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) or 1)
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:at]
        elif kind == 1:
            text = text[:at] + rng.choice(",;\"'\n\t-+.%<#eE\x00é ") + text[at:]
        elif kind == 2:
            text = text[:at] + text[at + rng.randint(1, 6) :]
        elif kind == 3:
            cut = at + rng.randint(1, 20)
            text = text[:cut] + text[at:]
        elif kind == 4:
            text = text.replace(rng.choice("0123456789"), rng.choice(["-", "nan", "1e999", ""]), 1)
        else:
            rows = text.splitlines()
            rng.shuffle(rows)
            text = "\n".join(rows)
    return text


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_read_or_refused_never_a_traceback(read, seed):
    found, refused = outcome(read, mutated(random.Random(seed)))
    assert all(p.file == "b.csv" and p.message for p in refused)
    assert (found is None) == bool(refused)
    for region in found.regions if found else ():
        assert np.all(np.isfinite(region.value))
        assert np.all(region.value >= 0)
        assert np.all(region.time_h >= 0)


def outcome(read, text):
    try:
        return read(text), ()
    except DataError as error:
        return None, error.problems


def test_spreadsheet_habits_are_read(read):
    # empty rows at the end, "injected dose" for injected activity, blanks in units
    data = read("region,time_h,value,unit\nliver,1,2,%ID/g\nliver,2,1,% IA / g\n,,,\n;;\n")
    assert data.region("liver").unit == "%IA/g"
    assert data.region("liver").value.tolist() == [2.0, 1.0]


def test_the_same_fault_of_many_rows_is_said_once(read):
    rows = "".join(f"liver,{t},1,kBq\n" for t in range(200))
    found = problems(read, "region,time_h,value,unit\n" + rows)
    assert len(found) == 1
    assert found[0].message == "unknown unit 'kBq' (and 199 more rows)"
    assert found[0].line == 2
