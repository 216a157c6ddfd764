"""``pdcraft cell``: S values of one cell by target and source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    emit,
    say_warnings,
    table,
)
from pdcraft.cli.transport_options import (
    DeviceOption,
    NuclideOption,
    ProgenyOption,
    SpectraOption,
    StayOption,
    WorkersOption,
    parse_stay,
    require_cpu,
    require_precision,
    stay_words,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.dosimetry.cells import CellS, SValue


def cell(
    nuclide: NuclideOption,
    cell_radius: Annotated[str, typer.Option("--cell-radius", help='Length, "5 um".')],
    nucleus_radius: Annotated[str, typer.Option("--nucleus-radius", help='Length, "4 um".')],
    method: Annotated[
        str, typer.Option("--method", help="transport, or mird: the MIRD cellular convention.")
    ] = "transport",
    nucleus_offset: Annotated[
        str | None, typer.Option("--nucleus-offset", help='Off the cell\'s center, "0.5 um".')
    ] = None,
    progeny: ProgenyOption = None,
    stay: StayOption = None,
    spectra: SpectraOption = "own",
    specific_energy: Annotated[
        str | None,
        typer.Option("--specific-energy", help='Spread of alphas at a mean dose, "1 Gy".'),
    ] = None,
    inactivation_dose: Annotated[
        str | None,
        typer.Option("--inactivation-dose", help='With it: z0 of survival exp(-z/z0), "1 Gy".'),
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", help="No effect: nothing is simulated.", min=1)
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option("--precision", help="Warns where the tables' standard error is larger."),
    ] = None,
    workers: WorkersOption = None,
    device: DeviceOption = "cpu",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """S values of a cell: nucleus, cytoplasm, cell; from its parts and surface."""
    import warnings

    from pdcraft.cli.cell_hits import hits_document, hits_table
    from pdcraft.dosimetry.cells import METHODS, cell_S
    from pdcraft.errors import DataError
    from pdcraft.io.units import parse

    require_cpu(device)
    require_precision(precision)
    um_per_mm = 1000.0
    if inactivation_dose is not None and specific_energy is None:
        raise DataError("--inactivation-dose belongs to --specific-energy; give both or none")
    dose_Gy, z0_Gy = (
        None if text is None else parse(text, "absorbed_dose")
        for text in (specific_energy, inactivation_dose)
    )
    for option, given in (("--specific-energy", dose_Gy), ("--inactivation-dose", z0_Gy)):
        if given is not None and not given > 0.0:
            raise DataError(f"{option}: {given:g} Gy; give a dose above 0 Gy")
    stays = parse_stay(stay)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = cell_S(
            nuclide,
            um_per_mm * parse(cell_radius, "length"),
            um_per_mm * parse(nucleus_radius, "length"),
            method=method,  # pyright: ignore[reportArgumentType]  # checked there
            progeny=progeny,  # pyright: ignore[reportArgumentType]  # checked there
            spectra=spectra,  # pyright: ignore[reportArgumentType]  # checked there
            nucleus_offset_um=0.0
            if nucleus_offset is None
            else um_per_mm * parse(nucleus_offset, "length"),
            stay=stays,
        )
    messages = [*(str(w.message) for w in caught), *_coarse(result, precision)]
    hits: dict[str, Any] | None = None
    if dose_Gy is not None:
        hits = hits_document(result, stays, dose_Gy, z0_Gy)
    document: dict[str, Any] = {
        "schema": "pdcraft.cell/1",
        "nuclide": result.nuclide,
        "cell_radius_um": result.cell.cell_radius_um,
        "nucleus_radius_um": result.cell.nucleus_radius_um,
        "nucleus_offset_um": result.cell.nucleus_offset_um,
        "method": result.method,
        "S_Gy_per_Bq_s": {
            target: {
                source: {"value": s.value, "std_err": s.std_err, "model_err": s.model_err}
                for source, s in row.items()
            }
            for target, row in result.S_Gy_per_Bq_s.items()
        },
        "models": list(result.models),
        "specific_energy": hits,
        "progeny": result.progeny,
        "spectra": result.spectra,
        "progeny_note": result.progeny_note,
        "assumptions": [
            "water of 1 g/mL everywhere; concentric or offset spheres; mean doses, none to DNA",
            stay_words(stays),
        ],
        "notice": result.notice or None,
        "sources": list(result.sources),
        "warnings": messages,
    }

    def render(console: Console) -> None:
        c = result.cell
        title = (
            f"{result.nuclide}, cell of radius {c.cell_radius_um:.4g} um, nucleus "
            f"{c.nucleus_radius_um:.4g} um: S, Gy/(Bq·s)"
        )
        rows = [
            (target, source.replace("_", " "), f"{s.value:.4e}", *_shares(s))
            for target, row in result.S_Gy_per_Bq_s.items()
            for source, s in row.items()
        ]
        columns = ["to", "from", "S value", "± Monte Carlo", "± models"]
        console.print(table(title, columns, rows))
        if hits is not None:
            console.print(hits_table(hits))
        console.print(METHODS[result.method])
        console.print(f"models: {', '.join(result.models) or 'none but this'}")
        console.print(f"progeny ({result.progeny}): {result.progeny_note}")

    emit(document, json, render)
    say_warnings(messages, result.notice)


def _coarse(result: CellS, precision: float | None) -> list[str]:
    """Name the S values whose standard error is above what was asked for."""
    if precision is None:
        return []
    coarse = [
        f"{target} from {source.replace('_', ' ')} ({100 * s.std_err / s.value:.2g}%)"
        for target, row in result.S_Gy_per_Bq_s.items()
        for source, s in row.items()
        if s.std_err > precision * s.value
    ]
    if not coarse:
        return []
    return [f"--precision {precision:g}: the shipped tables are coarser for {', '.join(coarse)}"]


def _shares(s: SValue) -> tuple[str, str]:
    """Write the two errors as per cent of the value."""
    if not s.value > 0.0:
        return "", ""
    return f"{100 * s.std_err / s.value:.2g}%", f"{100 * s.model_err / s.value:.2g}%"
