"""A plate read well by well: expected signal, neighbors' light, noise, saturation.

What a well gives is its dye's light, the plate's own fluorescence (as dye-equivalent
concentration at the well's path), what the filter lets through of the lamp, the stated share of
each neighbor's light, and the dark current. Replicates differ by pipetting (a coefficient of
variation of the volume's dye) and by shot and read noise; the reading is electrons over gain, in
relative fluorescence units (RFU).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.vessel import Vessel, well_neighbors
from pdcraft.optics.in_vitro.well import Reading, inner_filter, leaked_electrons, well_electrons

__all__ = ["PlateReading", "read_plate"]


@dataclass(frozen=True, slots=True)
class PlateReading:
    """Readings of a plate's wells.

    Parameters
    ----------
    wells : tuple of str
    conc_nM : ndarray, shape (wells,)
    expected_rfu : ndarray, shape (wells,)
        Without noise, before the reader fills.
    rfu : ndarray, shape (wells, replicates)
    inner_filter : ndarray, shape (wells,)
        Share of the signal that reabsorption leaves.
    saturated : ndarray of bool, shape (wells,)
    """

    wells: tuple[str, ...]
    conc_nM: Floats
    expected_rfu: Floats
    rfu: Floats
    inner_filter: Floats
    saturated: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name in ("conc_nM", "expected_rfu", "rfu", "inner_filter"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"plate {name}"))


def read_plate(
    dye: Dye,
    conc_nM: Mapping[str, float],
    wells: int,
    vessel: Vessel,
    reading: Reading,
    *,
    seed: int,
    replicates: int = 3,
    plate_autofluorescence_nM: float = 0.0,
    crosstalk: float = 0.0,
    pipetting_cv: float = 0.0,
    gain_rfu_per_e: float | None = None,
    leak: bool = False,
) -> PlateReading:
    """Read a plate.

    Parameters
    ----------
    dye : Dye
    conc_nM : mapping of str to float
        Well -> concentration; other wells are empty and dark.
    wells : int
        6, 24, 96 or 384.
    vessel, reading : Vessel, Reading
    seed : int
    replicates : int
        Plates with the same layout, 1 or more.
    plate_autofluorescence_nM : float
        Dye-equivalent concentration that every filled well shows.
    crosstalk : float
        Share of each of up to four neighbors' light, 0 to 0.25.
    pipetting_cv : float
        Coefficient of variation of the dye's amount between replicates.
    gain_rfu_per_e : float, optional
        RFU per electron; default that of the sensor's converter.
    leak : bool
        Add the lamp's reflected light that the filter lets through.

    Raises
    ------
    DataError
        For a well that the plate does not have, or no wells.
    PhysicsRangeError
        For negative concentrations or shares out of range.
    """
    near = well_neighbors(wells)
    _check(conc_nM, near, wells, replicates, crosstalk, pipetting_cv, plate_autofluorescence_nM)
    names = tuple(conc_nM)
    conc = np.array([float(conc_nM[name]) for name in names])
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(96,)))
    log_sd = np.sqrt(np.log1p(pipetting_cv**2))
    drawn = conc[:, None] * np.exp(
        log_sd * rng.standard_normal((conc.size, replicates)) - 0.5 * log_sd**2
    )
    own_light = float(well_electrons(dye, np.array([1.0]), vessel, reading)[0])
    own_light *= plate_autofluorescence_nM
    own_light += leaked_electrons(vessel, reading) if leak else 0.0
    camera = reading.camera
    dark = camera.dark_e
    mixing = np.eye(conc.size) + crosstalk * np.array(
        [[float(b in near[a]) for b in names] for a in names]
    )
    exact = mixing @ (well_electrons(dye, conc, vessel, reading) + own_light)
    light = mixing @ (
        well_electrons(dye, drawn.ravel(), vessel, reading).reshape(drawn.shape) + own_light
    )
    noisy = rng.poisson(light + dark) + rng.normal(0.0, camera.sensor.read_noise_e, light.shape)
    full = camera.sensor.capacity_e
    gain = 1.0 / camera.sensor.gain if gain_rfu_per_e is None else gain_rfu_per_e
    return PlateReading(
        names,
        conc,
        exact * gain,
        (np.minimum(noisy, full) - dark) * gain,
        np.where(conc > 0.0, inner_filter(dye, conc, vessel, reading), 1.0),
        np.mean(noisy >= full, axis=1) > 0.0,
    )


def _check(
    conc_nM: Mapping[str, float],
    near: Mapping[str, tuple[str, ...]],
    wells: int,
    replicates: int,
    crosstalk: float,
    pipetting_cv: float,
    own_nM: float,
) -> None:
    if not conc_nM:
        raise DataError("a plate without wells; give concentrations of wells such as A1")
    strange = [name for name in conc_nM if name not in near]
    if strange:
        raise DataError(
            f"a plate of {wells} has no well '{strange[0]}'; its wells run from A1 to "
            f"{list(near)[-1]}"
        )
    for name, value in conc_nM.items():
        if not (np.isfinite(value) and value >= 0.0):
            raise PhysicsRangeError(f"well {name} holds {value:g} nM; it must be 0 or more")
    if replicates < 1:
        raise PhysicsRangeError(f"{replicates} replicates; there must be 1 or more")
    if not 0.0 <= crosstalk <= 0.25:
        raise PhysicsRangeError(f"crosstalk of {crosstalk:g} from each neighbor; it is 0 to 0.25")
    if not 0.0 <= pipetting_cv <= 1.0:
        raise PhysicsRangeError(f"pipetting CV of {pipetting_cv:g}; it is 0 to 1")
    if not own_nM >= 0.0:
        raise PhysicsRangeError(f"plate autofluorescence of {own_nM:g} nM; it is 0 or more")
