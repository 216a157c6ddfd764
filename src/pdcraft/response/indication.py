"""Draws of an indication's radiobiology as the types that the models of this package take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.indications import Indication
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.sensitivity import Repair, Sensitivity

__all__ = ["IndicationDraws", "draw_indication"]


@dataclass(frozen=True, slots=True)
class IndicationDraws:
    """Parameters of an indication in draws (and subjects, who differ in α alone).

    Parameters
    ----------
    tissue : Sensitivity
        Of shape (draws,) or (draws, subjects).
    clonogens_per_g, volume_doubling_time_d, uptake_factor, patient_spread : ndarray, shape (draws,)
    """

    tissue: Sensitivity
    clonogens_per_g: Floats
    volume_doubling_time_d: Floats
    uptake_factor: Floats
    patient_spread: Floats


def draw_indication(
    indication: Indication,
    draws: int,
    rng: np.random.Generator,
    *,
    subjects: int | None = None,
    repopulates: bool = True,
) -> IndicationDraws:
    """Draw an indication's parameters.

    Parameters
    ----------
    indication : Indication
    draws : int
        One or more.
    rng : Generator
    subjects : int, optional
        Patients, whose ln α differ by the drawn spread; without, the typical patient.
    repopulates : bool
        Whether clonogens grow during treatment.

    Raises
    ------
    PhysicsRangeError
        For less than one draw or subject.
    """
    if draws < 1 or (subjects is not None and subjects < 1):
        raise PhysicsRangeError(f"{draws} draws of {subjects} subjects; one or more of each")
    drawn = indication.draw(draws, rng)
    alpha, column = drawn["alpha_per_Gy"], slice(None)
    if subjects is not None:
        column = (slice(None), None)
        alpha = alpha[:, None] * np.exp(
            drawn["patient_spread"][:, None] * rng.standard_normal((draws, subjects))
        )
    doubling = drawn["doubling_time_d"][column] if repopulates else np.inf
    tissue = Sensitivity.of(
        alpha,
        drawn["alpha_beta_Gy"][column],
        Repair.of(drawn["repair_half_life_h"][column]),
        doubling,
        drawn["kick_off_d"][column] if repopulates else 0.0,
    )
    return IndicationDraws(
        tissue,
        frozen(drawn["clonogens_per_g"], "clonogens"),
        frozen(drawn["volume_doubling_time_d"], "volume doubling time"),
        frozen(drawn["uptake_factor"], "uptake factor"),
        frozen(drawn["patient_spread"], "patient spread"),
    )
