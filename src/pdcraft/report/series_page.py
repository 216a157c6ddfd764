"""A series of conjugates as one offline page: a table with pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pdcraft.chemistry.descriptors import HLB_METHOD, ZWITTERION_CAVEAT
from pdcraft.chemistry.picture import svg
from pdcraft.chemistry.series import ISOMER_CAVEAT, Member

__all__ = ["series_html", "write_series"]

_WIDEST_px = 440
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<style>
 body { font: 15px/1.5 Inter, "Segoe UI", Helvetica, Arial, sans-serif; color: #1a1f29;
        max-width: 1340px; margin: 2.5rem auto; padding: 0 1.5rem; background: #fff; }
 h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .3rem; }
 p.lead { color: #5b6472; margin: 0 0 1.5rem; }
 table { border-collapse: collapse; width: 100%; font-size: .9rem;
          font-variant-numeric: tabular-nums; }
 th { text-align: right; font-weight: 600; font-size: .82rem; color: #5b6472;
      border-bottom: 2px solid #1a1f29; padding: .4rem .45rem; vertical-align: bottom; }
 td { text-align: right; padding: .35rem .45rem; border-bottom: 1px solid #e3e6ea; }
 th:first-child, td:first-child, th.pic, td.pic { text-align: left; }
 td.pic svg { width: 100%; height: auto; display: block; }
 td.name { font-weight: 600; min-width: 10rem; }
 th.pic, td.pic { width: 1%; }
 sub { line-height: 0; }
 ul { color: #5b6472; font-size: .86rem; margin-top: 1.4rem; padding-left: 1.1rem; }
 footer { color: #5b6472; font-size: .82rem; margin-top: 1.5rem; }
</style></head><body>
<h1>{{ title }}</h1>
<p class="lead">{{ members | length }} molecules, computed from their structures.</p>
<table><thead><tr><th>{{ varied }}</th><th class="pic">structure</th><th>formula</th>
<th>molar mass<br>g/mol</th><th>monoisotopic<br>Da</th><th>charge</th><th>logP<br>(Crippen)</th>
<th>TPSA<br>Å²</th><th>HLB<br>(Griffin)</th><th>carrier-free<br>ng/MBq</th></tr></thead><tbody>
{% for m in members -%}
<tr><td class="name">{{ m.label }}</td>
<td class="pic"><div style="width:{{ widths[loop.index0] }}px">
{{- pictures[loop.index0] | safe }}</div></td>
<td>{% for c in m.descriptors.formula %}{% if c.isdigit() %}<sub>{{ c }}</sub>
{%- else %}{{ c }}{% endif %}{% endfor %}</td>
<td>{{ "%.2f" | format(m.descriptors.molar_mass_g_per_mol) }}</td>
<td>{{ "%.4f" | format(m.descriptors.monoisotopic_mass_Da) }}</td>
<td>{{ m.descriptors.net_charge }}</td>
<td>{{ "%.2f" | format(m.descriptors.logp_crippen) }}</td>
<td>{{ "%.1f" | format(m.descriptors.tpsa_A2) }}</td>
<td>{{ number(m.descriptors.hlb_griffin) }}</td>
<td>{{ number(m.conjugate.carrier_free_ng_per_MBq) }}</td></tr>
{% endfor -%}
</tbody></table>
<ul>{% if varied == "position" %}<li>{{ isomers }}</li>{% endif %}
<li>{{ zwitterion }}</li><li>HLB: {{ hlb }}</li>
<li>Masses: a labeled atom counts with its own nuclide's mass.</li></ul>
<footer>Research software. Not a medical device; not for diagnosis, treatment planning or activity
prescription.</footer>
</body></html>
"""


def series_html(members: Sequence[Member], varied: str) -> str:
    """Build the page.

    Parameters
    ----------
    members : sequence of Member
    varied : str
        What was varied: ``"chain"``, ``"position"`` or ``"headgroup"``.
    """
    from jinja2 import Environment

    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    pictures = [svg(member.conjugate) for member in members]
    natural = [_width_px(picture) for picture in pictures]
    scale = min(1.0, _WIDEST_px / max(natural))  # one bond length for the whole page
    payload = members[0].conjugate.payload
    ending = f", {payload.name}" if payload else ""
    title = {
        "chain": "Chain length varied",
        "position": "Aryl position varied",
        "headgroup": "Headgroup varied",
    }.get(varied, varied)
    return (
        Environment(autoescape=True)
        .from_string(_PAGE)
        .render(
            title=title + ending,
            varied=varied,
            members=members,
            pictures=pictures,
            widths=[round(scale * width) for width in natural],
            number=number,
            isomers=ISOMER_CAVEAT,
            zwitterion=ZWITTERION_CAVEAT,
            hlb=HLB_METHOD,
        )
    )


def _width_px(picture: str) -> float:
    """Width that an SVG asks for."""
    found = re.search(r"width='([\d.]+)px'", picture)
    return float(found.group(1)) if found else float(_WIDEST_px)


def write_series(members: Sequence[Member], varied: str, folder: Path) -> tuple[Path, ...]:
    """Write ``series.html``, ``series.csv`` and one SVG a molecule; returns the paths.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    """
    import csv

    folder.mkdir(parents=True, exist_ok=True)
    page, table = folder / "series.html", folder / "series.csv"
    page.write_text(series_html(members, varied), encoding="utf-8")
    rows = [member.row() for member in members]
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    pictures: list[Path] = []
    for member in members:
        name = "".join(c if c.isalnum() else "_" for c in member.label)
        pictures.append(folder / f"{name}.svg")
        pictures[-1].write_text(svg(member.conjugate), encoding="utf-8")
    return (page, table, *pictures)
