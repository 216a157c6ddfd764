"""``pdcraft voxel-dose``: images in, dose out."""

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
    NuclideOption,
    ProgenyOption,
    SpectraOption,
    ThreadsOption,
    WorkersOption,
    refuse_explicit,
    require_device,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.core.grid import Field
    from pdcraft.dosimetry.voxel_inputs import Matter
    from pdcraft.dosimetry.voxels import VoxelDose


def voxel_dose(
    tia: Annotated[
        Path, typer.Option("--tia", help="NIfTI image of time-integrated activity, MBq·h/mL.")
    ],
    nuclide: NuclideOption,
    out: Annotated[Path, typer.Option("--out", help="Image of the dose, Gy: DOSE.nii.gz.")],
    ct: Annotated[
        Path | None, typer.Option("--ct", help="NIfTI image of the CT, Hounsfield units.")
    ] = None,
    materials: Annotated[
        Path | None, typer.Option("--materials", help="Or an image of material labels.")
    ] = None,
    material_map: Annotated[
        Path | None,
        typer.Option("--material-map", help="CSV label,material[,density_g_per_mL] of the labels."),
    ] = None,
    regions: Annotated[
        Path | None, typer.Option("--regions", help="Image of region labels, from 1.")
    ] = None,
    region_names: Annotated[
        Path | None, typer.Option("--region-names", help="CSV label,name of the regions.")
    ] = None,
    outside: Annotated[
        str | None, typer.Option("--outside", help="air: what lies beyond a smaller CT.")
    ] = None,
    by_type: Annotated[
        bool, typer.Option("--by-type", help="An image for each radiation type as well.")
    ] = False,
    precision: Annotated[
        float,
        typer.Option(
            "--precision",
            help="Relative standard error to stop at: of every region's mean dose; without "
            "regions, of the hottest voxels together.",
        ),
    ] = 0.01,
    max_decays: Annotated[
        int | None, typer.Option("--max-decays", help="Simulate no more; 50 million.", min=1)
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", help="File that keeps scores: add decays to it.")
    ] = None,
    threads: ThreadsOption = None,
    workers: WorkersOption = None,
    device: Annotated[str, typer.Option("--device", help="cpu, or cuda: an NVIDIA card.")] = "cpu",
    progeny: ProgenyOption = None,
    spectra: SpectraOption = "own",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Absorbed dose in the voxels of a patient's images, by Monte Carlo transport."""
    from pdcraft.data.chains import progeny_words
    from pdcraft.data.nuclides import nuclide as nuclide_of
    from pdcraft.data.nuclides import usual_progeny
    from pdcraft.dosimetry.voxel_inputs import region_masks
    from pdcraft.dosimetry.voxel_resume import fingerprint, read_tally, tally_bytes
    from pdcraft.dosimetry.voxels import voxel_dose as dose_of
    from pdcraft.errors import DataError
    from pdcraft.io.atomic import write_files
    from pdcraft.io.label_tables import read_labels
    from pdcraft.io.nifti import nifti_path, read_image

    require_device(device)
    refuse_explicit(
        progeny,
        nuclide,
        "a daughter that is counted on its own has its own map of time-integrated activity; run "
        "{members} with --progeny none, each with its map",
    )
    nifti_path(out, "--out")
    inputs = [p for p in (tia, ct, materials, material_map, regions, region_names) if p]
    _no_overwriting([out, *([resume] if resume else [])], inputs)
    if region_names is not None and regions is None:
        raise DataError("--region-names: there are no regions to name; give --regions IMAGE too")
    progeny = progeny or usual_progeny(nuclide, spectra)  # pyright: ignore[reportArgumentType]
    source = nuclide_of(nuclide, progeny, spectra)  # pyright: ignore[reportArgumentType]
    activity = _activity(tia)
    matter = _matter(activity, ct, materials, material_map, outside)
    masks: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    if regions is not None:
        grid, labels = read_image(regions)
        names = None if region_names is None else read_labels(region_names, "name")
        file = "" if region_names is None else region_names.name
        found, notes = region_masks(labels, grid, activity.grid, names, file)
        masks = dict(found)
    mark = fingerprint(activity, matter.phantom, source, masks, seed)
    past = read_tally(resume, mark) if resume is not None and resume.exists() else None
    for path in (out, *([resume] if resume else [])):
        path_in_folder(path)
    with progress_bar("transport") as report:
        report(0.0, compiling())
        result = dose_of(
            activity,
            matter.phantom,
            source,
            regions=masks,
            precision=precision,
            max_histories=max_decays,
            seed=seed,
            threads=threads,
            progress=report,
            resume=past,
            device=device,  # pyright: ignore[reportArgumentType]  # checked above
        )
    images = _images(result, out, by_type)
    files = {path: content for path, content in images.values()}
    if resume is not None:
        files[resume] = tally_bytes(result.tally, mark)
    write_files(files)
    warnings, note = [*notes, *result.warnings], progeny_words(source)
    document: dict[str, Any] = {
        "schema": "pdcraft.voxel-dose/1",
        "nuclide": source.name,
        "includes": list(source.includes),
        "progeny": progeny,
        "progeny_note": note,
        "spectra": spectra,
        "dose": str(out),
        "std_err": str(images["std_err"][0]),
        "by_type": {t: str(images[t][0]) for t in result.tally.energy_keV} if by_type else None,
        "resume": None if resume is None else str(resume),
        "tia_in_MBq_h": result.tia_MBq_h,
        "energy_emitted_J": result.energy_emitted_J,
        "energy_absorbed_J": result.energy_absorbed_J,
        "regions": _regions(result),
        "decays_simulated": result.tally.histories,
        "device": device,
        "precision": precision,
        "precision_reached": finite(result.relative_error),
        "photon_scoring": {
            "track_length": float((result.tally.estimator == 0).mean()),
            "transported_electrons": float((result.tally.estimator == 1).mean()),
        },
        "median_voxel_error": finite(result.median_voxel_error),
        "seed": seed,
        "materials": dict(matter.voxels),
        "ct_points_per_voxel": matter.samples_per_voxel,
        "voxels_outside_ct": matter.outside,
        "sources": list(source.sources),
        "notice": source.notice or None,
        "warnings": warnings,
    }

    def render(console: Console) -> None:
        title = f"{source.name}: absorbed dose of {result.tia_MBq_h:.4g} MBq·h"
        rows = [
            (name, r.mean_Gy, r.std_err_Gy, r.mass_g, r.voxels)
            for name, r in result.regions.items()
        ]
        if rows:
            columns = ("region", "mean dose, Gy", "± Monte Carlo", "mass, g", "voxels")
            console.print(table(title, columns, rows))
        else:
            console.print(title)
        console.print(
            f"absorbed {result.energy_absorbed_J:.4g} J of {result.energy_emitted_J:.4g} J "
            f"emitted; {result.tally.histories:,} decays simulated"
        )
        console.print(f"progeny ({progeny}): {note}")
        kinds: dict[str, int] = {}
        for name, n in matter.voxels.items():  # "CT marrow and bone 7" is a bone like the others
            kind = name.rstrip(" 0123456789")
            kinds[kind] = kinds.get(kind, 0) + n
        console.print("voxels: " + ", ".join(f"{n} {name}" for name, n in kinds.items()))
        for path in files:
            console.print(f"written: {path}")

    emit(document, json, render)
    say_warnings(warnings, source.notice)


def _no_overwriting(outputs: list[Path], inputs: list[Path]) -> None:
    from pdcraft.errors import DataError
    from pdcraft.io.nifti import beside

    places = {p.resolve() for p in inputs}
    for path in (*outputs, beside(outputs[0], "std_err")):
        if path.resolve() in places:
            raise DataError(f"'{path}' is an input of this run; give the result another name")
    if len({p.resolve() for p in outputs}) < len(outputs):
        raise DataError(f"--resume: '{outputs[1]}' is the dose image; give it another name")


def _activity(path: Path) -> Field:
    from pdcraft.core.grid import Field
    from pdcraft.core.quantity import quantity
    from pdcraft.dosimetry.voxels import check_activity
    from pdcraft.io.nifti import read_image

    grid, values = read_image(path)
    field = Field(grid, values, quantity("time_integrated_activity_concentration"))
    check_activity(field, str(path))
    return field


def _matter(
    activity: Field,
    ct: Path | None,
    materials: Path | None,
    material_map: Path | None,
    outside: str | None,
) -> Matter:
    from pdcraft.dosimetry.voxel_inputs import matter_of_ct, matter_of_labels
    from pdcraft.errors import DataError
    from pdcraft.io.label_tables import read_labels
    from pdcraft.io.nifti import read_image

    if (ct is None) == (materials is None):
        raise DataError("give either --ct IMAGE or --materials IMAGE, one of the two")
    if outside not in (None, "air"):
        raise DataError(f"--outside: '{outside}' is not 'air', the only choice")
    if ct is not None:
        if material_map is not None:
            raise DataError("--material-map names labels of --materials; a CT has none")
        grid, values = read_image(ct)
        return matter_of_ct(
            values,
            grid,
            activity.grid,
            activity.values,
            outside="air" if outside else None,
        )
    if outside is not None:
        raise DataError("--outside is for a CT; an image of labels has the activity's own voxels")
    assert materials is not None  # one of the two was given
    names = None if material_map is None else read_labels(material_map, "material")
    file = "" if material_map is None else material_map.name
    grid, values = read_image(materials)
    return matter_of_labels(values, grid, activity.grid, names, file)


def _images(result: VoxelDose, out: Path, by_type: bool) -> dict[str, tuple[Path, bytes]]:
    """Contents of the image files by what they hold."""
    from pdcraft.io.nifti import beside, field_bytes

    err = beside(out, "std_err")
    images = {
        "dose": (out, field_bytes(result.dose, out.name)),
        "std_err": (err, field_bytes(result.dose, err.name, error=True)),
    }
    if by_type:
        for name, field in result.by_type().items():
            path = beside(out, name)
            images[name] = (path, field_bytes(field, path.name))
    return images


def _regions(result: VoxelDose) -> dict[str, Any]:
    import numpy as np

    from pdcraft.core.estimate import summarize

    return {
        name: {
            "mean_Gy": summarize(np.array([r.mean_Gy]), r.std_err_Gy),
            "mass_g": r.mass_g,
            "voxels": r.voxels,
        }
        for name, r in result.regions.items()
    }
