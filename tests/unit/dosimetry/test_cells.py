"""S values of cells: reciprocity, sums, an independent code, the MIRD convention, bad input."""

import numpy as np
import pytest

from pdcraft.dosimetry.cell_geometry import SOURCES, TARGETS, Cell
from pdcraft.dosimetry.cells import cell_S
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.validate.cells_mird import absorbed_by_quadrature_keV


def _values(result):
    return {t: {s: v.value for s, v in row.items()} for t, row in result.S_Gy_per_Bq_s.items()}


@pytest.mark.parametrize("method", ["transport", "mird"])
@pytest.mark.parametrize("offset", [0.0, 0.7])
def test_cells_add_up(method, offset):
    s = _values(cell_S("I-125", 5.0, 4.0, method=method, nucleus_offset_um=offset))
    n, c = 4.0**3, 5.0**3
    cy = c - n
    # the whole cell as target is its parts by mass, as source its parts by activity
    for source in SOURCES:
        parts = (s["nucleus"][source] * n + s["cytoplasm"][source] * cy) / c
        assert s["cell"][source] == pytest.approx(parts, rel=1e-9, abs=0)
    for target in TARGETS:
        parts = (s[target]["nucleus"] * n + s[target]["cytoplasm"] * cy) / c
        assert s[target]["cell"] == pytest.approx(parts, rel=1e-9, abs=0)
    # reciprocity: the mean dose per decay does not care which is source and which target
    assert s["nucleus"]["cytoplasm"] == pytest.approx(s["cytoplasm"]["nucleus"], rel=1e-9, abs=0)


def test_a_nucleus_at_the_surface_takes_more_from_it():
    center, off = (
        _values(cell_S("I-125", 5.0, 4.0, nucleus_offset_um=o))["nucleus"] for o in (0.0, 1.0)
    )
    assert off["nucleus"] == center["nucleus"]
    assert off["cell_surface"] > 1.2 * center["cell_surface"]  # it touches the surface
    assert off["cytoplasm"] < center["cytoplasm"]  # less of its surface faces cytoplasm


@pytest.mark.parametrize(
    ("name", "source", "gray"),
    [
        ("Lu-177", "cell_surface", 1.9),
        ("Lu-177", "nucleus", 10.7),
        ("Tb-161", "cytoplasm", 8.3),
        ("Tb-161", "nucleus", 38.6),
    ],
)
def test_doses_of_celldose(name, source, gray):
    """Alcocer-Avila 2020, abstract: 1436 MeV of electrons in a cell of 14 um, nucleus of 10 um.

    Digits printed: 2.6% of 1.9; decay data 2%; cross sections of vapor: together 8%.
    """
    from pdcraft.data.emissions import electron_keV
    from pdcraft.data.nuclides import nuclide

    s = cell_S(name, 7.0, 5.0).S_Gy_per_Bq_s["nucleus"][source]
    assert s.value * 1436e3 / electron_keV(nuclide(name)) == pytest.approx(gray, rel=0.08, abs=0)


def test_mird_is_its_own_formula():
    """One line of 12.6 keV, by hand: published factors, Cole's losses, adaptive quadrature."""
    from pdcraft.dosimetry.cell_mird import mird_kernel_of

    cell = Cell(8.0, 5.0)
    kernel = mird_kernel_of("line", {"beta": (np.array([12.6]), np.ones(1))})
    for target, source in (("nucleus", "nucleus"), ("nucleus", "cytoplasm"), ("cell", "cell")):
        want = absorbed_by_quadrature_keV(12.6, target, source, 8.0, 5.0)
        value, error = kernel.absorbed_keV(cell.share(target, source))
        assert value == pytest.approx(want, rel=1e-3, abs=0)  # 60 shells a decade
        assert error == 0.0


def test_mird_below_one_keV():
    from pdcraft.dosimetry.cell_mird import mird_kernel_of

    soft = mird_kernel_of("soft", {"Auger": (np.array([0.9]), np.ones(1))})
    cell = Cell(5.0, 4.0)
    assert soft.absorbed_keV(cell.share("cell", "cell"))[0] == pytest.approx(0.9, rel=1e-3, abs=0)
    assert soft.absorbed_keV(cell.share("cell", "cell_surface"))[0] == pytest.approx(
        0.45, rel=1e-3, abs=0
    )
    assert soft.absorbed_keV(cell.share("nucleus", "cell_surface"))[0] == 0.0


def test_methods_agree_where_electrons_stay_and_part_where_they_run():
    ran, mird = (
        _values(cell_S("I-125", 5.0, 4.0, method=m))["nucleus"] for m in ("transport", "mird")
    )
    assert mird["nucleus"] == pytest.approx(ran["nucleus"], rel=0.05, abs=0)
    assert mird["cell_surface"] < 0.75 * ran["cell_surface"]  # straight tracks and no photons


def test_errors_are_small_and_named():
    found = cell_S("I-131", 5.0, 4.0)
    s = found.S_Gy_per_Bq_s["nucleus"]["nucleus"]
    assert 0.0 < s.std_err < 0.01 * s.value
    assert 0.0 < s.model_err < 0.05 * s.value
    assert "dielectric stopping" in found.models
    assert "energies of ICRP 107" in found.models
    assert found.progeny_note


@pytest.mark.parametrize(
    ("name", "target", "source", "moved"),
    [
        ("I-125", "nucleus", "nucleus", 0.0072),
        ("I-125", "nucleus", "cell", 0.0037),
        ("I-125", "nucleus", "cell_surface", 0.0544),
        ("I-125", "cell", "cell", 0.0046),
        ("Tb-161", "nucleus", "nucleus", 0.0072),
        ("Tb-161", "nucleus", "cell_surface", 0.0228),
        ("Tb-161", "cell", "cell", 0.0031),
    ],
)
def test_model_errors_are_no_less_than_what_other_decay_data_move(name, target, source, moved):
    """`moved`: by the lines of ICRP 107 instead of the package's (icrp107-database 0.0.3).

    Bands of Auger electrons of which one has more and one has less must not cancel: I-125 to the
    nucleus from the whole cell differs by 0.04% in all bands together, by 1.3% in either half.
    """
    s = cell_S(name, 5.0, 4.0).S_Gy_per_Bq_s[target][source]
    assert moved <= s.model_err / s.value < 3.0 * moved + 0.01  # nor a multiple of it


def test_alphas_are_counted():
    s = cell_S("At-211", 5.0, 4.0).S_Gy_per_Bq_s["nucleus"]["nucleus"]
    beta = cell_S("I-131", 5.0, 4.0).S_Gy_per_Bq_s["nucleus"]["nucleus"]
    assert s.value > 100.0 * beta.value
    assert 0.01 < s.model_err / s.value < 0.05  # ranges within 3%


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((5.0, 5.0), "nucleus of radius 5 um does not fit into a cell of radius 5 um"),
        ((5.0, 6.0), "give a nucleus smaller than its cell"),
        ((5.0, -1.0), "nucleus radius of -1 um is outside 0.1 to 1000 um"),
        ((5000.0, 4.0), "cell radius of 5000 um.*check the unit"),
        ((float("nan"), 4.0), "cell radius of nan"),
    ],
)
def test_refuses_cells_that_cannot_be(arguments, words):
    with pytest.raises(DataError, match=words):
        cell_S("I-125", *arguments)


def test_refuses_bad_questions():
    with pytest.raises(DataError, match=r"reaches out of a cell.*the offset may be 0 to 1 um"):
        cell_S("I-125", 5.0, 4.0, nucleus_offset_um=1.1)
    with pytest.raises(DataError, match="'mrid' is not one of transport, mird"):
        cell_S("I-125", 5.0, 4.0, method="mrid")
    with pytest.raises(DataError, match="ask each member with progeny 'none'"):
        cell_S("I-131", 5.0, 4.0, progeny="explicit")
    with pytest.raises(DataError, match="no decay data for nuclide 'I-999'"):
        cell_S("I-999", 5.0, 4.0)


def test_refuses_an_emitter_of_nothing(monkeypatch):
    from dataclasses import replace

    from pdcraft.data.nuclides import nuclide
    from pdcraft.dosimetry import cells

    empty = replace(nuclide("I-125"), electrons=(), photons=(), beta=(), soft_keV=0.0)
    monkeypatch.setattr(cells, "nuclide", lambda *a, **k: empty)
    with pytest.raises(DataError, match="I-125 has no emission in its table, so no S value"):
        cell_S("I-125", 5.0, 4.0)


def test_warns_of_daughters_that_are_not_counted():
    with pytest.warns(ApproximationWarning, match="daughters Bi-213, Po-213 emit 30%"):
        cell_S("Ac-225", 5.0, 4.0, progeny="prompt", method="mird")


def test_warns_of_what_lies_above_the_tables():
    with pytest.warns(ApproximationWarning) as said:
        cell_S("Y-86", 5.0, 4.0, method="mird")
    assert any("of the photon energy lies above 3 MeV" in str(w.message) for w in said)
