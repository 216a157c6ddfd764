"""The timeline and the series page: what they say, offline, and that nothing overlaps."""

import html
import re
from datetime import date, timedelta

import pytest

from pdcraft.chemistry import series, svg
from pdcraft.chemistry.descriptors import HLB_METHOD, ZWITTERION_CAVEAT
from pdcraft.chemistry.series import ISOMER_CAVEAT
from pdcraft.data.catalogue import agent_records, sources
from pdcraft.report.series_page import series_html, write_series
from pdcraft.report.timeline import timeline
from pdcraft.report.timeline_page import timeline_html, write_timeline

AT = date(2026, 11, 21)


def labels(figure):
    return [annotation.text for annotation in figure.layout.annotations]


def test_protection_and_its_days_are_written_out():
    said = labels(timeline(at=AT))
    assert "JP6073961 to 2030-05-11, 1,267 days left" in said
    assert "US 9,579,406 to 2025-03-02, expired" in said
    assert any(text.startswith("family, if issued, to 2036-11-30") for text in said)


def test_bars_are_told_apart_without_color():
    """Full, hatched or empty; a bar ends at its expiry."""
    figure = timeline(at=AT)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    looks = {}
    for bar in bars:
        fill = "hatched" if bar.marker.pattern.shape else bar.marker.color
        looks.setdefault(bar.name, set()).add(fill)
        end = date.fromisoformat(bar.base[0]) + timedelta(milliseconds=bar.x[0])
        assert f"expires {end}" in bar.hovertemplate
        assert (bar.name == "expired") == (end <= AT)
    assert looks["applied for"] == {"hatched"}
    assert looks["expired"] == {"white"}
    assert looks["protection"] == {"#56657f"}
    said = [trace.name for trace in figure.data if trace.showlegend]
    assert sorted(said) == sorted({trace.name for trace in figure.data if trace.name})
    assert set(looks) < set(said)
    assert "expired" not in {trace.name for trace in timeline().data}


def test_without_a_day_nothing_is_counted():
    assert not any("days left" in text or "expired" in text for text in labels(timeline()))


def test_every_recent_event_is_drawn_once():
    recent = [
        event.text
        for record in agent_records()
        for event in record.events
        if (event.date or "") >= "2012"
    ]
    said = labels(timeline(at=AT))
    assert all(said.count(text) == recent.count(text) for text in recent)


def test_old_agents_are_named_not_moved():
    note = next(text for text in labels(timeline(at=AT)) if "Nothing since 2012" in text)
    assert "paclitaxel" in note
    assert "ICG" in note


def test_every_event_and_patent_stands_with_its_sources():
    page = timeline_html(AT)
    for record in agent_records():
        for event in record.events:
            assert f'<td class="note">{event.text}</td>' in page
            assert all(sources()[key].text in html.unescape(page) for key in event.sources)
        for patent in record.patents:
            assert f'<td class="note">{patent.number}</td>' in page
    cited = set(re.findall(r'href="#(source-\d+)"', page))
    assert cited == set(re.findall(r'id="(source-\d+)"', page))


def test_days_left_are_counted_only_from_a_day():
    assert '<td class="num">1267</td>' in timeline_html(AT)
    assert "days left" not in timeline_html().split("<main>")[1]


def test_the_page_is_written(tmp_path):
    path = tmp_path / "new" / "timeline.html"
    write_timeline(path, AT)
    assert path.read_text("utf-8") == timeline_html(AT)


def test_series_page_and_its_files(tmp_path):
    members = series("chain", [10, 12])
    page, table, *pictures = write_series(members, "chain", tmp_path / "new")
    assert [p.name for p in pictures] == ["C10.svg", "C12.svg"]
    assert table.read_text("utf-8").count("\n") == 3  # header and two rows
    text = page.read_text("utf-8")
    assert text == series_html(members, "chain")
    assert text.count("<svg") == 2
    assert "Plotly.newPlot" not in text
    assert len(text) < 300_000  # the plot library alone has 5 MB
    assert "529.41" in text  # C21H37INO4P with 131I: 525.41 + 4.00 g/mol


def test_series_are_drawn_with_one_bond_length():
    members = series("headgroup")
    shown = [int(w) for w in re.findall(r"--wide:(\d+)", series_html(members, "headgroup"))]
    drawn = [float(re.search(r"width='([\d.]+)px'", svg(m.conjugate))[1]) for m in members]
    scale = max(shown) / max(drawn)
    # whole pixels: off by half of one, and the scale by as much of the widest
    assert shown == pytest.approx([scale * w for w in drawn], rel=0, abs=1)
    assert len(set(shown)) > 1


@pytest.mark.parametrize("varied", ["chain", "position", "headgroup"])
def test_caveats_of_a_series(varied):
    text = html.unescape(series_html(series(varied), varied))
    assert (ISOMER_CAVEAT in text) == (varied == "position")
    assert ZWITTERION_CAVEAT.removeprefix("logP: ") in text
    assert HLB_METHOD in text


def test_a_column_that_no_member_has_is_left_out():
    text = series_html(series("position", payload="paclitaxel"), "position").split("<main>")[1]
    assert "ng/MBq" not in text
    assert "Carrier-free" not in text
