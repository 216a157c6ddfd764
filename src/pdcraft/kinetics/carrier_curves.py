r"""Time courses from a carrier file, in draws.

Plasma: :math:`c(t) = C_{max}[w e^{-\alpha t} + (1-w) e^{-\beta t}]` of the carrier's mass, with
:math:`w` solved in each draw so that the area to the last sample equals the drawn AUC. The
published terminal half-life, Cmax and AUC alone exclude a single exponential.

Tissue: :math:`u\,(e^{-\lambda_b t} - e^{-\lambda_u t})` per gram, with :math:`u` such that with the
mouse study's nuclide the integral equals the published one, then scaled by body mass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import ConvergenceError
from pdcraft.kinetics.carrier_file import UNITS, CarrierFile, Parameter, Tissue

__all__ = ["CarrierCurves", "carrier_curves", "fast_share", "tissue_amplitude"]

LN2 = float(np.log(2))
OVERSAMPLE = 4  # joint draws tried per draw wanted, to discard those without a solution


def fast_share(c_max: Floats, auc: Floats, auc_to_h: float, fast: Floats, slow: Floats) -> Floats:
    r"""Share `w` of the fast term of a bi-exponential with a given maximum and area.

    :math:`AUC/C_{max} = w I_\alpha + (1-w) I_\beta` with
    :math:`I_k = (1 - e^{-kT})/k`, so :math:`w = (I_\beta - AUC/C_{max})/(I_\beta - I_\alpha)`.

    Parameters
    ----------
    c_max, auc : ndarray
        ng/mL and ng·h/mL (or any two units whose ratio is hours).
    auc_to_h : float
        End of the area, h.
    fast, slow : ndarray
        Rates, 1/h, fast > slow.

    Returns
    -------
    ndarray
        Outside 0..1 there is no such curve.
    """
    integral_fast = -np.expm1(-fast * auc_to_h) / fast
    integral_slow = -np.expm1(-slow * auc_to_h) / slow
    return (integral_slow - auc / c_max) / (integral_slow - integral_fast)


def tissue_amplitude(integral: Floats, decay: float, retention: Floats, uptake: Floats) -> Floats:
    r"""Amplitude `u` per gram for a measured time-integrated concentration.

    :math:`\int u(e^{-\lambda_b t}-e^{-\lambda_u t})e^{-\lambda_p t}dt = u[1/(\lambda_b+\lambda_p) -
    1/(\lambda_u+\lambda_p)]`; all rates in 1/h, `integral` in h/g.
    """
    return integral / (1 / (retention + decay) - 1 / (uptake + decay))


@dataclass(frozen=True, slots=True)
class CarrierCurves:
    """Time courses without decay, the named inputs behind them, and the share of draws discarded.

    `tissues` are per gram, `plasma` per milliliter, `whole_body` a fraction of the amount given.
    """

    plasma: TimeCourse
    tissues: TimeCourse
    whole_body: TimeCourse
    inputs: Mapping[str, Floats]
    rejected_share: float


def carrier_curves(
    carrier: CarrierFile,
    half_lives_h: Mapping[str, float],
    seed: int,
    n: int,
    draws: str,
    body_mass_g: float | None = None,
) -> CarrierCurves:
    """Draw the time courses of a carrier file.

    Parameters
    ----------
    carrier : CarrierFile
    half_lives_h : mapping of str to float
        Physical half-lives of the nuclides that the file's mouse integrals were measured with.
    seed, n : int
    draws : str
        Name of the draw set.
    body_mass_g : float, optional
        Of the host; the carrier file's own by default.

    Raises
    ------
    ConvergenceError
        If fewer than one joint draw in four has a bi-exponential solution.
    """
    inputs = {
        name: _draw(name, parameter, seed, n * OVERSAMPLE)
        for name, parameter in carrier.parameters()
    }
    slow = LN2 / inputs["kinetics.plasma.terminal_half_life"]
    fast = LN2 / inputs["kinetics.plasma.fast_half_life"]
    share = fast_share(
        inputs["kinetics.plasma.c_max"],
        inputs["kinetics.plasma.auc"],
        carrier.plasma.auc_to,
        fast,
        slow,
    )
    good = (share > 0) & (share < 1) & (fast > slow)
    for tissue in carrier.tissue:
        prefix = f"kinetics.{tissue.region}."
        good &= inputs[prefix + "uptake_half_life"] < inputs[prefix + "retention_half_life"]
    keep = np.flatnonzero(good)[:n]
    if keep.size < n:
        raise ConvergenceError(
            f"only {good.mean():.0%} of the joint draws of half-life, Cmax and AUC have a "
            "bi-exponential curve; the three numbers contradict each other"
        )
    inputs = {name: values[keep] for name, values in inputs.items()}
    share, slow, fast = share[keep], slow[keep], fast[keep]
    per_mL = 1 / inputs["kinetics.plasma.initial_volume"]
    plasma = _terms(
        ("plasma",),
        "amount_fraction_per_mL",
        draws,
        np.stack([per_mL * share, per_mL * (1 - share)], axis=-1)[:, None],
        np.stack([fast, slow], axis=-1)[:, None],
    )
    curves = [
        _tissue(t, body_mass_g or carrier.body_mass, half_lives_h, inputs) for t in carrier.tissue
    ]
    tissues = _terms(
        tuple(t.region for t in carrier.tissue),
        "amount_fraction_per_g",
        draws,
        np.stack([c for c, _ in curves], axis=1),
        np.stack([r for _, r in curves], axis=1),
    )
    body_rate = LN2 / inputs["kinetics.whole_body.retention_half_life"]
    whole_body = _terms(
        ("total_body",),
        "amount_fraction",
        draws,
        np.ones((n, 1, 1)),
        body_rate[:, None, None],
    )
    discarded = 1 - float(good.mean())
    return CarrierCurves(plasma, tissues, whole_body, inputs, discarded)


def _draw(name: str, parameter: Parameter, seed: int, n: int) -> Floats:
    return parameter.uncertain(name, UNITS[name.rsplit(".", 1)[1]]).draw(seed, n)


def _tissue(
    tissue: Tissue,
    body_mass_g: float,
    half_lives_h: Mapping[str, float],
    inputs: Mapping[str, Floats],
) -> tuple[Floats, Floats]:
    prefix = f"kinetics.{tissue.region}."
    retention = LN2 / inputs[prefix + "retention_half_life"]
    uptake = LN2 / inputs[prefix + "uptake_half_life"]
    decay = LN2 / half_lives_h[tissue.mouse_nuclide]
    per_g = tissue_amplitude(inputs[prefix + "mouse_integral"], decay, retention, uptake)
    mouse_g = inputs[prefix + "mouse_body_mass"]
    scaled = per_g * mouse_g / body_mass_g * inputs[prefix + "species_factor"]
    return np.stack([scaled, -scaled], axis=-1), np.stack([retention, uptake], axis=-1)


def _terms(
    regions: tuple[str, ...], kind: str, draws: str, coefficients: Floats, rates: Floats
) -> TimeCourse:
    """Time course from arrays of shape (draw, region, term)."""
    return TimeCourse(
        regions,
        QUANTITIES[kind],
        draws,
        coefficients=coefficients[:, None],
        rates_per_h=rates[:, None],
    )
