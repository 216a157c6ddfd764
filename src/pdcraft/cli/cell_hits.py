"""Specific energy of nuclei in ``pdcraft cell``: what atoms of an alpha emitter leave in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pdcraft.cli.common import table

if TYPE_CHECKING:
    from rich.table import Table

    from pdcraft.dosimetry.cells import CellS

__all__ = ["hits_document", "hits_table"]

PERCENTILES = (5, 50, 95)


def hits_document(
    result: CellS,
    stay: Mapping[str, float] | float,
    dose_Gy: float,
    inactivation_Gy: float | None,
) -> dict[str, Any]:
    """Hits of the nucleus by source of the decays, and specific energies at a mean dose.

    Raises
    ------
    DataError
        For a nucleus off the center, spectra without chains, or no alpha particles.
    """
    import numpy as np

    from pdcraft.dosimetry.atom_events import atom_events
    from pdcraft.dosimetry.cell_geometry import SOURCES
    from pdcraft.dosimetry.specific_energy import multi_event, survival
    from pdcraft.errors import DataError

    cell = result.cell
    if cell.nucleus_offset_um != 0.0:
        raise DataError("--specific-energy is of concentric cells; leave --nucleus-offset out")
    if result.spectra != "own":
        raise DataError("--specific-energy takes the chains of --spectra own")
    out: dict[str, Any] = {}
    for place in SOURCES:
        atom = atom_events(
            result.nuclide,
            cell.nucleus_radius_um,
            cell.cell_radius_um,
            place,  # pyright: ignore[reportArgumentType]  # the names are the same
            progeny=result.progeny,
            stay=stay,
        )
        many = multi_event(atom, dose_Gy)
        reached = np.searchsorted(np.cumsum(many.probability), [p / 100 for p in PERCENTILES])
        out[place] = {
            "hit_per_atom": atom.hits_per_decay,
            "mean_hit_Gy": atom.mean_Gy,
            "dose_mean_hit_Gy": atom.dose_mean_Gy,
            "atoms": dose_Gy / atom.dose_per_decay_Gy,
            "mean_hits": many.mean_events,
            "not_hit": many.missed,
            "sd_Gy": many.sd_Gy,
            "percentile_Gy": {
                str(p): float(many.z_Gy[min(int(i), many.z_Gy.size - 1)])
                for p, i in zip(PERCENTILES, reached, strict=True)
            },
            "surviving": None if inactivation_Gy is None else survival(many, 1 / inactivation_Gy),
        }
    return {"mean_dose_Gy": dose_Gy, "inactivation_dose_Gy": inactivation_Gy, "by_source": out}


def hits_table(document: Mapping[str, Any]) -> Table:
    """Show the document of `hits_document`."""
    rows = [
        (
            place.replace("_", " "),
            row["hit_per_atom"],
            row["mean_hit_Gy"],
            row["mean_hits"],
            f"{100 * row['not_hit']:.3g}%",
            row["sd_Gy"],
            "" if row["surviving"] is None else row["surviving"],
        )
        for place, row in document["by_source"].items()
    ]
    title = f"alpha particles in the nucleus, mean dose {document['mean_dose_Gy']:.4g} Gy"
    columns = ["from", "hit per atom", "Gy per hit", "hits", "not hit", "SD, Gy", "surviving"]
    return table(title, columns, rows)
