"""Samplers of single interactions: energies and angles, each from its cited law.

Energies in keV, angles as cosines. ``rng`` is a stream of `pdcraft.transport.rng`. The laws as
densities stand in `pdcraft.physics`; tests hold each sampler to its density by chi-square.

References
----------
.. [PEN] F. Salvat, PENELOPE-2018: A Code System for Monte Carlo Simulation of Electron and Photon
   Transport, OECD/NEA (2019), chapters 2 and 3: rejection schemes for these laws.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.rng import uniform

__all__ = [
    "annihilation_in_flight",
    "azimuth",
    "bhabha_loss_keV",
    "compton_electron_cosine",
    "deflect",
    "dipole_cosine",
    "isotropic",
    "klein_nishina",
    "moller_cosines",
    "moller_loss_keV",
    "sauter_cosine",
    "soft_deflection",
]

M = ELECTRON_REST_keV


@inlined
def azimuth(rng: NDArray[np.uint64]) -> tuple[float, float]:
    """Draw the cosine and the sine of a uniform angle (from a point in the unit disc)."""
    while True:
        x, y = 2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0
        r2 = x * x + y * y
        if r2 <= 1.0:
            return (x * x - y * y) / r2, 2.0 * x * y / r2


@inlined
def isotropic(rng: NDArray[np.uint64]) -> tuple[float, float, float]:
    """Draw a direction."""
    w = 2.0 * uniform(rng) - 1.0
    s = math.sqrt(1.0 - w * w)
    c, d = azimuth(rng)
    return s * c, s * d, w


@inlined
def deflect(
    u: float, v: float, w: float, cos_theta: float, c: float, s: float
) -> tuple[float, float, float]:
    """Turn a direction by a polar angle and an azimuth of cosine c and sine s."""
    sin2 = 1.0 - cos_theta * cos_theta
    sin_theta = math.sqrt(sin2) if sin2 > 0.0 else 0.0
    across2 = u * u + v * v
    if across2 < 1e-20:
        return sin_theta * c, sin_theta * s, (cos_theta if w > 0.0 else -cos_theta)
    across = math.sqrt(across2)
    a = sin_theta / across
    x = u * cos_theta + a * (u * w * c - v * s)
    y = v * cos_theta + a * (v * w * c + u * s)
    z = w * cos_theta - across * sin_theta * c
    scale = 1.0 / math.sqrt(x * x + y * y + z * z)
    return x * scale, y * scale, z * scale


@kernel
def klein_nishina(energy_keV: float, rng: NDArray[np.uint64]) -> tuple[float, float]:
    """Draw (kept fraction of energy, cosine) of Compton scattering on a free electron.

    Composition and rejection in the kept fraction, efficient at all energies [PEN]_.
    """
    k = energy_keV / M
    lowest = 1.0 / (1.0 + 2.0 * k)
    log_part = -math.log(lowest)
    square_part = 0.5 * (1.0 - lowest * lowest)
    while True:
        if uniform(rng) * (log_part + square_part) < log_part:
            kept = lowest * math.exp(log_part * uniform(rng))
        else:
            kept = math.sqrt(lowest * lowest + 2.0 * square_part * uniform(rng))
        one_minus = (1.0 - kept) / (k * kept)
        sin2 = one_minus * (2.0 - one_minus)
        if uniform(rng) <= 1.0 - kept * sin2 / (1.0 + kept * kept):
            return kept, 1.0 - one_minus


@kernel
def compton_electron_cosine(energy_keV: float, kept: float, cos_theta: float) -> float:
    """Cosine of the recoil electron from the momenta of the two photons."""
    transfer = energy_keV * (1.0 - kept)
    if transfer <= 0.0:
        return 0.0
    momentum = math.sqrt(transfer * (transfer + 2.0 * M))
    cosine = energy_keV * (1.0 - kept * cos_theta) / momentum
    return min(1.0, max(-1.0, cosine))


@kernel
def sauter_cosine(electron_keV: float, rng: NDArray[np.uint64]) -> float:
    """Draw the cosine of a photoelectron to the photon: Sauter's K-shell distribution [PEN]_."""
    gamma = 1.0 + electron_keV / M
    beta = math.sqrt(1.0 - 1.0 / (gamma * gamma))
    a = 1.0 / beta - 1.0
    b = 0.5 * beta * gamma * (gamma - 1.0) * (gamma - 2.0)
    top = 2.0 * (1.0 / a + b)
    while True:
        q = uniform(rng)
        nu = 2.0 * a * (2.0 * q + (a + 2.0) * math.sqrt(q)) / ((a + 2.0) * (a + 2.0) - 4.0 * q)
        if uniform(rng) * top <= (2.0 - nu) * (1.0 / (a + nu) + b):
            return 1.0 - nu


@kernel
def moller_loss_keV(energy_keV: float, cut_keV: float, rng: NDArray[np.uint64]) -> float:
    """Draw the energy of the slower electron after a Moller collision, cut to half the energy."""
    gamma = 1.0 + energy_keV / M
    a = ((gamma - 1.0) / gamma) ** 2
    lowest = cut_keV / energy_keV
    top = 1.0 + 1.25 * a
    while True:
        kappa = lowest / (1.0 - (1.0 - 2.0 * lowest) * uniform(rng))
        r = kappa / (1.0 - kappa)
        if uniform(rng) * top <= 1.0 + r * r - (1.0 - a) * r + a * kappa * kappa:
            return kappa * energy_keV


@kernel
def bhabha_loss_keV(energy_keV: float, cut_keV: float, rng: NDArray[np.uint64]) -> float:
    """Draw the energy lost by a positron to an electron (Bhabha), from the cut to all."""
    gamma = 1.0 + energy_keV / M
    plus2 = (gamma + 1.0) ** 2
    a = ((gamma - 1.0) / gamma) ** 2
    b1 = a * (2.0 * plus2 - 1.0) / (gamma * gamma - 1.0)
    b2 = a * (3.0 * plus2 + 1.0) / plus2
    b3 = a * 2.0 * gamma * (gamma - 1.0) / plus2
    b4 = a * (gamma - 1.0) ** 2 / plus2
    lowest = cut_keV / energy_keV
    while True:
        kappa = lowest / (1.0 - (1.0 - lowest) * uniform(rng))
        if uniform(rng) <= 1.0 - kappa * (b1 - kappa * (b2 - kappa * (b3 - kappa * b4))):
            return kappa * energy_keV


@kernel
def moller_cosines(energy_keV: float, loss_keV: float) -> tuple[float, float]:
    """Cosines of the faster and the slower particle after a collision with a free electron."""
    left = energy_keV - loss_keV
    fast2 = left * (energy_keV + 2.0 * M) / (energy_keV * (left + 2.0 * M))
    slow2 = loss_keV * (energy_keV + 2.0 * M) / (energy_keV * (loss_keV + 2.0 * M))
    return math.sqrt(min(1.0, max(0.0, fast2))), math.sqrt(min(1.0, slow2))


@kernel
def dipole_cosine(energy_keV: float, rng: NDArray[np.uint64]) -> float:
    """Draw the cosine of a bremsstrahlung photon: a dipole's, boosted to the electron's speed."""
    gamma = 1.0 + energy_keV / M
    beta = math.sqrt(1.0 - 1.0 / (gamma * gamma))
    while True:
        c = 2.0 * uniform(rng) - 1.0
        if 2.0 * uniform(rng) <= 1.0 + c * c:
            return (c + beta) / (1.0 + beta * c)


@kernel
def annihilation_in_flight(
    energy_keV: float, rng: NDArray[np.uint64]
) -> tuple[float, float, float, float]:
    """Draw the two photons of an annihilation in flight (Heitler): energies and cosines [PEN]_."""
    gamma = 1.0 + energy_keV / M
    momentum = math.sqrt(gamma * gamma - 1.0)
    lowest = 1.0 / (gamma + 1.0 + momentum)
    span = math.log((1.0 - lowest) / lowest)
    middle = gamma * gamma + 4.0 * gamma + 1.0
    plus2 = (gamma + 1.0) ** 2
    top = gamma * gamma + 2.0 * gamma - 1.0
    while True:
        zeta = lowest * math.exp(span * uniform(rng))
        if uniform(rng) * top <= middle - plus2 * zeta - 1.0 / zeta:
            break
    if zeta > 0.5:
        zeta = 1.0 - zeta
    total = energy_keV + 2.0 * M
    first = (gamma + 1.0 - 1.0 / zeta) / momentum
    second = (gamma + 1.0 - 1.0 / (1.0 - zeta)) / momentum
    return (
        zeta * total,
        min(1.0, max(-1.0, first)),
        (1.0 - zeta) * total,
        min(1.0, max(-1.0, second)),
    )


@inlined
def soft_deflection(first: float, second: float, rng: NDArray[np.uint64]) -> float:
    """Draw the cosine of many soft deflections at once, from their first two moments.

    Two uniform pieces in mu = (1 - cos) / 2 whose mean and mean square are those of multiple
    scattering over ``first = s/lambda_1`` and ``second = s/lambda_2`` [PEN]_.
    """
    mean = -0.5 * math.expm1(-first)
    if mean > 0.49:  # so many that no direction is left
        return 2.0 * uniform(rng) - 1.0
    square = mean + math.expm1(-second) / 6.0
    b = (2.0 * mean - 3.0 * square) / (1.0 - 2.0 * mean)
    b = min(1.0, max(0.0, b))
    a = 1.0 - 2.0 * mean + b
    q = uniform(rng)
    mu = b * q / a if q < a else b + (1.0 - b) * (q - a) / (1.0 - a)
    return 1.0 - 2.0 * min(1.0, max(0.0, mu))
