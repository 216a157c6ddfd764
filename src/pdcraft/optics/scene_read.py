"""Read a scene file: all its faults at once, each with line, value, rule and the way out.

>>> from pdcraft.optics.scene_read import read_scene
>>> scene = read_scene("glioma.toml")  # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pdcraft.errors import DataError, PhysicsRangeError, StudyError
from pdcraft.io.toml_lines import TomlFile, read_toml
from pdcraft.io.units import parse
from pdcraft.optics.bands import MOST, band_nodes
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.concentration import ConcentrationTable, read_concentrations
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.vessel import well_neighbors
from pdcraft.optics.inclusion import Inclusion
from pdcraft.optics.material import Material
from pdcraft.optics.prior import Prior
from pdcraft.optics.roi import Roi, pixels_of
from pdcraft.optics.scene import Domain, Illumination, Region, RunPlan, Scene
from pdcraft.optics.scene_body import (
    VOXEL_KINDS,
    build_domain,
    build_inclusions,
    build_layers,
)
from pdcraft.optics.scene_checks import (
    check_inclusions,
    check_indices,
    check_thin,
    cut_bodies,
    join_regions,
)
from pdcraft.optics.scene_dye import build_dye, no_dye
from pdcraft.optics.scene_faults import Faults, near
from pdcraft.optics.scene_file import RunTable
from pdcraft.optics.scene_light import (
    band_faults,
    build_camera,
    build_illumination,
    build_rois,
)
from pdcraft.optics.scene_materials import SPREAD_SOURCE, build_materials, lognormal_factor
from pdcraft.optics.scene_parts import Parts, read_parts
from pdcraft.optics.spectra import Spectrum

__all__ = ["read_scene"]

DEFAULT_EXCITATION_nm = 780.0  # for defaults of materials while the lamp has a fault
SEEN = ("metrics", "image", "detection", "rgb", "phantom")  # outputs that a camera makes
DYELESS = ("reflectance", "fluence", "rgb")  # outputs that a scene without dye has
FILE_KEYS = ("file", "spectrum", "excitation", "emission", "qe", "transmission")
CELL_REGIONS = ("membrane", "cytosol", "nucleus", "medium")


def read_scene(path: Path | str, *, seed: int | None = None, draws: int | None = None) -> Scene:
    """Read and check a scene file.

    Parameters
    ----------
    path : Path or str
    seed, draws : int, optional
        Stand in for what the file's ``[run]`` says, under the same rules.

    Raises
    ------
    StudyError
        With every fault found.
    """
    file = read_toml(Path(path))
    content = dict(file.content)
    options = {k: v for k, v in {"seed": seed, "draws": draws}.items() if v is not None}
    if options and isinstance(content.get("run", {}), dict):
        content["run"] = {**content.get("run", {}), **options}
    parts, problems = read_parts(file, content)
    faults = Faults(file, problems)
    scene = _build(parts, file, faults)
    if faults.problems or scene is None:
        raise StudyError(faults.problems, file=file.name)
    return scene


def _build(parts: Parts, file: TomlFile, faults: Faults) -> Scene | None:
    folder = file.path.parent
    lamp = None
    if parts.illumination is not None:
        lamp = build_illumination(parts.illumination, folder, faults)
    dye = None
    if parts.dye is not None and lamp is not None:
        dye = build_dye(parts.dye, lamp, folder, parts.spread, faults)
    elif _needs_no_dye(file, parts):
        dye = None if lamp is None else no_dye(lamp)
        parts.concentration = {}
    else:
        for key in ("dye", "concentration"):
            if key not in file.content:
                faults.add((), f"[{key}] is missing", "only reflectance and fluence do without")
    made = None if parts.camera is None else build_camera(parts.camera, folder, faults)
    if made is not None and parts.dye is not None:
        band_faults(made, lamp, dye, faults)
    rois = build_rois(parts.roi, made, folder, faults)
    excitation_nm = lamp.wavelength_nm if lamp is not None else DEFAULT_EXCITATION_nm
    materials = build_materials(parts.materials, parts.spread, excitation_nm, faults)
    body = build_domain(parts, folder, faults)
    domain, mapped = body if body is not None else (None, [])
    for region in mapped:
        if region.material not in parts.materials:
            hint = near(region.material, parts.materials)
            faults.add(("domain", "map"), f"there is no material '{region.material}'", hint)
    layers = build_layers(parts, domain, faults)
    inclusions = build_inclusions(parts, faults)
    regions = join_regions(mapped, layers, inclusions, faults)
    if domain is not None:
        if domain.kind in VOXEL_KINDS:
            check_inclusions(inclusions, domain, faults)
            check_thin(domain, layers, mapped, faults)
            check_indices(domain, regions, inclusions, materials, faults)
        else:
            regions = _other_regions(domain, parts, regions)
            if domain.kind == "mouse":
                regions, materials = _mouse(domain, regions, materials, excitation_nm)
                rois = rois or _tray_rois(domain, inclusions, made, faults)
        if "camera" not in file.content:
            _camera_needed(parts, domain, faults)
    table = _concentrations(parts, domain, regions, folder, faults)
    if table is not None:
        _times(parts, table, faults)
    _wavelengths(materials, regions, lamp, dye, made, parts, faults)
    ready = domain is not None and dye is not None and lamp is not None and table is not None
    if faults.problems or not ready or parts.run is None or parts.name is None:
        return None
    assert domain is not None
    assert dye is not None
    assert lamp is not None
    assert table is not None
    assumed, cited = _origins(materials, regions, inclusions, domain, dye, table)
    if parts.run.times and table.times_h is None:
        assumed.append("concentrations are numbers: the same at every time")
    if made is not None:
        assumed += [f"camera: {key}" for key in made.assumed]
        cited += made.sources
    return Scene(
        parts.name,
        file.path,
        _digest(file, parts),
        domain,
        materials,
        layers,
        tuple(one for _, one in inclusions),
        regions,
        dye,
        table,
        lamp,
        made,
        rois,
        _plan(parts.run, table),
        _uptake(parts, table),
        tuple(dict.fromkeys(assumed)),
        tuple(dict.fromkeys(cited)),
    )


def _origins(
    materials: Mapping[str, Material],
    regions: Sequence[Region],
    inclusions: Sequence[tuple[int, Inclusion]],
    domain: Domain,
    dye: Dye,
    table: ConcentrationTable,
) -> tuple[list[str], list[str]]:
    """Tell what of tissues, dye and bodies is assumed, and the sources."""
    used = sorted({r.material for r in regions} & set(materials))
    assumed = [
        *(text for name in used for text in materials[name].assumed),
        *dye.assumed,
        *(f"{r.name}: no dye" for r in regions if r.name not in table.regions),
        *(f"{name}: cut by the surface" for name in cut_bodies(inclusions, domain)),
    ]
    return assumed, [*dye.sources, *(s for name in used for s in materials[name].sources)]


def _plan(run: RunTable, table: ConcentrationTable) -> RunPlan:
    """Run of a scene; times mean nothing to concentrations that never change."""
    return RunPlan(
        run.method,
        run.outputs,
        run.target_rel_err,
        run.max_time,
        run.draws,
        run.times if table.times_h is not None else (),
        run.seed,
    )


def _needs_no_dye(file: TomlFile, parts: Parts) -> bool:
    """Whether a scene without dye asks for nothing that a dye makes."""
    absent = "dye" not in file.content and "concentration" not in file.content
    return absent and parts.run is not None and set(parts.run.outputs) <= set(DYELESS)


def _other_regions(
    domain: Domain, parts: Parts, inclusions: Sequence[Region]
) -> tuple[Region, ...]:
    """Regions of the kinds that have no layers: wells, parts of cells, organs of the mouse."""
    if domain.kind == "plate":
        said = parts.concentration if isinstance(parts.concentration, dict) else {}
        known = well_neighbors(int((domain.details or {})["format"]))
        names = [well for well in known if well in said] or list(known)
    elif domain.kind == "microscope":
        names = list(CELL_REGIONS)
    elif domain.kind == "dish":
        names = ["medium"]
    else:
        names = []
    made = [Region(n, n if n in parts.materials else "") for n in names]
    return (*made, *(r for r in inclusions if r.name not in names))


def _mouse(
    domain: Domain,
    bodies: Sequence[Region],
    stated: dict[str, Material],
    excitation_nm: float,
) -> tuple[tuple[Region, ...], dict[str, Material]]:
    """Regions of the mouse, then those of bodies in it; materials with those of its tissues."""
    from pdcraft.optics.mouse.regions import mouse_materials, mouse_regions

    details = domain.details or {}
    fur = bool(details.get("fur", False))
    food = float(details["food_nM"]) if "food_nM" in details else None
    organs = mouse_regions(stated, fur)
    if details["view"] == "tray":
        from pdcraft.optics.mouse.tray import TRAY, tray_material

        organs = (*organs, Region(TRAY, TRAY))
        stated = {TRAY: tray_material(), **stated}
    named = {region.name for region in organs}
    regions = (*organs, *(r for r in bodies if r.name not in named))
    return regions, {**mouse_materials(excitation_nm, food, fur), **stated}


def _tray_rois(
    domain: Domain,
    inclusions: Sequence[tuple[int, Inclusion]],
    made: Camera | None,
    faults: Faults,
) -> tuple[Roi, ...]:
    """One region of the image for each piece on a tray; none for a whole mouse."""
    details = domain.details or {}
    if details["view"] != "tray" or made is None:
        return ()
    from pdcraft.optics.mouse.tray import tray_rois

    with faults.at(("domain", "mass")):
        found = tray_rois(float(details["mass_g"]), tuple(one for _, one in inclusions))
        for roi in found:
            pixels_of(roi, made)
        return found
    return ()


def _concentrations(
    parts: Parts,
    domain: Domain | None,
    regions: Sequence[Region],
    folder: Path,
    faults: Faults,
) -> ConcentrationTable | None:
    said = parts.concentration
    names = [r.name for r in regions]
    if domain is not None and domain.kind == "plate":
        names = list(well_neighbors(int((domain.details or {})["format"])))
    if said is None:
        return None
    if isinstance(said, str):
        with faults.at(("concentration", "file")):
            return read_concentrations(folder / said, names, said)
        return None
    values: dict[str, float] = {}
    for name, text in said.items():
        path = ("concentration", name)
        if name not in names and (domain is not None or names):
            faults.add(path, f"there is no region '{name}'", near(name, names), text)
        with faults.at(path):
            values[name] = parse(text, "molar_concentration")
            if values[name] < 0.0:
                faults.add(path, f"'{text}' is negative", "a concentration is 0 or more", text)
                values[name] = 0.0
    return ConcentrationTable.constant(values or dict.fromkeys(names, 0.0))


def _times(parts: Parts, table: ConcentrationTable, faults: Faults) -> None:
    """Check that a table over time is asked for times that it has."""
    if parts.run is None or table.times_h is None:
        return
    times = parts.run.times
    if not times and table.times_h.size > 1:
        faults.add(
            ("run",), "times are missing: concentrations change with time", 'times = ["24 h"]'
        )
    for time in times:
        with faults.at(("run", "times")):
            table.row(time)


def _camera_needed(parts: Parts, domain: Domain, faults: Faults) -> None:
    if parts.run is None or parts.camera is not None or domain.kind in ("plate", "dish"):
        return
    wanted = [o for o in parts.run.outputs if o in SEEN]
    if wanted and domain.kind != "microscope":
        faults.add(
            (), f"[camera] is missing: {', '.join(wanted)} come from it", 'preset = "open-field"'
        )


def _wavelengths(
    materials: Mapping[str, Material],
    regions: Sequence[Region],
    lamp: Illumination | None,
    dye: Dye | None,
    made: Camera | None,
    parts: Parts,
    faults: Faults,
) -> None:
    """Every material that is used must have properties wherever light is followed."""
    wanted: set[float] = set()
    if lamp is not None:
        light = lamp.light
        nodes = band_nodes(light, count=MOST).wavelength_nm if isinstance(light, Spectrum) else ()
        wanted |= {float(nm) for nm in nodes} or {lamp.wavelength_nm}
    if dye is not None:
        low, high = dye.emission.range_nm
        whole = parts.run is not None and "reflectance" in parts.run.outputs
        if made is not None and not whole:
            low, high = max(low, made.filter.band_nm[0]), min(high, made.filter.band_nm[1])
        if low <= high:
            wanted |= {low, high}
    for name in dict.fromkeys(r.material for r in regions):
        for nm in sorted(wanted):
            try:
                if name in materials:
                    materials[name].optics(nm)
            except (PhysicsRangeError, DataError) as error:
                faults.add(("materials", name), str(error))
                break


def _uptake(parts: Parts, table: ConcentrationTable) -> tuple[Prior, ...]:
    """Priors of uptake: one factor for each region that holds dye."""
    if parts.spread is None or not parts.spread.uptake:
        return ()
    factor = lognormal_factor(parts.spread.uptake)
    return tuple(
        Prior(f"uptake.{name}", "uptake", 1.0, "lognormal", factor, source=SPREAD_SOURCE)
        for name in table.regions
    )


def _digest(file: TomlFile, parts: Parts) -> str:
    """SHA-256 of the scene's text and of the files it names."""
    whole = hashlib.sha256(file.text.encode())
    for name in _named(file.content):
        path = file.path.parent / name
        if path.is_file():
            whole.update(path.read_bytes())
    return whole.hexdigest()


def _named(content: Any) -> list[str]:
    """Names of files in a scene, in their order."""
    out: list[str] = []
    rows = content.items() if isinstance(content, Mapping) else enumerate(content)
    for key, value in rows:
        if isinstance(value, Mapping | list):
            out += _named(value)
        elif key in FILE_KEYS and isinstance(value, str):
            out.append(value)
    return out
