"""A user's table of patients is read, or refused with every fault at once."""

import pytest

from pdcraft.errors import DataError
from pdcraft.io.population_table import read_population_table

HEAD = "sex,age_years,height_cm,body_mass_kg,pretreated\n"


def test_reads_numbers_sexes_and_flags(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("# mine\n" + HEAD + "female,61,164,70.5,yes\nM,70,178,81,false\n")
    columns, lines = read_population_table(path)
    assert columns["female"].tolist() == [1.0, 0.0]
    assert columns["body_mass_kg"].tolist() == [70.5, 81.0]
    assert columns["pretreated"].tolist() == [1.0, 0.0]
    assert lines == (3, 4)


def test_every_fault_with_its_line(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text(HEAD + "x,61,164,70.5,yes\nM,old,178,81,maybe\nM,70\n")
    with pytest.raises(DataError) as told:
        read_population_table(path)
    text = str(told.value)
    for part in (
        "line 2: sex: 'x' is no sex; write male or female",
        "line 3: age_years: 'old' is no number",
        "line 3: pretreated: 'maybe' is neither true nor false",
        "line 4: 2 cells for 5 columns",
    ):
        assert part in text


def test_empty_and_doubled_columns(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("# nothing\n")
    with pytest.raises(DataError, match="holds no patients"):
        read_population_table(path)
    path.write_text("sex,age_years,sex\nF,50,F\n")
    with pytest.raises(DataError, match="columns twice: sex"):
        read_population_table(path)
