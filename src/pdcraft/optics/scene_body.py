"""Domain, layers, inclusions and regions of a scene file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pdcraft.errors import DataError
from pdcraft.io.nifti import read_image
from pdcraft.io.planes import read_plane
from pdcraft.optics.inclusion import Inclusion
from pdcraft.optics.scene import Domain, Layer, Region
from pdcraft.optics.scene_faults import Faults, near
from pdcraft.optics.scene_file import DomainTable, InclusionTable
from pdcraft.optics.scene_parts import Parts

__all__ = ["FLAT_KINDS", "VOXEL_KINDS", "build_domain", "build_inclusions", "build_layers"]

VOXEL_KINDS = ("slab", "height_map", "labels")  # what this module makes whole
FLAT_KINDS = ("slab", "height_map")  # with layers
KEYS: Mapping[str, tuple[str, ...]] = {
    "slab": ("size", "voxel", "lateral", "n_outside"),
    "height_map": ("size", "voxel", "lateral", "n_outside", "file"),
    "labels": ("file", "map", "lateral", "n_outside"),
    "mouse": ("mass", "view", "voxel", "n_outside", "fur", "food", "control"),
    "plate": (
        *("format", "volume", "read", "meniscus", "plate_autofluorescence", "crosstalk"),
        *("gain", "replicates", "pipetting_cv", "n_outside"),
    ),
    "dish": ("diameter", "volume", "read", "meniscus", "plate_autofluorescence", "n_outside"),
    "microscope": ("na", "magnification", "immersion", "cell_radius", "membrane", "cells"),
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "slab": ("size", "voxel"),
    "height_map": ("file", "size", "voxel"),
    "labels": ("file", "map"),
    "mouse": ("mass", "view"),
    "plate": ("format", "volume", "read"),
    "dish": ("diameter", "volume", "read"),
    "microscope": ("na",),
}
UNITS: Mapping[str, tuple[str, float]] = {  # of details: name with unit, factor from the table's
    "mass": ("mass_g", 1.0),
    "voxel": ("voxel_mm", 1.0),
    "volume": ("volume_uL", 1000.0),
    "food": ("food_nM", 1.0),
    "meniscus": ("meniscus_deg", 1.0),
    "plate_autofluorescence": ("plate_autofluorescence_nM", 1.0),
    "diameter": ("diameter_mm", 1.0),
    "cell_radius": ("cell_radius_um", 1000.0),
    "membrane": ("membrane_um", 1000.0),
}
EXAMPLES = {
    "size": 'size = ["20 mm", "20 mm", "10 mm"]',
    "voxel": 'voxel = "0.2 mm"',
    "file": 'file = "h.tif"',
    "map": 'map = {1 = "brain"}',
    "mass": 'mass = "25 g"',
    "view": 'view = "flank"',
    "format": "format = 96",
    "volume": 'volume = "100 uL"',
    "read": 'read = "top"',
    "diameter": 'diameter = "35 mm"',
    "na": "na = 0.75",
}
FITS = 1e-6  # relative: how near to a whole number of voxels a size must be
MOST_VOXELS = 60_000_000


def build_domain(parts: Parts, folder: Path, faults: Faults) -> tuple[Domain, list[Region]] | None:
    """Make the domain; with labels also the regions that its map names."""
    table = parts.domain
    if table is None:
        return None
    given = {k for k in table.model_fields_set if k != "kind"}
    before = len(faults.problems)
    for key in sorted(given - set(KEYS[table.kind])):
        kinds = [k for k, keys in KEYS.items() if key in keys]
        hint = f"it belongs to {', '.join(kinds)}"
        faults.add(("domain", key), f"does not belong to kind '{table.kind}'", hint)
    for key in NEEDED[table.kind]:
        if getattr(table, key) is None:
            message = f"{key} is missing: a {table.kind} needs it"
            faults.add(("domain",), message, EXAMPLES[key])
    if len(faults.problems) > before:
        return None
    if table.kind in FLAT_KINDS:
        domain = _flat(table, folder, faults)
        return None if domain is None else (domain, [])
    if table.kind == "labels":
        return _labels(table, folder, faults)
    details: dict[str, float | str | bool] = {}
    for key in given - {"n_outside"}:
        name, factor = UNITS.get(key, (key, 0.0))
        value: Any = getattr(table, key)
        details[name] = value * factor if factor else value
    return Domain(table.kind, n_outside=table.n_outside, details=details), []


def _flat(table: DomainTable, folder: Path, faults: Faults) -> Domain | None:
    size, voxel = table.size or (1.0, 1.0, 1.0), table.voxel or 1.0
    counts = [length / voxel for length in size]
    shape = (round(counts[0]), round(counts[1]), round(counts[2]))
    for axis, count, whole in zip("xyz", counts, shape, strict=True):
        if whole < 1 or abs(count - whole) > FITS * count:
            message = f"{axis} is no whole number of voxels of {voxel:g} mm: {count:g}"
            faults.add(("domain", "size"), message, "choose a voxel that divides the size")
            return None
    if shape[0] * shape[1] * shape[2] > MOST_VOXELS:
        message = f"{shape[0]} x {shape[1]} x {shape[2]} voxels are more than {MOST_VOXELS:,}"
        hint = "inclusions and layers are exact below the voxel: use larger ones"
        faults.add(("domain", "voxel"), message, hint)
        return None
    height = None
    if table.file is not None:
        with faults.at(("domain", "file")):
            height = read_plane(folder / table.file, "height map").T
            if height.shape != shape[:2]:
                raise DataError(
                    f"height map: '{table.file}' has {height.shape[0]} x {height.shape[1]} pixels; "
                    f"the domain has {shape[0]} x {shape[1]} columns of voxels"
                )
            if height.min() < 0.0 or height.max() >= size[2]:
                raise DataError(
                    f"height map: '{table.file}' runs from {height.min():g} to {height.max():g} "
                    f"mm; the surface lies between z = 0 and the depth of {size[2]:g} mm"
                )
        if height is None:
            return None
    edges = (voxel, voxel, voxel)
    return Domain(table.kind, size, edges, shape, table.lateral, table.n_outside, height_mm=height)


def _labels(table: DomainTable, folder: Path, faults: Faults) -> tuple[Domain, list[Region]] | None:
    with faults.at(("domain", "file")):
        grid, values = read_image(folder / (table.file or ""))
        labels = np.rint(values).astype(np.int64)
        if np.any(np.abs(values - labels) > 1e-3) or labels.min() < 0:
            raise DataError(f"'{table.file}' holds numbers that are no labels (0, 1, 2 ...)")
        if labels.size > MOST_VOXELS:
            raise DataError(f"'{table.file}' has {labels.size:,} voxels; at most {MOST_VOXELS:,}")
        names = table.map or {}
        present = {int(v) for v in np.unique(labels)} - {0}
        for label in sorted(present - set(names)):
            faults.add(("domain", "map"), f"has no label {label}, which '{table.file}' holds")
        for label in sorted(set(names) - present):
            name = names[label][0]
            message = f"label {label} ('{name}') has no voxel in '{table.file}': an empty region"
            faults.add(("domain", "map"), message, "remove it from the map")
        regions: list[Region] = []
        index = np.zeros(int(labels.max()) + 1, dtype=np.uint16)
        for label, (name, material) in sorted(names.items()):
            region = Region(name, material)
            if region not in regions:
                regions.append(region)
            if label < index.size:
                index[label] = regions.index(region) + 1
        edges = tuple(float(e) for e in grid.voxel_mm)
        counts = labels.shape
        sizes = tuple(n * e for n, e in zip(counts, edges, strict=True))
        domain = Domain(
            "labels",
            (sizes[0], sizes[1], sizes[2]),
            (edges[0], edges[1], edges[2]),
            (counts[0], counts[1], counts[2]),
            table.lateral,
            table.n_outside,
            labels=index[labels],
        )
        return domain, regions
    return None


def build_layers(parts: Parts, domain: Domain | None, faults: Faults) -> tuple[Layer, ...]:
    """Make the layers; all but the last have a thickness, and the last has room."""
    kind = parts.domain.kind if parts.domain else None
    if kind is not None and kind not in FLAT_KINDS:
        if parts.layer:
            faults.add(("layer", 0), f"layers do not belong to kind '{kind}'", "remove them")
        return ()
    if not parts.layer and kind is not None:
        faults.add(("domain",), "has no layer", "add [[layer]] with material = NAME")
    out: list[Layer] = []
    depth = 0.0
    for i, table in enumerate(parts.layer):
        if table is None:
            continue
        _material_known(table.material, ("layer", i, "material"), parts, faults)
        last = i == len(parts.layer) - 1
        if last and table.thickness is not None:
            faults.add(
                ("layer", i, "thickness"), "the last layer fills the depth", "remove thickness"
            )
        if not last and table.thickness is None:
            faults.add(
                ("layer", i), "thickness is missing: only the last fills", 'thickness = "2 mm"'
            )
        depth += table.thickness or 0.0
        out.append(Layer(table.name or table.material, table.material, table.thickness))
    room = domain.size_mm[2] if domain is not None and domain.size_mm else None
    if room is not None and depth >= room:
        message = f"layers of {depth:g} mm leave nothing of a depth of {room:g} mm to the last"
        faults.add(("layer", max(len(out) - 1, 0)), message, "make the domain deeper")
    return tuple(out)


def _material_known(name: str, path: Sequence[str | int], parts: Parts, faults: Faults) -> None:
    if name not in parts.materials:
        hint = near(name, parts.materials)
        faults.add(path, f"there is no material '{name}'", hint, name)


FORM_KEYS = {
    "sphere": {"radius"},
    "ellipsoid": {"radii"},
    "cylinder": {"radius", "axis", "length"},
    "box": {"size"},
}


def build_inclusions(parts: Parts, faults: Faults) -> list[tuple[int, Inclusion]]:
    """Make the inclusions, each with its place in the file."""
    kind = parts.domain.kind if parts.domain else None
    if kind in ("plate", "dish", "microscope") and parts.inclusion:
        faults.add(("inclusion", 0), f"inclusions do not belong to kind '{kind}'", "remove them")
        return []
    out: list[tuple[int, Inclusion]] = []
    for i, table in enumerate(parts.inclusion):
        if table is None:
            continue
        path = ("inclusion", i)
        _material_known(table.material, (*path, "material"), parts, faults)
        given = {
            k
            for k in ("radius", "radii", "axis", "length", "size")
            if getattr(table, k) is not None
        }
        wanted = FORM_KEYS[table.shape]
        for key in sorted(wanted - given):
            faults.add(path, f"{key} is missing", f"a {table.shape} needs {', '.join(wanted)}")
        for key in sorted(given - wanted):
            hint = f"a {table.shape} has {', '.join(sorted(wanted))}"
            faults.add((*path, key), f"does not belong to a {table.shape}", hint)
        if given == wanted:
            out.append((i, _inclusion(table)))
    return out


def _inclusion(table: InclusionTable) -> Inclusion:
    radius = table.radius or 0.0
    half = (radius, radius, radius)
    if table.shape == "ellipsoid" and table.radii is not None:
        half = table.radii
    elif table.shape == "cylinder":
        half = (radius, radius, (table.length or 0.0) / 2.0)
    elif table.size is not None:
        half = (table.size[0] / 2.0, table.size[1] / 2.0, table.size[2] / 2.0)
    axis = table.axis or (0.0, 0.0, 1.0)
    return Inclusion(
        table.name, table.material, table.shape, table.centre, half, axis, table.priority
    )
