"""How patients differ: the spread of miltefosine's population model, wider, assumed.

Miltefosine, a peer of the carrier, has between-patient coefficients of variation of 23 % in
clearance and 18 % in volume (31 patients) [D08]_. The carrier's are not known: the spreads
themselves are drawn around these with a factor of 2 either way (95 %), and uptake by tumors, which
no population model describes, around 50 %.

References
----------
.. [D08] T. P. C. Dorlo et al., Antimicrob Agents Chemother 52, 2855 (2008),
   doi:10.1128/AAC.00014-08
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.inputs import stream

__all__ = ["BETWEEN_CV", "with_subjects"]

BETWEEN_CV: Mapping[str, float] = {
    "clearance_mL_per_h": 0.232,
    "body_partition_mL_per_g": 0.183,
    "marrow_partition_mL_per_g": 0.183,
    "tumor_trapping_mL_per_g_h": 0.5,
    "tumor_retention_h": 0.5,
}
SPREAD_FACTOR_95 = 2.0


def with_subjects(
    parameters: Mapping[str, Floats],
    n_subjects: int,
    seed: int,
    *,
    scores: Mapping[str, Floats] | None = None,
) -> dict[str, Floats]:
    """Add an axis of subjects around the typical one.

    Parameters
    ----------
    parameters : mapping of str to ndarray, shape (n,)
        Draws of the typical subject.
    n_subjects : int
    seed : int
    scores : mapping of str to ndarray, shape (n_subjects,), optional
        Normal scores of the subjects by parameter: the same subjects in every draw. Without,
        subjects are drawn anew in each.

    Returns
    -------
    dict of str to ndarray, shape (n, n_subjects)
        Log-normal around the typical subject; its spread differs between draws.
    """
    if n_subjects < 1:
        raise PhysicsRangeError(f"{n_subjects} subjects; at least one")
    out: dict[str, Floats] = {}
    for name, value in parameters.items():
        typical = np.repeat(value[:, None], n_subjects, axis=1)
        if name in BETWEEN_CV:
            rng = stream(seed, f"kinetics.between.{name}")
            wider = np.exp(np.log(SPREAD_FACTOR_95) / 1.96 * rng.standard_normal((value.size, 1)))
            spread = np.sqrt(np.log1p((BETWEEN_CV[name] * wider) ** 2))
            own = None if scores is None else scores.get(name)
            unit = rng.standard_normal(typical.shape) if own is None else own
            typical = typical * np.exp(spread * unit)
        out[name] = typical
    return out
