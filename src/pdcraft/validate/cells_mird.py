"""The MIRD cellular convention by direct integrals, apart from the package's own kernels.

Geometric factors by case, as MIRDcell's public source (jw526/MIRDcellV3, commit 7bf977c) has them,
with Cole's losses along a straight track, by adaptive quadrature.
"""

from __future__ import annotations

import itertools

from pdcraft.physics.cole import loss_keV_per_um, range_um

__all__ = ["absorbed_by_quadrature_keV"]


def _self_factor(x: float, radius: float) -> float:
    return max(0.0, 1.0 - 0.75 * x / radius + x**3 / (16.0 * radius**3)) if x < 2 * radius else 0.0


def _surface_factor(x: float, nucleus: float, cell: float) -> float:
    if not cell - nucleus <= x <= cell + nucleus or x <= 0.0:
        return 0.0
    return (2.0 * x * cell - cell**2 - x**2 + nucleus**2) / (4.0 * x * cell)


def _cytoplasm_factor(x: float, n: float, c: float) -> float:
    q = 3.0 / (4.0 * x * (c**3 - n**3))
    near = q * x**2 * (n**2 - x**2 / 12.0)
    far = (q / 12.0) * (
        x**4
        - 3.0 * (c**4 + n**4)
        + 6.0 * (c**2 * n**2 - x**2 * n**2 - x**2 * c**2)
        + 8.0 * x * (c**3 + n**3)
    )
    if x > c + n:
        return 0.0
    if c < 3.0 * n:
        if x <= c - n:
            return near
        if x > 2.0 * n:
            return far
        return q * (
            0.5 * (c**2 - n**2) * (n**2 - x**2)
            + 2.0 / 3.0 * x * (c**3 - n**3)
            - 0.25 * (c**4 - n**4)
        )
    if x <= 2.0 * n:
        return near
    return n**3 / (c**3 - n**3) if x <= c - n else far


def absorbed_by_quadrature_keV(
    energy_keV: float, target: str, source: str, cell_um: float, nucleus_um: float
) -> float:
    """Energy that a target absorbs per electron of a source.

    Parameters
    ----------
    energy_keV : float
    target, source : str
        Nucleus from nucleus, cytoplasm or cell_surface; cell from cell or cell_surface.
    cell_um, nucleus_um : float
        Radii.
    """
    from scipy.integrate import quad

    length = float(range_um(energy_keV))

    def factor(x: float) -> float:
        if source == "cytoplasm":
            return _cytoplasm_factor(x, nucleus_um, cell_um)
        if source == "cell_surface":
            return _surface_factor(x, nucleus_um if target == "nucleus" else cell_um, cell_um)
        return _self_factor(x, nucleus_um if target == "nucleus" else cell_um)

    edges = {cell_um - nucleus_um, cell_um + nucleus_um, 2 * nucleus_um, 2 * cell_um}
    edges |= {length - 0.0038, length - 0.02, 0.1 * length, 0.9 * length, 0.99 * length}
    at = [1e-12, *sorted(e for e in edges if 1e-12 < e < length), length]

    def loss(x: float) -> float:
        return float(loss_keV_per_um(length - x))

    total = whole = 0.0
    for low, high in itertools.pairwise(at):
        total += quad(lambda x: loss(x) * factor(x), low, high, epsrel=1e-9, epsabs=0.0)[0]
        whole += quad(loss, low, high, epsrel=1e-9, epsabs=0.0)[0]
    return total * min(1.0, energy_keV / whole)
