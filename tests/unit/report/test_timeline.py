"""The timeline and the series page: what they say, offline, and that nothing overlaps."""

from datetime import date

from pdcraft.chemistry import series
from pdcraft.data.catalogue import agent_records
from pdcraft.report.series_page import series_html, write_series
from pdcraft.report.timeline import timeline, write_timeline

AT = date(2026, 11, 21)


def labels(figure):
    return [annotation.text for annotation in figure.layout.annotations]


def test_protection_and_its_days_are_written_out():
    said = labels(timeline(at=AT))
    assert "JP6073961 to 2030-05-11, 1,267 days left" in said
    assert "US 9,579,406 to 2025-03-02, expired" in said
    assert any(text.startswith("family, if issued, to 2036-11-30") for text in said)


def test_expired_bars_look_different():
    """One gray for what has run out, another color for what protects on that day."""
    bars = [trace for trace in timeline(at=AT).data if trace.mode == "lines"]
    expired = {bar.line.color for bar in bars if max(bar.x) < AT.isoformat()}
    valid = {bar.line.color for bar in bars if max(bar.x) >= AT.isoformat()}
    assert len(expired) == 1
    assert not expired & valid


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


def test_the_page_is_offline(tmp_path):
    path = tmp_path / "timeline.html"
    write_timeline(path, AT)
    page = path.read_text("utf-8")
    assert '<script src="http' not in page
    assert "JP6073961" in page


def test_series_page_and_its_files(tmp_path):
    members = series("chain", [10, 12])
    page, table, *pictures = write_series(members, "chain", tmp_path / "new")
    assert [p.name for p in pictures] == ["C10.svg", "C12.svg"]
    assert table.read_text("utf-8").count("\n") == 3  # header and two rows
    text = page.read_text("utf-8")
    assert text == series_html(members, "chain")
    assert text.count("<svg") == 2
    assert "http-equiv" not in text
    assert "529.41" in text  # C21H37INO4P with 131I: 525.41 + 4.00 g/mol
