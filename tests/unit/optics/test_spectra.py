"""Spectra: exact integrals, quadrature nodes, shapes, files."""

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.bands import band_nodes, choose_nodes, emission_nodes
from pdcraft.optics.spectra import (
    Line,
    Spectrum,
    band_shape,
    read_spectrum,
    width_in_wavenumbers,
)


def triangle():
    return Spectrum(np.array([700.0, 750.0, 850.0]), np.array([0.0, 2.0, 0.0]), "triangle")


def test_integrals_and_means_of_straight_pieces_are_exact():
    made = triangle()
    assert made.integral() == pytest.approx(150.0, rel=1e-12, abs=0)
    assert made.integral(725.0, 750.0) == pytest.approx(37.5, rel=1e-12, abs=0)
    assert made.integral(900.0, 950.0) == 0.0
    # centroid of a triangle: the mean of its corners
    assert made.mean_nm == pytest.approx((700 + 750 + 850) / 3, rel=1e-12, abs=0)
    assert made.normalized().integral() == pytest.approx(1.0, rel=1e-12, abs=0)


def test_products_live_where_both_do():
    other = Spectrum(np.array([740.0, 800.0]), np.array([1.0, 1.0]), "filter")
    got = triangle().times(other)
    assert got.range_nm == (740.0, 800.0)
    assert got.integral() == pytest.approx(triangle().integral(740.0, 800.0), rel=1e-12, abs=0)
    with pytest.raises(DataError, match="share no wavelengths"):
        triangle().times(Spectrum(np.array([900.0, 950.0]), np.array([1.0, 1.0])))


def test_a_band_is_as_wide_as_said():
    made = band_shape(775.0, width_in_wavenumbers(775.0, 48.0))
    half = made.wavelength_nm[made.value >= 0.5]
    assert made.peak_nm == pytest.approx(775.0, rel=0, abs=0.5)
    # in energy the band is symmetric: half a step of 0.5 nm at either end, and 1% of its width
    assert half[-1] - half[0] == pytest.approx(48.0, rel=0.01, abs=1.0)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_gauss_nodes_are_exact_for_polynomials(count):
    made = triangle()
    nodes = band_nodes(made, 710.0, 820.0, count)
    fine = np.linspace(710.0, 820.0, 200_001)
    for degree in range(2 * count):
        power = ((fine - 765.0) / 55.0) ** degree
        exact = np.trapezoid(made.at(fine) * power, fine)
        got = nodes.integral(((nodes.wavelength_nm - 765.0) / 55.0) ** degree)
        # the discrete measure has 2000 cells: relative errors of their square over twelve
        assert got == pytest.approx(exact, rel=1e-5, abs=2e-4)
    assert np.all(np.diff(nodes.wavelength_nm) > 0) or count == 1


def test_weights_sum_to_the_band_and_nodes_lie_in_it():
    made = band_shape(790.0, 700.0).normalized()
    nodes = emission_nodes(made, 800.0, 850.0)
    assert nodes.weight.sum() == pytest.approx(made.integral(800.0, 850.0), rel=1e-9, abs=0)
    assert nodes.wavelength_nm.min() > 800.0
    assert nodes.wavelength_nm.max() < 850.0


def test_a_line_is_one_node_in_or_out_of_the_band():
    assert emission_nodes(Line(810.0), 800.0, 850.0).weight.tolist() == [1.0]
    assert emission_nodes(Line(790.0), 800.0, 850.0).weight.tolist() == [0.0]


def test_more_nodes_are_taken_where_the_transport_is_rough():
    made = band_shape(525.0, 1500.0).normalized()
    smooth = choose_nodes(made, lambda nm: np.ones_like(nm))
    rough = choose_nodes(made, lambda nm: 1.0 + np.sin(nm / 12.0))
    assert len(smooth) == 3
    assert len(rough) > 3
    with pytest.raises(DataError, match="too wide for what absorbs in it"):
        choose_nodes(made, lambda nm: (np.abs(nm - 525.0) < 1.0) * 1.0)


def test_every_stand_in_must_be_met():
    made = band_shape(525.0, 1500.0).normalized()
    rows = choose_nodes(made, lambda nm: np.array([np.ones_like(nm), 1.0 + np.sin(nm / 12.0)]))
    assert len(rows) == len(choose_nodes(made, lambda nm: 1.0 + np.sin(nm / 12.0)))


def test_a_dark_band_is_refused():
    with pytest.raises(DataError, match="is zero from 900 to"):
        band_nodes(Spectrum(np.array([700.0, 800.0, 950.0]), np.array([1.0, 0.0, 0.0])), 900.0)


@pytest.mark.parametrize(
    ("nm", "value", "message"),
    [
        ([700.0], [1.0], "two wavelengths"),
        ([700.0, 690.0], [1.0, 1.0], "must increase; 690"),
        ([700.0, 710.0], [1.0, -1.0], "-1 at 710 nm is negative"),
        ([700.0, float("nan")], [1.0, 1.0], "not a finite number"),
        ([700.0, 710.0], [1.0, 1.0, 1.0], "a value for each"),
    ],
)
def test_malformed_spectra_are_refused(nm, value, message):
    with pytest.raises(DataError, match=message):
        Spectrum(np.array(nm), np.array(value))


def test_outside_a_spectrum_is_zero_or_stops():
    assert triangle().at(600.0) == 0.0
    stop = Spectrum(np.array([700.0, 800.0]), np.array([1.0, 1.0]), "water", "stop")
    with pytest.raises(PhysicsRangeError, match="water at 600 nm: its table covers 700 to 800"):
        stop.at([750.0, 600.0])


def test_files_are_read_with_or_without_a_header(tmp_path):
    for lines in ("nm,value\n700,1\n800,2\n", "# lamp\n700;1\n800;2\n", "700\t1\n800\t2\n"):
        path = tmp_path / "s.csv"
        path.write_text(lines)
        assert read_spectrum(path, "lamp").at(750.0) == pytest.approx(1.5, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nm,v\n700,1\nx,2\n", "line 3: 'x,2' is not a wavelength"),
        ("nm,v\n", "holds no numbers"),
        ("0.7,1\n0.8,2\n", "wavelength in nm"),
        ("700,1\n800,1,2\n", "line 2"),
    ],
)
def test_malformed_files_are_refused(tmp_path, text, message):
    path = tmp_path / "s.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_spectrum(path, "lamp")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"lamp: there is no file 'no\.csv'"):
        read_spectrum(tmp_path / "no.csv", "lamp")


def test_impossible_bands_are_refused():
    with pytest.raises(PhysicsRangeError, match="its width lies between"):
        band_shape(775.0, 20_000.0)
