"""Radiobiology of an indication in a study's draws, and of patients about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Citation
from pdcraft.data.indications import Indication, indication, indication_source
from pdcraft.numerics.inputs import stream
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.study.ledger import Ledger

__all__ = ["WORDS", "Radiobiology", "radiobiology"]

#: What parameters are called among the drivers of a result.
WORDS = {
    "alpha_per_Gy": "alpha",
    "alpha_beta_Gy": "alpha_beta",
    "repair_half_life_h": "repair_half_life",
    "doubling_time_d": "clonogen_doubling_time",
    "kick_off_d": "kick_off_time",
    "clonogens_per_g": "clonogens",
    "patient_spread": "spread_of_patients",
    "uptake_factor": "uptake_factor",
}


@dataclass(frozen=True, slots=True, eq=False)
class Radiobiology:
    """What is drawn of an indication.

    Parameters
    ----------
    entity : Indication
    drawn : dict of str to ndarray, shape (draws,)
    patients_alpha_per_Gy : ndarray, shape (draws, subjects)
    sources : tuple of str
        Keys of citations.
    """

    entity: Indication
    drawn: dict[str, Floats]
    patients_alpha_per_Gy: Floats
    sources: tuple[str, ...]

    def tissue(self, alpha_per_Gy: Floats) -> Sensitivity:
        """Sensitivity with some α, of shape (draws,) or (draws, subjects)."""
        column = slice(None) if alpha_per_Gy.ndim == 1 else (slice(None), None)
        d = self.drawn
        return Sensitivity.of(
            alpha_per_Gy,
            d["alpha_beta_Gy"][column],
            Repair.of(d["repair_half_life_h"][column]),
            d["doubling_time_d"][column],
            d["kick_off_d"][column],
        )


def radiobiology(
    name: str,
    key: str,
    ledger: Ledger,
    *,
    draws: int,
    subjects: int,
    seed: int,
    inputs: str,
    unused: tuple[str, ...] = (),
) -> Radiobiology:
    """Draw an indication's parameters and patients, and note inputs and sources.

    Parameters
    ----------
    name : str
        Of the indication.
    key : str
        Of the random streams.
    ledger : Ledger
    draws, subjects, seed : int
    inputs : str
        What the names of inputs begin with.
    unused : tuple of str
        Parameters that nothing depends on.

    Raises
    ------
    DataError
        For an unknown indication.
    """
    entity = indication(name)
    drawn = entity.draw(draws, stream(seed, key))
    for parameter, words in WORDS.items():
        if parameter not in unused and np.ptp(drawn[parameter]) > 0:
            ledger.inputs[f"{inputs}{words}"] = drawn[parameter]
    scatter = stream(seed, f"{key}.patients").standard_normal((1, subjects))
    patients = drawn["alpha_per_Gy"][:, None] * np.exp(drawn["patient_spread"][:, None] * scatter)
    cited = [indication_source(one) for one in entity.sources]
    sources = ledger.cite(Citation(one.key, one.text, one.doi) for one in cited)
    return Radiobiology(entity, drawn, patients, sources)
