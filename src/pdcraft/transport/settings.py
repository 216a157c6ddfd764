"""Numerical settings of the transport: what is simulated one by one, and where tracks end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.electron import csda_range_g_per_cm2
from pdcraft.transport.photoelectric import Photoelectric

__all__ = ["Settings", "settings_for", "signed_text"]

CUTOFFS_keV = (1.0, 2.0, 5.0, 10.0, 20.0)
LENGTHS_PER_TRACK_END = 200.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits between what is simulated event by event and what is condensed.

    Parameters
    ----------
    deflection : float
        Mean K (path over transport mean free path) between hard elastic deflections: 0.005 to 0.3.
        Smaller is slower and closer to single scattering.
    loss : float
        Greatest share of its energy that an electron loses within one segment, 0.005 to 0.3.
    hard_loss_keV : float
        Collisions that lose more are simulated one by one, 0.2 to 3000 keV.
    hard_photon_keV : float
        Bremsstrahlung photons above are made, 1 to 3000 keV.
    electron_cutoff_keV, photon_cutoff_keV : float
        Slower electrons and softer photons are absorbed on the spot; from 0.5 and 1 to 3000 keV.
    photoelectric : {"xcom", "normalized"}
        Family of photoelectric cross sections (`pdcraft.transport.photoelectric`).

    Raises
    ------
    PhysicsRangeError
        For a number outside its range, or an unknown family.
    """

    deflection: float = 0.05
    loss: float = 0.05
    hard_loss_keV: float = 1.0
    hard_photon_keV: float = 1.0
    electron_cutoff_keV: float = 1.0
    photon_cutoff_keV: float = 1.0
    photoelectric: Photoelectric = "xcom"

    def __post_init__(self) -> None:
        for name, low, high in (
            ("deflection", 0.005, 0.3),
            ("loss", 0.005, 0.3),
            ("hard_loss_keV", 0.2, 3000.0),
            ("hard_photon_keV", 1.0, 3000.0),
            ("electron_cutoff_keV", 0.5, 3000.0),
            ("photon_cutoff_keV", 1.0, 3000.0),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise PhysicsRangeError(
                    f"transport setting {name} is {value:g}; it must lie within {low:g} and "
                    f"{high:g}"
                )
        if self.photoelectric not in get_args(Photoelectric):
            raise PhysicsRangeError(
                f"transport setting photoelectric is '{self.photoelectric}'; it is one of "
                f"{', '.join(get_args(Photoelectric))}"
            )


def settings_for(length_mm: float, step: float = 0.1) -> Settings:
    """Limits that are small beside a voxel's edge or a sphere's radius in water.

    Tracks end, and losses are condensed, below the energy whose range is 1/200 of it, at most
    20 keV.

    Parameters
    ----------
    length_mm : float
        In matter of another density: its mass thickness in mm of 1 g/mL.
    step : float
        ``deflection`` and ``loss`` of the settings.
    """
    reach_g_per_cm2 = 0.1 * length_mm / LENGTHS_PER_TRACK_END
    fits = [e for e in CUTOFFS_keV if csda_range_g_per_cm2(e) <= reach_g_per_cm2]
    cutoff = max(fits, default=CUTOFFS_keV[0])
    return Settings(
        deflection=step,
        loss=step,
        hard_loss_keV=cutoff,
        hard_photon_keV=cutoff,
        electron_cutoff_keV=cutoff,
        photon_cutoff_keV=1.0,
    )


def signed_text(asked: Mapping[str, Any]) -> str:
    """Write all that decides the numbers of a shipped table as a line of JSON, with its hash."""
    text = json.dumps(asked, sort_keys=True)
    return json.dumps(
        {**asked, "sha256": hashlib.sha256(text.encode()).hexdigest()}, sort_keys=True
    )
