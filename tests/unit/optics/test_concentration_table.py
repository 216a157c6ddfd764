"""Concentrations over time and draws: interpolation, and every malformed table refused."""

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.concentration import ConcentrationTable, read_concentrations

REGIONS = ("background", "tumour")


def write(tmp_path, text):
    path = tmp_path / "c.csv"
    path.write_text(text)
    return path


def test_a_table_is_linear_between_its_times(tmp_path):
    path = write(
        tmp_path,
        "time_h,region,conc_nM\n0,tumour,0\n24,tumour,1000\n0,background,100\n24,background,50\n",
    )
    table = read_concentrations(path, REGIONS)
    assert table.regions == REGIONS
    assert table.row(6.0) == {"background": pytest.approx(87.5), "tumour": pytest.approx(250.0)}
    assert table.row(24.0)["tumour"] == 1000.0


def test_draws_are_kept_and_their_mean_is_the_nominal(tmp_path):
    rows = "".join(f"12,tumour,{100 * (d + 1)},{d}\n" for d in range(3))
    table = read_concentrations(write(tmp_path, "time_h,region,conc_nM,draw\n" + rows), REGIONS)
    assert table.draws == 3
    assert [table.row(12.0, d)["tumour"] for d in range(3)] == [100.0, 200.0, 300.0]
    assert table.row(12.0)["tumour"] == pytest.approx(200.0, rel=1e-12, abs=0)


def test_regions_without_rows_are_left_out(tmp_path):
    table = read_concentrations(write(tmp_path, "time_h,region,conc_nM\n1,tumour,5\n"), REGIONS)
    assert table.regions == ("tumour",)


@pytest.mark.parametrize("time", [-0.1, 24.1])
def test_times_outside_the_table_stop(tmp_path, time):
    text = "time_h,region,conc_nM\n0,tumour,0\n24,tumour,1000\n"
    table = read_concentrations(write(tmp_path, text), REGIONS)
    with pytest.raises(PhysicsRangeError, match="the table covers 0 to 24 h"):
        table.row(time)


def test_a_table_over_time_must_be_asked_when(tmp_path):
    text = "time_h,region,conc_nM\n0,tumour,0\n24,tumour,1000\n"
    with pytest.raises(DataError, match="say when"):
        read_concentrations(write(tmp_path, text), REGIONS).row()


HEAD = "time_h,region,conc_nM\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "1,tumor,5\n", "did you mean 'tumour'"),
        (HEAD + "1,liver,5\n", "the scene has background, tumour"),
        (HEAD + "1,tumour,-5\n", "conc_nM -5 is negative"),
        (HEAD + "-1,tumour,5\n", "time_h -1 is negative"),
        (HEAD + "1,tumour,nan\n", "conc_nM 'nan' is not finite"),
        (HEAD + "1,tumour,inf\n", "is not finite"),
        (HEAD + "1,tumour,much\n", "'much' is not a number"),
        (HEAD + "1,tumour\n", "has 2 cells of 3"),
        (HEAD + "1,tumour,5\n1,tumour,6\n", "comes twice"),
        (HEAD + "1,tumour,5\n2,background,6\n", "no concentration of 'background' at 1 h"),
        (HEAD, "has no rows"),
        ("", "is empty"),
        ("time_h,region\n1,tumour\n", "lacks conc_nM"),
        ("time_h,region,conc_nM,mood\n1,tumour,3,good\n", "unknown mood"),
        ("time_h,region,conc_nM,draw\n1,tumour,5,0\n1,tumour,5,1\n1,background,5,0\n", "draw 1"),
    ],
)
def test_malformed_tables_are_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_concentrations(write(tmp_path, text), REGIONS)


def test_all_faults_are_told_with_their_lines(tmp_path):
    path = write(tmp_path, HEAD + "1,tumor,5\n# note\n1,tumour,-5\n1,tumour,nan\n")
    with pytest.raises(DataError) as caught:
        read_concentrations(path, REGIONS)
    assert [p.line for p in caught.value.problems] == [2, 4, 5]


@pytest.mark.parametrize(
    ("conc", "times", "message"),
    [
        ([[[1.0]]], [1.0, 2.0], "shape"),
        ([[[1.0], [-1.0]]], [1.0, 2.0], "is negative"),
        ([[[1.0], [1.0]]], [2.0, 1.0], "must increase"),
        ([[[float("nan")]]], [1.0], "finite"),
    ],
)
def test_impossible_arrays_are_refused(conc, times, message):
    with pytest.raises(DataError, match=message):
        ConcentrationTable(("tumour",), np.array(conc), np.array(times))
