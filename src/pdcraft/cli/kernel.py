"""``pdcraft kernel``: voxel S values in liquid water."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    compiling,
    emit,
    finite,
    path_in_folder,
    say_warnings,
    table,
)
from pdcraft.cli.common import progress as progress_bar
from pdcraft.cli.transport_options import (
    DeviceOption,
    NuclideOption,
    ProgenyOption,
    SpectraOption,
    ThreadsOption,
    WaterIOption,
    WorkersOption,
    refuse_explicit,
    require_cpu,
    require_water_I,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.dosimetry.voxel_kernel import VoxelKernel


def kernel(
    nuclide: NuclideOption,
    voxel: Annotated[str, typer.Option("--voxel", help='Edge of the voxels, "3 mm".')],
    extent: Annotated[
        int, typer.Option("--extent", help="Greatest offset along an axis, 1 to 20.")
    ] = 5,
    precision: Annotated[
        float, typer.Option("--precision", help="Relative standard error to stop at.")
    ] = 0.01,
    max_decays: Annotated[
        int | None, typer.Option("--max-decays", help="Simulate no more decays.", min=1)
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the values as i,j,k,S,std_err as well.")
    ] = None,
    water_i: WaterIOption = 78.0,
    threads: ThreadsOption = None,
    workers: WorkersOption = None,
    device: DeviceOption = "cpu",
    progeny: ProgenyOption = None,
    spectra: SpectraOption = "own",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Voxel S values of a nuclide in liquid water, by Monte Carlo transport."""
    import warnings

    from pdcraft.data.chains import progeny_words
    from pdcraft.data.nuclides import nuclide as nuclide_of
    from pdcraft.data.nuclides import usual_progeny
    from pdcraft.dosimetry.voxel_kernel import voxel_kernel
    from pdcraft.io.units import parse

    require_cpu(device)
    require_water_I(water_i)
    refuse_explicit(
        progeny,
        nuclide,
        "a kernel is of one source; make one of each member, {members}, with --progeny none",
    )
    voxel_mm = parse(voxel, "length")
    progeny = progeny or usual_progeny(nuclide, spectra)  # pyright: ignore[reportArgumentType]
    source = nuclide_of(nuclide, progeny, spectra)  # pyright: ignore[reportArgumentType]
    if csv is not None:
        path_in_folder(csv)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with progress_bar("transport") as report:
            report(0.0, compiling())
            result = voxel_kernel(
                source,
                voxel_mm,
                extent=extent,
                water_I_eV=water_i,
                precision=precision,
                max_histories=max_decays,
                seed=seed,
                threads=threads,
                progress=report,
            )
    messages = [str(w.message) for w in caught]
    rows = [
        [*offset, float(value), float(err)]
        for offset, value, err in zip(
            result.offsets, result.S_mGy_per_MBq_s, result.std_err, strict=True
        )
    ]
    document: dict[str, Any] = {
        "schema": "pdcraft.kernel/1",
        "nuclide": source.name,
        "voxel_mm": voxel_mm,
        "extent": extent,
        "S_mGy_per_MBq_s": rows,
        "by_type": {
            kind: [[*o, float(v)] for o, v in zip(result.offsets, values, strict=True)]
            for kind, values in result.by_type.items()
        },
        "includes": list(source.includes),
        "progeny": progeny,
        "spectra": spectra,
        "progeny_note": progeny_words(source),
        "water_I_eV": water_i,
        "precision": precision,
        "precision_reached": finite(result.worst_rel_err),
        "decays_simulated": result.histories,
        "seed": seed,
        "csv": None if csv is None else str(csv),
        "sources": list(source.sources),
        "notice": source.notice or None,
        "warnings": messages,
    }
    if csv is not None:
        _write(csv, result)

    def render(console: Console) -> None:
        title = f"{source.name} in voxels of {voxel_mm:.4g} mm of water, mGy/(MBq·s)"
        cells = [
            (
                f"{i}, {j}, {k}",
                float(value),
                f"{100 * err / value:.2g}%" if value > 0.0 else "none reached it",
            )
            for i, j, k, value, err in rows
        ]
        console.print(table(title, ["voxel i, j, k", "S value", "± Monte Carlo"], cells))
        console.print(f"{result.histories:,} decays simulated")
        console.print(f"progeny ({progeny}): {progeny_words(source)}")
        if csv is not None:
            console.print(f"written: {csv}")

    emit(document, json, render)
    say_warnings(messages, source.notice)


def _write(path: Path, result: VoxelKernel) -> None:
    from pdcraft.io.atomic import write_files

    lines = ["i,j,k,S_mGy_per_MBq_s,std_err_mGy_per_MBq_s"]
    lines += [
        f"{i},{j},{k},{float(value)!r},{float(err)!r}"
        for (i, j, k), value, err in zip(
            result.offsets, result.S_mGy_per_MBq_s, result.std_err, strict=True
        )
    ]
    write_files({path: ("\n".join(lines) + "\n").encode()})
