"""The page of payloads against sizes: its tables say what was computed, in the figure's radii."""

import numpy as np
import pytest
from report_page import Page

from pdcraft.core.estimate import summarize
from pdcraft.report.payload_figure import TARGET_Gy, payload_panels
from pdcraft.report.payload_page import payload_html
from pdcraft.report.words import number
from pdcraft.study.recipes.payload_size import payload_size


@pytest.fixture(scope="module")
def found():
    return payload_size(("I-125", "Ac-225"), radii=10, draws=60)


@pytest.fixture(scope="module")
def page(found):
    return Page(payload_html(found))


SHOWN = [0, 2, 3, 4, 6, 8, 9]  # of the ten radii, evenly: 1.5 and 4.5 are rounded to even


def test_marrow_doses_are_quantiles_of_the_draws(found, page):
    table = page.table("Marrow dose that comes with 30 Gy")
    assert table.columns()[1] == "I-125 | median"
    assert [row[0] for row in table.rows] == [
        "10", "46.4", "100", "215", "1000", "4640", "10000",
    ]  # fmt: skip
    for k, one in enumerate(found):
        want = np.quantile(TARGET_Gy / one.ratio, [0.5, 0.025, 0.975], axis=0)[:, SHOWN]
        got = [row[1 + 3 * k : 4 + 3 * k] for row in table.rows]
        assert got == [[number(v) for v in ends] for ends in want.T]


def test_doses_of_spheres_and_the_carrier_s_part(found, page):
    for title, values in (
        ("Dose per decay", [one.size.Gy_per_decay for one in found]),
        ("Dose per activity concentration", [one.size.Gy_g_per_MBq_h for one in found]),
    ):
        got = [row[1:] for row in page.table(title).rows]
        assert got == [[number(v) for v in row] for row in np.array(values)[:, SHOWN].T]
    kinetics = page.table("What the carrier brings").rows
    tumor = summarize(found[1].kinetics.tumor_h_per_g)
    assert kinetics[1][2] == "all, where it decayed"
    assert kinetics[1][3:6] == [number(tumor[end]) for end in ("value", "low", "high")]


def test_it_says_what_was_assumed(found, page):
    assert "all daughters of Ac-225 decay where it did" in page.text
    assert "a person of 73 kg" in page.text
    assert "a mouse of 22 g" in Page(payload_html(found, species="mouse")).text
    assert "all daughters" not in Page(payload_html(found[:1])).text
    assert "DDEP evaluation of I-125" in page.text


def test_two_payloads_have_a_band_that_holds_the_line(found):
    marrow = payload_panels(found)[2].figure
    bands = [t for t in marrow.data if t.fill == "toself"]
    lines = [t for t in marrow.data if t.mode == "lines+markers"]
    assert len(bands) == len(lines) == 2
    for band, line in zip(reversed(bands), lines, strict=True):
        n = len(line.x)
        assert np.all(np.array(band.y[:n]) >= line.y)
        assert np.all(np.array(band.y[n:])[::-1] <= line.y)
