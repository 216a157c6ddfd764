"""``pdcraft compose``: a conjugate from carrier, linker and payload, or from a SMILES."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from pdcraft.cli.agents import print_entry
from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    emit,
    err_console,
    folder_for,
    path_in_folder,
    table,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.chemistry.series import Vary
    from pdcraft.core.conjugate import PayloadKind


def compose(
    carrier: Annotated[
        str | None, typer.Option("--carrier", help="Name, or SMILES with [*:1].")
    ] = None,
    payload: Annotated[
        str | None, typer.Option("--payload", help="Name, or SMILES with [*:1].")
    ] = None,
    linker: Annotated[
        str | None, typer.Option("--linker", help="Name, or SMILES with [*:1] and [*:2].")
    ] = None,
    smiles: Annotated[
        str | None, typer.Option("--smiles", help="A whole molecule instead of parts.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="What a SMILES is: drug or fluorophore.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the molecule.")] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write the structure to this .svg or .png.")
    ] = None,
    series: Annotated[
        str | None, typer.Option("--series", help="Vary chain, position or headgroup.")
    ] = None,
    start: Annotated[int, typer.Option("--from", help="First chain length.")] = 10,
    stop: Annotated[int, typer.Option("--to", help="Last chain length.")] = 22,
    step: Annotated[int, typer.Option("--step", help="Step of the chain length.")] = 2,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the series' page and pictures here.")
    ] = None,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Compose a conjugate, describe and draw it; or vary the carrier and compare."""
    from pdcraft.errors import DataError

    if kind not in (None, "radionuclide", "fluorophore", "drug"):
        raise DataError(f"--kind '{kind}' is none of radionuclide, fluorophore, drug")
    if series is not None:
        if smiles or carrier or linker or picture:
            raise DataError(
                "--series makes its own carriers; it takes --payload, --from, --to, --step and "
                "--out, not --carrier, --linker, --smiles or --picture"
            )
        _series(series, payload, (start, stop, step), out, json)
        return
    if bool(smiles) == bool(carrier or payload or linker):
        raise DataError("give either --smiles, or --carrier and --payload (and --linker)")
    if not smiles and not (carrier and payload):
        missing = "--payload" if carrier else "--carrier"
        raise DataError(f"a conjugate needs a carrier and a payload; {missing} is missing")
    _one(carrier, payload, linker, smiles, kind, name, picture, json)


def _one(
    carrier: str | None,
    payload: str | None,
    linker: str | None,
    smiles: str | None,
    kind: PayloadKind | None,
    name: str | None,
    picture: Path | None,
    json: bool,
) -> None:
    from pdcraft import chemistry

    if smiles:
        made = chemistry.conjugate_from_smiles(smiles, name=name or "user molecule", kind=kind)
    else:
        made = chemistry.compose(carrier or "", linker, payload or "", name=name, kind=kind)
    if picture is not None:
        chemistry.write_picture(made, path_in_folder(picture))
        err_console().print(f"wrote {picture}")
    item = chemistry.entry(made)
    cited = chemistry.citations(set(item["sources"]))
    document = {
        "schema": "pdcraft.compose/1",
        **item,
        "agents": [item],
        "series": None,
        "citations": cited,
    }
    emit(document, json, lambda console: print_entry(console, item, cited))


def _series(
    vary: str, payload: str | None, span: tuple[int, int, int], out: Path | None, json: bool
) -> None:
    from pdcraft import chemistry
    from pdcraft.chemistry.series import ISOMER_CAVEAT
    from pdcraft.errors import DataError

    start, stop, step = span
    if step < 1 or stop < start:
        raise DataError(
            f"--from {start} --to {stop} --step {step}: the last length must not be below the "
            "first, the step at least 1"
        )
    if out is not None:
        folder_for(out)
    values = list(range(start, stop + 1, step)) if vary == "chain" else None
    members = chemistry.series(cast("Vary", vary), values, payload=payload or "I-131")
    files: list[str] = []
    if out is not None:
        from pdcraft.report.series_page import write_series

        files = [str(path) for path in write_series(members, vary, out)]
        err_console().print(f"wrote {files[0]} and {len(files) - 1} more")
    rows: list[dict[str, Any]] = [member.row() for member in members]
    items = [chemistry.entry(member.conjugate) for member in members]
    document = {
        "schema": "pdcraft.compose/1",
        **{key: [] if isinstance(value, list) else None for key, value in items[0].items()},
        "name": f"series: {vary}",
        "payload": items[0]["payload"],
        "agents": items,
        "series": {"vary": vary, "rows": rows, "files": files},
        "citations": chemistry.citations({key for item in items for key in item["sources"]}),
    }

    def render(console: Console) -> None:
        columns = (vary, "formula", "g/mol", "logP", "TPSA Å²", "HLB", "ng/MBq")
        keys = ("label", "formula", "molar_mass_g_per_mol", "logp_crippen", "tpsa_A2")
        keys += ("hlb_griffin", "carrier_free_ng_per_MBq")
        cells = [
            [f"{row[k]:.2f}" if isinstance(row[k], float) else row[k] for k in keys] for row in rows
        ]
        console.print(table(f"Series: {vary}", columns, cells))
        isomers = (ISOMER_CAVEAT,) if vary == "position" else ()
        for caveat in (*isomers, *members[0].descriptors.caveats):
            console.print(f"  {caveat}", style="dim")
        if out is None:
            console.print("  with pictures: add --out DIR")

    emit(document, json, render)
