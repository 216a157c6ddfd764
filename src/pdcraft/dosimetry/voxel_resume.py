"""Keep a voxel run's scores in a file, so that a later run adds histories to them.

The file holds energies per decay and errors, and a fingerprint of everything that they depend on.
A run with other images, nuclide, seed or version of pdcraft does not go on from it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pdcraft import __version__
from pdcraft.core.grid import Field
from pdcraft.errors import DataError

if TYPE_CHECKING:
    from pdcraft.data.nuclides import Nuclide
    from pdcraft.transport.voxels import VoxelPhantom, VoxelTally

__all__ = ["fingerprint", "read_tally", "tally_bytes"]

FORMAT = "pdcraft.voxel-tally/1"


def fingerprint(
    tia: Field,
    phantom: VoxelPhantom,
    nuclide: Nuclide,
    regions: Mapping[str, NDArray[np.bool_]],
    seed: int,
) -> str:
    """Hash of everything that a run's scores depend on, but for how long it ran."""
    digest = hashlib.sha256()
    for array in (
        tia.values,
        tia.grid.affine,
        phantom.material,
        phantom.density_g_per_mL,
        phantom.voxel_mm,
        *regions.values(),
    ):
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    words = (phantom.materials, phantom.surround, nuclide, tuple(regions), seed, __version__)
    digest.update(repr(words).encode())
    return digest.hexdigest()


def tally_bytes(tally: VoxelTally, of: str) -> bytes:
    """Return a tally as a file; the same tally gives the same bytes.

    Parameters
    ----------
    tally : VoxelTally
    of : str
        Fingerprint of its run.
    """
    head = {
        "format": FORMAT,
        "of": of,
        "histories": tally.histories,
        "batches": tally.batches,
        "seed": tally.seed,
        "types": list(tally.energy_keV),
        "regions": {name: list(pair) for name, pair in tally.region_keV.items()},
        "emitted_keV": tally.emitted_keV,
        "escaped_keV": tally.escaped_keV,
        "warnings": list(tally.warnings),
    }
    arrays: dict[str, Any] = {
        "head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        "std_err_keV": tally.std_err_keV,
        "estimator": tally.estimator,
    }
    arrays |= {f"energy_keV_{i}": a for i, a in enumerate(tally.energy_keV.values())}
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def read_tally(path: Path, of: str) -> VoxelTally:
    """Read a tally and check that it is of the same run.

    Parameters
    ----------
    path : Path
    of : str
        Fingerprint of the run that goes on from it.

    Raises
    ------
    DataError
        For a file that is damaged or of another run.
    """
    from pdcraft.transport.voxels import VoxelTally

    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            head: dict[str, Any] = json.loads(bytes(file["head"]))
            if head.get("format") != FORMAT:
                raise DataError(f"{path} is of another format than {FORMAT}; give a new file")
            if head["of"] != of:
                raise DataError(
                    f"--resume: {path} is of another run; images, nuclide, progeny, spectra, "
                    "regions, seed and version of pdcraft must be the same. Give a new file to "
                    "begin anew"
                )
            energy = {name: file[f"energy_keV_{i}"] for i, name in enumerate(head["types"])}
            err, estimator = file["std_err_keV"], file["estimator"]
    except (
        OSError,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DataError(
            f"--resume: {path} is no file of an earlier run, or damaged ({error}); give a new file"
        ) from None
    return VoxelTally(
        histories=head["histories"],
        batches=head["batches"],
        seed=head["seed"],
        energy_keV=energy,
        std_err_keV=err,
        region_keV={name: (mean, e) for name, (mean, e) in head["regions"].items()},
        emitted_keV=head["emitted_keV"],
        escaped_keV=head["escaped_keV"],
        estimator=estimator,
        warnings=tuple(head["warnings"]),
    )
