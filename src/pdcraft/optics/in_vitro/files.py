"""Files of scenes in vitro: the plate's table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pdcraft.io.store import csv_text

__all__ = ["PLATE_FILE", "plate_csv"]

PLATE_FILE = "plate.csv"
COLUMNS = ("time_h well conc_nM rfu rfu_low rfu_high blank_subtracted inner_filter_factor").split()


def plate_csv(document: Mapping[str, Any]) -> str | None:
    """Table of the wells of an image document, one line a well and time; None without wells."""
    frames = [f for f in document["frames"] if f.get("wells")] or [{**document, "time_h": None}]
    if not frames[0].get("wells"):
        return None
    return csv_text(
        COLUMNS,
        (
            (
                frame["time_h"],
                well["well"],
                well["conc_nM"],
                well["rfu"]["value"],
                *(well["rfu"]["interval95"] or (None, None)),
                well["blank_subtracted"]["value"],
                well["inner_filter_factor"],
            )
            for frame in frames
            for well in frame["wells"]
        ),
    )
