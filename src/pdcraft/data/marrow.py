"""Facts of the skeleton's radiosensitive tissues: photon responses and electron S coefficients."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml, text_of
from pdcraft.physics.beta import Shape

__all__ = [
    "BetaSource",
    "BoneResponses",
    "SkeletalElectrons",
    "bone_responses",
    "skeletal_electrons",
]

Nested = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class BoneResponses:
    """Dose to red marrow and endosteum per fluence of photons in the bone, by bone.

    Parameters
    ----------
    energy_keV : ndarray, shape (energies,)
    by_bone : mapping of str to mapping of str to ndarray
        Tissue, bone: Gy m², shape (energies,).
    share : mapping of str to mapping of str to float
        Tissue, bone: the bone's share of the tissue; sums to 1.
    region : mapping of str to str
        Region of the stylised body that holds a bone.
    """

    energy_keV: Floats
    by_bone: Mapping[str, Mapping[str, Floats]]
    share: Nested
    region: Mapping[str, str]

    def share_of_regions(self, tissue: str) -> Mapping[str, float]:
        """Share of a tissue by region of the stylised body."""
        out: dict[str, float] = {}
        for bone, share in self.share[tissue].items():
            out[self.region[bone]] = out.get(self.region[bone], 0.0) + share
        return out

    def mean_Gy_m2(self, tissue: str) -> Floats:
        """Mean over the bones by their share of ``red_marrow`` or ``bone_surface``."""
        share = self.share[tissue]
        rows = self.by_bone[tissue]
        return np.asarray(sum(share[bone] * rows[bone] for bone in rows), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class BetaSource:
    """One emitter of beta rays alone: its spectrum, and dose per decay by target and source.

    ``gray`` is in Gy/(Bq s): target (``red_marrow``, ``bone_surface``), then source.
    """

    nuclide: str
    end_point_keV: float
    daughter_z: int
    a: int
    shape: Shape
    mean_keV: float
    gray: Nested


@dataclass(frozen=True, slots=True)
class SkeletalElectrons:
    """S coefficients of the reference skeleton and the masses they belong to.

    Parameters
    ----------
    betas : tuple of BetaSource
        By mean energy.
    mass_g : mapping of str to float
        Of ``red_marrow`` (with its blood) and ``bone_surface``.
    cellularity : float
        Active share of the marrow, mean over the red marrow.
    source : str
    """

    betas: tuple[BetaSource, ...]
    mass_g: Mapping[str, float]
    cellularity: float
    source: str


@cache
def bone_responses(body: str = "adult-male") -> BoneResponses:
    """Photon responses of ICRP 116 with the bones' shares in the reference man or woman.

    Parameters
    ----------
    body : {"adult-male", "adult-female"}
    """
    column = "female" if body == "adult-female" else "male"
    lines = text_of("bodies", "bone_responses.csv").splitlines()
    header, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    energy = frozen(header[5:], "photon energies")
    by_bone: dict[str, dict[str, Floats]] = {}
    share: dict[str, dict[str, float]] = {}
    region: dict[str, str] = {}
    for tissue, bone, place, male, female, *values in rows:
        own = np.array(values, dtype=np.float64) * 1e-17
        region[bone] = place
        by_bone.setdefault(tissue, {})[bone] = own
        share.setdefault(tissue, {})[bone] = float(female if column == "female" else male)
    for tissue, shares in share.items():
        total = sum(shares.values())
        share[tissue] = {bone: s / total for bone, s in shares.items()}
    # high energies: the marrow's response for both tissues, its mean where a bone has no marrow
    marrow = by_bone["red_marrow"]
    mean = sum(share["red_marrow"][bone] * row for bone, row in marrow.items())
    for bone, row in by_bone["bone_surface"].items():
        rest = np.asarray(marrow.get(bone, mean))[len(row) :]
        by_bone["bone_surface"][bone] = np.concatenate((row, rest))
    rows_by_tissue = {
        tissue: MappingProxyType({b: frozen(r, b) for b, r in table.items()})
        for tissue, table in by_bone.items()
    }
    return BoneResponses(
        energy,
        MappingProxyType(rows_by_tissue),
        MappingProxyType({t: MappingProxyType(s) for t, s in share.items()}),
        MappingProxyType(region),
    )


def _nested(row: Mapping[str, Any]) -> Nested:
    targets = ("red_marrow", "bone_surface")
    return MappingProxyType({t: MappingProxyType(dict(row[t])) for t in targets})


@cache
def skeletal_electrons() -> SkeletalElectrons:
    """S coefficients of six beta emitters in the skeleton of the reference man (ICRP 133)."""
    table = load_toml("bodies", "marrow_electrons.toml")
    betas = tuple(
        BetaSource(
            row["nuclide"],
            float(row["end_point_keV"]),
            int(row["daughter_z"]),
            int(row["a"]),
            row["shape"],
            float(row["mean_keV"]),
            _nested(row),
        )
        for row in table["beta"]
    )
    mass = {t: float(table[f"{t}_g"]) for t in ("red_marrow", "bone_surface")}
    return SkeletalElectrons(
        betas, MappingProxyType(mass), float(table["cellularity"]), table["source"]
    )
