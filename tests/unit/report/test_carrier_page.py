"""The evidence page: every figure with prior, prediction and fit; misses named; nothing loaded."""

import re

import numpy as np
import pytest

from pdcraft.data.evidence import carrier_evidence
from pdcraft.kinetics.carrier.raft import membrane
from pdcraft.kinetics.carrier.table import evidence_table
from pdcraft.report.carrier_page import carrier_html, printed_words
from pdcraft.report.raft import raft_figure, uptake_against


@pytest.fixture(scope="module")
def html():
    return carrier_html("mouse", "Research software.")


def test_every_row_of_the_evidence_is_on_the_page_used_or_not(html):
    for item in carrier_evidence():
        if item.species != "mouse":
            continue
        if item.use == "fit":
            assert f">{printed_words(item)}<" in html, item.id
        else:
            assert item.id in html
            assert item.reason in html.replace("&#39;", "'")


def test_misses_are_counted_as_the_table_has_them(html):
    misses = sum(row.verdict == "miss" for row in evidence_table("mouse"))
    assert f"{misses} missed by the prediction" in html
    assert len(re.findall('<td class="miss">miss</td>', html)) == misses


def test_page_loads_nothing(html):
    assert "default-src 'none'" in html
    own = re.sub(r"<script.*?</script>", "", html, flags=re.S)  # Plotly's code names its makers
    assert not re.search(r'(src|href)="https?:', own)


def test_uptake_is_one_at_the_calibrated_membrane_and_grows_with_both_lipids():
    for lipid in ("cholesterol", "sphingolipid"):
        content, uptake = uptake_against(lipid, "mouse")
        assert np.all(np.diff(uptake, axis=1) > 0)
        here = [np.interp(getattr(membrane("tumor"), lipid), content, curve) for curve in uptake]
        np.testing.assert_allclose(here, 1.0, rtol=0.002, atol=0)  # linear between 26 points
        assert np.median(uptake[:, 0]) < 0.2  # without rafts only the membrane is left


def test_figure_shows_mean_and_limits_for_both_lipids():
    figure = raft_figure("mouse")
    lines = [t for t in figure.data if t.mode == "lines" and t.line.width == 2.4]
    assert len(lines) == 2
    content, uptake = uptake_against("cholesterol", "mouse")
    np.testing.assert_allclose(lines[0].y, uptake.mean(axis=0), rtol=5e-4, atol=0)  # 4 digits
    np.testing.assert_allclose(lines[0].x, 100 * content, rtol=1e-3, atol=1e-9)
