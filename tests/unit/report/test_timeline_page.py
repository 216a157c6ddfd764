"""Tables of the timeline's page against the catalogue."""

import html
from datetime import date

from pdcraft.data.catalogue import agent_records, sources
from pdcraft.report.timeline_page import GRADES, timeline_html


def test_patents_stand_with_their_own_dates_and_agents():
    page = html.unescape(timeline_html(date(2026, 11, 21))).split('id="table-patents"')[1]
    found = [(p, r.name) for r in agent_records() for p in r.patents]
    dated = 0
    for patent, agent in found:
        row = page.split(f'<td class="note">{patent.number}</td>')[1].split("</tr>")[0]
        assert agent in row
        for what, day in (("filed", patent.filed), ("granted", patent.granted)):
            if day:
                dated += 1
                assert f"{what} {day}" in row
        if patent.expires:
            assert f">{patent.expires}<" in row
        assert f">{patent.status}</td>" in row
    assert dated > 2


def test_every_grade_of_a_source_is_explained():
    words = dict(GRADES)
    assert {s.grade for s in sources().values()} <= set(words)
    page = timeline_html()
    assert all(f"{grade} {said}" in page for grade, said in GRADES)
