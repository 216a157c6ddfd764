"""The S values that the carrier was fitted with are those of the dosimetry now."""

import numpy as np

from pdcraft.data.files import load_toml
from pdcraft.study.carrier_s import carrier_s_values, table_text


def test_the_shipped_table_is_what_the_dosimetry_computes():
    shipped = {
        (r["species"], r["nuclide"], r["target"]): r
        for r in load_toml("carrier", "s_values.toml")["value"]
    }
    rows = list(carrier_s_values())
    assert {(r.species, r.nuclide, r.target) for r in rows} == set(shipped)
    for row in rows:
        old = shipped[row.species, row.nuclide, row.target]
        assert old["mass_g"] == dict(row.mass_g)
        own = old["S_mGy_per_MBq_s"]
        assert own.keys() == row.S.keys()
        for source, value in row.S.items():
            # absorbed fractions are made anew with more histories: four standard errors of both,
            # and 1 % for their interpolation, far below the fit's own error of a dose method (20 %)
            error = np.hypot(old["std_err_mGy_per_MBq_s"][source], row.std_err[source])
            assert abs(value - own[source]) < 4 * error + 0.01 * value, (row.target, source)


def test_the_table_names_its_command():
    assert "# command: python -m pdcraft.study carrier-s-values" in table_text()
