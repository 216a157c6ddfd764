"""Numerical settings of the transport: what is simulated one by one, and where tracks end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.electron import csda_range_g_per_cm2

__all__ = ["Settings", "settings_for"]

CUTOFFS_keV = (1.0, 2.0, 5.0, 10.0, 20.0)
LENGTHS_PER_TRACK_END = 200.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits between what is simulated event by event and what is condensed.

    Parameters
    ----------
    deflection : float
        Mean K (path over transport mean free path) between hard elastic deflections: 0.02 to 0.3.
        Smaller is slower and closer to single scattering.
    loss : float
        Greatest share of its energy that an electron loses within one segment, 0.01 to 0.3.
    hard_loss_keV : float
        Collisions that lose more are simulated one by one, 0.2 keV or more.
    hard_photon_keV : float
        Bremsstrahlung photons above are made, 1 keV or more.
    electron_cutoff_keV, photon_cutoff_keV : float
        Slower electrons and softer photons are absorbed on the spot.
    photoelectric : {"xcom", "normalized"}
        Family of photoelectric cross sections (`pdcraft.transport.photoelectric`).
    """

    deflection: float = 0.05
    loss: float = 0.05
    hard_loss_keV: float = 1.0
    hard_photon_keV: float = 1.0
    electron_cutoff_keV: float = 1.0
    photon_cutoff_keV: float = 1.0
    photoelectric: Literal["xcom", "normalized"] = "xcom"

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
