"""Event tables: what NONMEM's columns mean, exact round trips, every fault with its line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcraft.errors import DataError
from pdcraft.io.event_table import (
    event_table,
    expanded,
    is_event_table,
    read_events,
    write_events,
)

GOOD = """# made for this test
ID,TIME,AMT,RATE,MDV,CMT,DV,ADDL,II,WT
1,0,100,.,1,1,.,2,12,70.5
1,5,.,.,0,2,1.5,.,.,70.5
2,0,50,25,1,2,.,.,.,80
2,0.1,.,.,0,2,0.30000000000000004,.,.,80
"""


def read(text, **more):
    return read_events("events.csv", text=text, **more)


def faults(text, **more):
    with pytest.raises(DataError) as caught:
        read(text, **more)
    return [(p.line, p.key) for p in caught.value.problems], str(caught.value)


def test_columns_that_are_not_given_follow_from_the_amount():
    table = read(GOOD)
    assert table.columns["EVID"].tolist() == [1, 0, 1, 0]
    assert table.covariates == ("WT",)
    assert table.comments == ("made for this test",)
    assert table.duration_h.tolist() == [0, 0, 2, 0]  # 50 at 25 per h


def test_a_dot_is_missing_and_not_zero():
    assert np.isnan(read(GOOD).columns["DV"][0])


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(st.lists(st.tuples(st.floats(0, 1e6), finite, st.floats(1e-3, 1e3)), min_size=1))
def test_round_trip_is_exact(rows):
    time_h, value, mass = (np.array(c) for c in zip(*sorted(rows), strict=True))
    table = event_table({"ID": np.full(time_h.size, 7), "TIME": time_h, "DV": value, "WT": mass})
    back = read(write_events(table))
    assert list(back.columns) == list(table.columns)
    for name, column in table.columns.items():
        assert np.array_equal(back.columns[name], column, equal_nan=True), name


def test_text_written_is_the_text_read():
    once = write_events(read(GOOD))
    assert write_events(read(once)) == once


def test_comment_lines_of_nonmem_are_left_out():
    ignored = GOOD.replace("2,0,50", "@ a remark\nPatient two\n2,0,50")
    assert write_events(read(ignored)) == write_events(read(GOOD))


def test_a_first_column_c_marks_rows_that_are_left_out():
    text = "C,ID,TIME,DV\n.,1,0,1\nC,1,1,9\n.,1,2,2\n"
    assert read(text).columns["DV"].tolist() == [1, 2]


def test_a_row_of_data_with_a_word_for_its_id_is_a_fault_not_a_comment():
    where, text = faults("ID,TIME,DV\nS1,0,1\n")
    assert where == [(2, "ID")]
    assert "write numbers" in text


def test_additional_doses_are_written_out_in_time_order():
    table = expanded(read(GOOD))
    dose = table.columns["EVID"] == 1
    assert table.columns["TIME"][dose].tolist() == [0, 12, 24, 0]
    assert "ADDL" not in table.columns
    assert table.columns["TIME"][table.columns["ID"] == 1].tolist() == [0, 5, 12, 24]


def test_a_reset_ends_the_doses_still_to_come():
    text = "ID,TIME,AMT,EVID,DV,ADDL,II\n1,0,10,1,.,5,10\n1,25,.,3,.,.,.\n1,60,.,0,1,.,.\n"
    table = expanded(read(text))
    assert table.columns["TIME"].tolist() == [0, 10, 20, 25, 60]


def test_every_fault_is_told_at_once_with_line_and_column():
    text = """ID,TIME,AMT,EVID,DV,WT
1,0,100,0,.,70
1,-1,.,0,2,70
2,3,.,0,nan,70
3,3,.,7,2,70
3,1,0,1,.,70
1,4,.,0,2
1,4,.,0,2,70
"""
    where, said = faults(text)
    assert where == [
        (2, "AMT"),  # a dose on an observation
        (2, "DV"),
        (3, "TIME"),  # negative
        (3, "TIME"),  # and out of order
        (4, "DV"),  # not finite
        (5, "EVID"),
        (6, "AMT"),  # a dose of nothing
        (6, "TIME"),
        (7, None),  # a field short
        (8, "ID"),  # subject 1 again
    ]
    assert "keep the rows of a subject together" in said


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("RATE", "-2", "modeled rates"),
        ("DUR", "3", "contradicts AMT/RATE"),
        ("ADDL", "1.5", "whole number"),
        ("II", "0", "above 0 with ADDL"),
        ("CMT", "1.5", "no compartment"),
        ("MDV", "0", "EVID is not 0"),
    ],
)
def test_a_dose_that_cannot_be_given_is_refused(column, value, says):
    row = {"ID": "1", "TIME": "0", "AMT": "10", "RATE": "5", "DUR": "2", "EVID": "1", "MDV": "1"}
    row |= {"CMT": "1", "DV": ".", "ADDL": "1", "II": "12", column: value}
    where, said = faults(f"{','.join(row)}\n{','.join(row.values())}\n")
    assert (2, column) in where
    assert says in said


def test_a_clock_time_is_refused_with_the_way_out():
    assert "not a clock time" in faults("ID,TIME,DV\n1,10:30,2\n")[1]


def test_headers_are_checked():
    assert "is missing" in faults("ID,DV\n1,2\n")[1]
    assert "stands twice" in faults("ID,TIME,DV,DV\n1,0,2,2\n")[1]
    assert "did you mean 'WT'?" in faults("ID,TIME,DV,WTT\n1,0,2,70\n", covariates=["WT"])[1]
    assert "did you mean 'AMT'?" in faults("ID,TIME,DV,AMTT\n1,0,2,70\n")[1]
    assert read("ID,TIME,DV,RACE\n1,0,2,1\n").covariates == ("RACE",)
    assert "steady state" in faults("ID,TIME,DV,SS\n1,0,2,1\n")[1]
    assert "no rows" in faults("ID,TIME,DV\n")[1]


def test_an_event_table_is_known_by_its_header():
    assert is_event_table(GOOD)
    assert not is_event_table("region,time_h,value\nliver,1,2\n")
