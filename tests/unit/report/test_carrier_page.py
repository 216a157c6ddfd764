"""The evidence page: every figure with prior, prediction and fit; misses named; nothing loaded."""

import re
from html import unescape

import numpy as np
import pytest

from pdcraft.data.evidence import carrier_evidence
from pdcraft.kinetics.carrier.calibrate import NOT_INFORMED
from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.kinetics.carrier.lesion import with_mouse_tumor
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import host, priors
from pdcraft.kinetics.carrier.raft import RaftChange, membrane
from pdcraft.kinetics.carrier.table import evidence_table
from pdcraft.report.carrier_page import carrier_html, printed_words
from pdcraft.report.carrier_tables import item_names, parameter_lines, plain
from pdcraft.report.raft import raft_figure, uptake_against


@pytest.fixture(scope="module")
def html():
    return carrier_html("mouse")


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


def test_tumor_of_man_is_the_scaled_one_of_the_mouse():
    content, uptake = uptake_against("cholesterol", "human")
    few = [{k: v[:200] for k, v in carrier_draws(s).named().items()} for s in ("human", "mouse")]
    # another seed of the scaling: the exponent and the lesion differ, the distribution does not
    tumor = with_mouse_tumor(few[0], few[1], 77)
    without, unchanged = (
        observe(host("human"), tumor, raft=RaftChange(cholesterol=c, where="tumor")).concentration(
            "tumor", 96.0
        )[:, 0]
        for c in (content[0], 1.0)
    )
    share = without / unchanged
    # 200 draws each, SD of a share below 0.45: standard error of a difference 0.045, 3 of them
    assert uptake[:, 0].mean() == pytest.approx(share.mean(), rel=0, abs=0.135)


def test_no_two_rows_read_the_same_and_tumor_models_are_named():
    for species in ("mouse", "human"):
        names = item_names([row.item for row in evidence_table(species)])
        assert len(set(names)) == len(names)
    names = item_names([row.item for row in evidence_table("mouse")])
    assert "NM600: dose per activity, tumor 4T07" in names
    assert "NM600: dose per activity, tumor 4T1" in names


@pytest.mark.parametrize(
    ("value", "written"),
    [(12_701.0, "12,700"), (999.6, "1,000"), (1.2345e-3, "0.00123"), (0.0, "0.00"), (None, "")],
)
def test_numbers_have_three_digits_and_no_power_of_ten(value, written):
    assert plain(value) == written


def test_statements_in_words_show_their_probability(html):
    for row in evidence_table("mouse"):
        if row.item.statistic in ("below", "above"):
            assert f"<small>P {row.predicted.agreement:.3f}</small>" in html
    assert not re.search(r">[^<]*\de[+-]\d", html[html.index("<main>") : html.index('id="rafts"')])


def test_conflict_of_the_species_stands_on_the_page(html):
    assert "shown, not averaged away" in html
    # 822 h over the fourth root of 73 kg / 22 g; 96 h of it
    scaled_h = 822 / (73_000 / 22) ** 0.25
    assert f">{scaled_h:.0f} h<" in html
    assert f">{0.5 ** (96 / scaled_h):.3f}<" in html


def test_parameters_stand_with_prior_posterior_and_contraction(html):
    lines = {line.name: line for line in parameter_lines("mouse")}
    assert len(lines) == len(priors("mouse").names)
    prior, posterior, contraction, said = lines["clearance"].cells
    # median 0.33 mL/h and log SD 1.2, as priors.toml states; 95% of a normal: 1.96 SD
    assert prior == ("0.330", f"{plain(0.33 / np.exp(2.352))} to {plain(0.33 * np.exp(2.352))}")
    assert posterior[0] == plain(np.median(carrier_draws("mouse").named()["clearance_mL_per_h"]))
    assert said == ""
    logs = np.log(carrier_draws("mouse").named()["clearance_mL_per_h"])
    # variance of 1000 draws: 4.5% of what is left of the prior's
    assert float(contraction) == pytest.approx(1 - logs.var() / 1.2**2, rel=0, abs=0.04)
    for line in lines.values():
        assert (line.cells[3] == "not informed by data") == (float(line.cells[2]) < NOT_INFORMED)
    assert f"below {NOT_INFORMED:g} the evidence does not inform" in html
    assert "mouse's" in unescape(parameter_lines("human")[7].note)


def test_same_page_twice_is_the_same_text(html):
    assert carrier_html("mouse") == html
