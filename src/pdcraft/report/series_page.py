"""A series of conjugates as one offline page: a table with pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pdcraft.chemistry.descriptors import HLB_METHOD, ZWITTERION_CAVEAT
from pdcraft.chemistry.picture import svg
from pdcraft.chemistry.series import ISOMER_CAVEAT, Member
from pdcraft.core.notebook import counted
from pdcraft.report.page import render_page
from pdcraft.report.structure import formula_parts, inline_svg

__all__ = ["series_html", "write_series"]

WIDEST_px = 420
ROOM_px, LETTER_px = 460, 7  # of label and picture side by side, and of a letter of the label
TITLES = {
    "chain": "Chain length varied",
    "position": "Aryl position varied",
    "headgroup": "Headgroup varied",
}
CARRIER_FREE = (
    "mass per activity if every molecule carries a radioactive atom, from the published half-life; "
    "a product holds more"
)
SOURCES = (
    (
        "S. A. Wildman, G. M. Crippen, J Chem Inf Comput Sci 1999;39:868 (logP).",
        "10.1021/ci990307l",
    ),
    ("P. Ertl, B. Rohde, P. Selzer, J Med Chem 2000;43:3714 (TPSA).", "10.1021/jm000942e"),
    ("W. C. Griffin, J Soc Cosmet Chem 1954;5:249 (HLB).", None),
)


class _Column(NamedTuple):
    """A column of numbers: its header, and a member's cell."""

    name: str
    unit: str
    cell: Callable[[Member], str]


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


COLUMNS = (
    _Column("molar mass", "g/mol", lambda m: _two(m.descriptors.molar_mass_g_per_mol)),
    _Column("mono-isotopic", "Da", lambda m: f"{m.descriptors.monoisotopic_mass_Da:.4f}"),
    _Column("charge", "", lambda m: f"{m.descriptors.net_charge}"),
    _Column("logP", "Crippen", lambda m: _two(m.descriptors.logp_crippen)),
    _Column("TPSA", "Å²", lambda m: f"{m.descriptors.tpsa_A2:.1f}"),
    _Column("HLB", "Griffin", lambda m: _two(m.descriptors.hlb_griffin)),
    _Column("carrier-free", "ng/MBq", lambda m: _two(m.conjugate.carrier_free_ng_per_MBq)),
)


def series_html(members: Sequence[Member], varied: str) -> str:
    """Build the page.

    Parameters
    ----------
    members : sequence of Member
    varied : str
        What was varied: ``"chain"``, ``"position"`` or ``"headgroup"``.

    Returns
    -------
    str
        HTML with everything inside; the same series gives the same text.
    """
    payload = members[0].conjugate.payload
    title = TITLES.get(varied, varied)
    columns = [column for column in COLUMNS if any(column.cell(m) for m in members)]
    return render_page(
        "series.html.j2",
        f"{title}, {payload.name}" if payload else title,
        varied=varied,
        payload=payload.name if payload else None,
        size=counted(len(members), "molecule"),
        radioactive=_radioactive(members),
        columns=columns,
        rows=_rows(members, columns),
        reading=_reading(members, varied),
        sources=SOURCES,
    )


def _rows(members: Sequence[Member], columns: Sequence[_Column]) -> list[dict[str, Any]]:
    from markupsafe import Markup

    pictures = [svg(member.conjugate) for member in members]
    natural = [_width_px(picture) for picture in pictures]
    labels = [_breakable(member.label) for member in members]
    longest = max(len(part) for label in labels for word in label for part in word.split())
    widest = min(WIDEST_px, ROOM_px - LETTER_px * longest)
    scale = min(1.0, widest / max(natural))  # one bond length for the whole page
    return [
        {
            "label": label,
            "picture": Markup(inline_svg(picture)),  # made here
            "width_px": round(scale * width),
            "smiles": m.conjugate.smiles,
            "formula": formula_parts(m.descriptors.formula),
            "cells": [column.cell(m) for column in columns],
        }
        for m, label, picture, width in zip(members, labels, pictures, natural, strict=True)
    ]


def _breakable(label: str) -> list[str]:
    """Split a label where a line may end.

    Examples
    --------
    >>> _breakable("homophosphocholine"), _breakable("C18")
    (['homo', 'phosphocholine'], ['C18'])
    """
    return re.split(r"(?<=\w)(?=phospho)", label)


def _reading(members: Sequence[Member], varied: str) -> list[tuple[str, str]]:
    """Say what each number is, and what not to do with it."""
    labeled = _radioactive(members)
    return [
        *([("Isomers", ISOMER_CAVEAT)] if varied == "position" else []),
        *([("Masses", "a labeled atom counts with its own nuclide's mass")] if labeled else []),
        ("logP", ZWITTERION_CAVEAT.removeprefix("logP: ")),
        ("TPSA", "polar surface of nitrogen and oxygen; the phosphorus is not counted"),
        ("HLB", HLB_METHOD),
        *([("Carrier-free", CARRIER_FREE)] if labeled else []),
        ("Uptake", "none of these numbers predicts it, or says which member tumors keep"),
    ]


def _radioactive(members: Sequence[Member]) -> bool:
    return any(m.conjugate.carrier_free_ng_per_MBq is not None for m in members)


def _width_px(picture: str) -> float:
    """Width that an SVG asks for."""
    found = re.search(r"width='([\d.]+)px'", picture)
    return float(found.group(1)) if found else float(WIDEST_px)


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
