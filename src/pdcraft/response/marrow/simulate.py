"""Blood counts of many draws and subjects from the dose rate in their marrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError
from pdcraft.response.marrow.chain import Chain, relative_counts
from pdcraft.response.marrow.parameters import MarrowParameters

__all__ = ["simulate_blocks", "simulate_counts"]

BLOCK = 2048  # subjects solved together: their states stay in the processor's cache


def simulate_counts(
    parameters: MarrowParameters,
    dose_rate: DoseRate,
    time_d: ArrayLike,
    *,
    step_d: float | None = None,
) -> Floats:
    """Simulate counts after irradiation of the marrow.

    Parameters
    ----------
    parameters : MarrowParameters
        Leading axes (draw, subject), or none.
    dose_rate : DoseRate
        In red marrow; its leading axes broadcast with those of the parameters.
    time_d : array_like, shape (times,)
        Days since time 0 of the dose rate, increasing; the first is 0 or later.
    step_d : float, optional
        See `pdcraft.response.marrow.chain.relative_counts`.

    Returns
    -------
    ndarray, shape (..., lineage, time)
        10^9 per liter, as they are in blood: see `pdcraft.response.marrow.observation` for what is
        reported of them.
    """
    lead = _lead(parameters, dose_rate)
    time = np.asarray(time_d, dtype=float)
    out = np.empty((int(np.prod(lead)), len(parameters.lineages), time.size))
    for rows, counts in simulate_blocks(parameters, dose_rate, time, step_d=step_d):
        out[rows] = counts
    return out.reshape(*lead, len(parameters.lineages), time.size)


def simulate_blocks(
    parameters: MarrowParameters,
    dose_rate: DoseRate,
    time_d: ArrayLike,
    *,
    step_d: float | None = None,
) -> Iterator[tuple[slice, Floats]]:
    """Yield counts block by block, for populations whose curves do not fit in memory.

    Yields
    ------
    (slice, ndarray)
        Rows of the flattened leading axes, and their counts, shape (rows, lineage, time).
    """
    lead = _lead(parameters, dose_rate)
    time = np.asarray(time_d, dtype=float)
    since = time if time[0] == 0 else np.append(0.0, time)
    n, lineages = int(np.prod(lead)), len(parameters.lineages)

    def flat(values: Floats, *trailing: int) -> Floats:
        return np.broadcast_to(values, (*lead, *trailing)).reshape(n, *trailing)

    transit, feedback, baseline = (
        flat(v, lineages)
        for v in (parameters.transit_d, parameters.feedback, parameters.baseline_1e9_per_L)
    )
    effect = flat(parameters.radiosensitivity_per_Gy * parameters.pretreatment[..., None], lineages)
    stem_share, stem_per_d = flat(parameters.stem_share), flat(parameters.stem_per_d)
    part = _parts(dose_rate, lead)
    for first in range(0, n, BLOCK):
        rows = slice(first, min(first + BLOCK, n))
        m = rows.stop - rows.start
        # systems run over lineages, then subjects
        chain = Chain.of(
            transit[rows].T.ravel(),
            feedback[rows].T.ravel(),
            np.tile(stem_share[rows], lineages),
            np.tile(stem_per_d[rows], lineages),
            np.repeat(parameters.circulating_killed, m),
        )
        given, per_Gy = part(rows).dose_until(), effect[rows].T

        def killed(
            t_d: float, given: Callable[[float], Floats] = given, per_Gy: Floats = per_Gy
        ) -> Floats:
            return (per_Gy * given(24.0 * t_d)).ravel()

        counts = relative_counts(chain, killed, since, step_d=step_d)[-time.size :]
        yield rows, counts.reshape(time.size, lineages, m).T * baseline[rows][:, :, None]


def _lead(parameters: MarrowParameters, dose_rate: DoseRate) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(parameters.shape, dose_rate.shape)
    except ValueError:
        raise DataError(
            f"marrow: parameters {parameters.shape} and dose rate {dose_rate.shape} do not fit; "
            "wanted (draw, subject)"
        ) from None


def _parts(dose_rate: DoseRate, lead: tuple[int, ...]) -> Callable[[slice], DoseRate]:
    """Cut rows of the flattened leading axes out of a dose rate."""

    def flat(values: Floats) -> Floats:
        return np.broadcast_to(values, (*lead, values.shape[-1])).reshape(-1, values.shape[-1])

    if dose_rate.is_sampled:
        time_h, curve = dose_rate.samples
        rows = flat(curve)
        return lambda part: DoseRate.sampled(time_h, rows[part])
    amplitude, rate, at, amount = (flat(v) for v in dose_rate.terms)
    return lambda part: DoseRate.of_terms(amplitude[part], rate[part], at[part], amount[part])
