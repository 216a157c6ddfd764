"""``pdcraft indications``: radiobiology and uptake of each indication, with source and spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, table

if TYPE_CHECKING:
    from rich.console import Console

_LISTED = ("alpha_per_Gy", "alpha_beta_Gy", "doubling_time_d", "uptake_factor")


def indications(
    name: Annotated[
        str | None, typer.Argument(help="One indication; all when none is named.")
    ] = None,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """List indications: radiobiology and uptake parameters, with source, grade and spread."""
    from pdcraft.data.indications import indication, indication_source
    from pdcraft.data.indications import indications as all_indications

    chosen = [indication(name)] if name else list(all_indications().values())
    entries: list[dict[str, Any]] = [
        {
            "name": one.name,
            "title": one.title,
            "group": one.group,
            "aliases": list(one.aliases),
            "parameters": {
                key: {
                    "value": prior.value,
                    "low": prior.low,
                    "high": prior.high,
                    "unit": prior.unit,
                    "origin": prior.origin,
                    "grade": prior.grade,
                    "by_default": prior.by_default,
                    "sources": list(prior.sources),
                    "text": prior.text,
                }
                for key, prior in one.priors.items()
            },
            "uptake": [
                {"text": item.text, "grade": item.grade, "sources": list(item.sources)}
                for item in one.uptake
            ],
        }
        for one in chosen
    ]
    keys = dict.fromkeys(key for one in chosen for key in one.sources)
    cited = [indication_source(key) for key in sorted(keys)]
    citations: list[dict[str, Any]] = [{"key": s.key, "text": s.text, "doi": s.doi} for s in cited]
    document = {
        "schema": "pdcraft.indications/1",
        "indications": entries,
        "citations": citations,
    }

    def render(console: Console) -> None:
        if name:
            _print_one(console, entries[0], citations)
        else:
            _print_list(console, entries)

    emit(document, json, render)


def _spread(parameter: dict[str, Any]) -> str:
    if parameter["low"] == parameter["high"]:
        return f"{parameter['value']:.3g}"
    return f"{parameter['value']:.3g} ({parameter['low']:.3g} to {parameter['high']:.3g})"


def _print_list(console: Console, entries: list[dict[str, Any]]) -> None:
    rows = [
        (
            entry["name"],
            *(
                _spread(entry["parameters"][key])
                + ("*" if entry["parameters"][key]["origin"] == "assumed" else "")
                for key in _LISTED
            ),
        )
        for entry in entries
    ]
    columns = ("indication", "alpha, 1/Gy", "alpha/beta, Gy", "doubling time, d", "uptake factor")
    out = table("Indications: median and 95% limits; * assumed", columns, rows)
    console.print(out)
    console.print("One indication with its sources: pdcraft indications glioma")


def _print_one(console: Console, entry: dict[str, Any], cited: list[dict[str, Any]]) -> None:
    from rich.text import Text

    words = f" ({entry['name']}; {entry['group']})"
    console.print(Text.assemble((entry["title"], "bold"), words))
    rows = [
        (key, _spread(p), p["unit"], p["origin"], p["grade"], p["text"])
        for key, p in entry["parameters"].items()
    ]
    out = table("", ("parameter", "95% limits", "unit", "origin", "grade", "where from"), rows)
    for column in out.columns:
        column.justify = "left"
    console.print(out)
    for item in entry["uptake"]:
        mark = (f"[{item['grade']}]", "dim")
        console.print(Text.assemble("uptake ", mark, f": {item['text']}"))
    if not entry["uptake"]:
        console.print("uptake: nothing published about the family in this entity")
    for source in cited:
        where = f" doi:{source['doi']}" if source["doi"] else ""
        console.print(f"  {source['key']}: {source['text']}{where}")
