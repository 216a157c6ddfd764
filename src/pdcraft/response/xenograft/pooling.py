r"""What the growth records say of a model that has none: pooled over models.

Rates of models scatter log-normally; what a record's own animals leave uncertain is taken out of
their scatter (moments, [DL86]_). Between animals, variances of the records are averaged by their
degrees of freedom.

References
----------
.. [DL86] R. DerSimonian, N. Laird, Control. Clin. Trials 7, 177 (1986),
   doi:10.1016/0197-2456(86)90046-2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.xenografts import GrowthRecord, xenograft_prior
from pdcraft.errors import DataError

__all__ = ["PooledGrowth", "pool"]

FEWEST = 3  # records
mm3_PER_g = 1000.0  # 1 g is taken as 1 mL: assumed


@dataclass(frozen=True, slots=True)
class PooledGrowth:
    """Pooled growth of models.

    Parameters
    ----------
    log_rate, log_rate_error : float
        Mean of ln lambda0 (1/d) over models, and its standard error.
    model_sd, animal_sd : float
        Of ln lambda0 between models and between animals of one.
    log_switch_g, switch_sd : float
        Of the mass at which growth turns linear.
    caliper_log_sd : float
        Of one measured volume.
    records, records_with_spread : int
    """

    log_rate: float
    log_rate_error: float
    model_sd: float
    animal_sd: float
    log_switch_g: float
    switch_sd: float
    caliper_log_sd: float
    records: int
    records_with_spread: int


def pool(records: Sequence[GrowthRecord]) -> PooledGrowth:
    """Pool records.

    Parameters
    ----------
    records : sequence of GrowthRecord
        Three or more with a spread between animals.

    Raises
    ------
    DataError
        For fewer.
    """
    seen = [r for r in records if r.sd_ln_lambda0 is not None and (r.n_animals or 0) > 1]
    if len(seen) < FEWEST:
        raise DataError(f"{len(seen)} growth records with a spread; {FEWEST} or more to pool them")
    n = np.array([float(r.n_animals or 0) for r in seen])
    sd = np.array([r.sd_ln_lambda0 or 0.0 for r in seen])
    animal = float(np.sqrt(((n - 1.0) * sd**2).sum() / (n - 1.0).sum()))
    logs = np.log([r.lambda0_per_d for r in seen])
    between = _between_models(logs, animal**2 / n)
    weight = 1.0 / (animal**2 / n + between)
    switches = np.log([r.switch_mm3 / mm3_PER_g for r in records if r.switch_mm3 is not None])
    if switches.size >= FEWEST:
        log_switch, switch_sd = float(switches.mean()), float(switches.std(ddof=1))
    else:
        prior = xenograft_prior("switch_g")
        log_switch, switch_sd = float(np.log(prior.value)), float(prior.log_sd or 0.0)
    return PooledGrowth(
        float((weight * logs).sum() / weight.sum()),
        float(weight.sum() ** -0.5),
        float(np.sqrt(between)),
        animal,
        log_switch,
        switch_sd,
        _caliper(seen),
        len(records),
        len(seen),
    )


def _between_models(logs: Floats, own_variance: Floats) -> float:
    weight = 1.0 / own_variance
    mean = (weight * logs).sum() / weight.sum()
    excess = (weight * (logs - mean) ** 2).sum() - (logs.size - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return max(float(excess / scale), 0.0)


def _caliper(records: Sequence[GrowthRecord]) -> float:
    """Root mean square of the residuals, weighted by what each record has left to tell."""
    rows = [
        (r.residual_log_sd, (r.n_values or 0) - 2 * (r.n_animals or 0) - 1)
        for r in records
        if r.residual_log_sd is not None
    ]
    sd, freedom = np.array(rows, dtype=float).T
    return float(np.sqrt((freedom * sd**2).sum() / freedom.sum()))
