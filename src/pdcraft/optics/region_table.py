"""The table of regions: every number with its rule, pixel count and dark offset."""

from __future__ import annotations

from collections.abc import Iterable

from pdcraft.io.store import csv_text
from pdcraft.optics.roi import RegionSignal

__all__ = ["region_csv"]

COLUMNS = (
    "time_h region role rule pixels offset_e mean_e sd_e saturated_fraction tbr contrast cnr"
).split()


def region_csv(
    rows: Iterable[tuple[float | None, RegionSignal, tuple[float | None, ...]]],
) -> str:
    """CSV of regions.

    Parameters
    ----------
    rows : iterable of (time in h or None, RegionSignal, (tbr, contrast, cnr))
        The last against its background; Nones for a region that has none.
    """
    return csv_text(
        COLUMNS,
        (
            (
                time_h,
                r.name,
                r.role,
                r.rule,
                r.pixels,
                r.offset_e,
                r.mean_e,
                r.sd_e,
                r.saturated_fraction,
                *contrast,
            )
            for time_h, r, contrast in rows
        ),
    )
