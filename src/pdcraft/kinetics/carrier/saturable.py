r"""Rafts that fill up: trapping by the tumor slows as its rafts are taken.

.. math:: \dot R = (U/K)\,C_m\,(1 - R/R_{max}) - R/\tau

per gram of tumor, with the membrane's content :math:`C_m` and a capacity :math:`R_{max}` in the
mass of carrier per gram. For tracer masses it is the linear model. Nothing published says how
large the capacity is: it is an option, off by default.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import ConvergenceError, PhysicsRangeError
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import Host

__all__ = ["saturable_tumor_ng_per_g"]


def saturable_tumor_ng_per_g(
    host: Host,
    parameters: Mapping[str, float],
    time_h: ArrayLike,
    *,
    given_ug: float,
    capacity_ng_per_g: float,
) -> Floats:
    """Carrier in a tumor of tracer mass whose rafts can fill.

    Parameters
    ----------
    host : Host
    parameters : mapping of str to float
        One draw of all parameters of the species.
    time_h : array_like, shape (times,)
    given_ug : float
        Mass of carrier injected.
    capacity_ng_per_g : float
        Most that rafts and what lies behind them hold.

    Returns
    -------
    ndarray, shape (times,)
        ng per g of tumor, without decay; relative error about 1e-6.

    Raises
    ------
    PhysicsRangeError
        If the capacity or mass is not positive.
    ConvergenceError
        If the integration fails.
    """
    from scipy.integrate import solve_ivp

    if not (given_ug > 0 and capacity_ng_per_g > 0):
        raise PhysicsRangeError(
            f"mass {given_ug} ug and capacity {capacity_ng_per_g} ng/g are more than zero; "
            "for rafts that never fill use the linear model"
        )
    times = np.atleast_1d(np.asarray(time_h, dtype=float))
    batch = {name: np.array([value]) for name, value in parameters.items()}
    seen = observe(host, batch)
    plasma, rates = 1000.0 * given_ug * seen.terms("plasma")[0], seen.rates_per_h[0]
    out = 1 / parameters["exchange_h"]
    partition = parameters["tumor_partition_mL_per_g"]
    into = parameters["tumor_trapping_mL_per_g_h"] / partition
    leave = 1 / parameters["tumor_retention_h"]

    def slopes(t: float, y: Floats) -> list[float]:
        supply = partition * out * float(plasma @ np.exp(-rates * t))
        trapped = into * y[0] * (1 - y[1] / capacity_ng_per_g)
        freed = leave * y[1]
        return [supply - out * y[0] - trapped + freed, trapped - freed]

    scale = float(plasma.sum()) * partition
    solution = solve_ivp(
        slopes, (0.0, float(times.max())), [0.0, 0.0], method="LSODA", t_eval=np.unique(times),
        rtol=1e-8, atol=1e-10 * scale,
    )  # fmt: skip
    if not solution.success:
        raise ConvergenceError(f"saturable tumor: {solution.message}")
    total = solution.y.sum(axis=0)
    return total[np.searchsorted(solution.t, times)]
