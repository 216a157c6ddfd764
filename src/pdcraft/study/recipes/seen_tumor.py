r"""How a dyed or a positron-emitting tumor stands out: contrast by size and depth.

Closed forms, for comparisons over many sizes and draws; a scene of `pdcraft.optics` computes one
case in full. A dyed sphere of radius R with its top at depth h lies in a half space of one tissue,
lit by a broad beam. The pixel above its center sees

.. math:: C = 1 + \frac{(c_t - c_b)\int_{\text{sphere}}\phi_x(z)\,E_m(a(z),z)\,dz}
                      {(c_b + c_a)\int_0^\infty \phi_x(z)\,E_m(\infty,z)\,dz}

times the brightness of the tissue around it: :math:`\phi_x` fluence at the excitation,
:math:`E_m` escape at the emission through a disk as wide as the sphere there, both by diffusion;
:math:`c_t, c_b` dye in tumor and tissue, :math:`c_a` autofluorescence as dye. Pixels are small
beside the depth; the tumor's own optics are those of the tissue.

With PET the tumor's excess is multiplied by the recovery of a sphere's center under a Gaussian of
the scanner's resolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import Species, host
from pdcraft.numerics.inputs import stream
from pdcraft.optics.dye import catalogue_dye
from pdcraft.optics.material import Optics, tissue
from pdcraft.physics.diffuse_light import broad_beam_fluence, disk_escape
from pdcraft.study.exposure.drug_network import carrier_parameters

__all__ = ["Held", "dye_contrast", "held", "pet_recovery"]

Label = Literal["dye", "iodine"]

NM_PER_NMOL_PER_G = 1e3  # at 1 g/mL
WIDTHS = 2.0 * np.sqrt(2.0 * np.log(2.0))  # FWHM over SD
COLUMN_mm, NODES = 80.0, 128


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Shares of what was given that a gram of tumor and of tissue holds, 1/g, shape (draws,)."""

    tumor_per_g: Floats
    tissue_per_g: Floats


def held(
    species: Species,
    n: int,
    seed: int,
    at_h: float,
    *,
    in_brain: bool = False,
    label: Label = "dye",
) -> Held:
    """Draw what tumor and tissue hold of the calibrated carrier at a time, without decay.

    Parameters
    ----------
    species : {"mouse", "human"}
    n, seed : int
    at_h : float
        After a bolus.
    in_brain : bool
        A glioma in normal brain, in man; else a tumor in the rest of the body.
    label : {"dye", "iodine"}
        Iodine comes off in part; a dye is taken to stay on.
    """
    parameters, _ = carrier_parameters(species, n, seed, payload=label)
    seen = observe(host(species), parameters, label="iodine" if label == "iodine" else "metal")

    def at(region: str) -> Floats:
        terms = seen.terms(region)
        return np.asarray((terms * np.exp(-seen.rates_per_h * at_h)).sum(axis=-1))

    return Held(at("glioma"), at("brain")) if in_brain else Held(at("tumor"), at("remainder"))


def pet_recovery(radius_mm: ArrayLike, resolution_mm: float) -> Floats:
    r"""Share of a uniform sphere's contrast at its center, blurred by a Gaussian.

    :math:`\mathrm{erf}(u) - 2u e^{-u^2}/\sqrt\pi` with :math:`u = R/\sigma\sqrt2`.

    Examples
    --------
    >>> [round(float(x), 2) for x in pet_recovery([1.0, 5.0, 20.0], 5.0)]
    [0.03, 0.86, 1.0]
    """
    from scipy.special import erf

    u = np.asarray(radius_mm, dtype=np.float64) * WIDTHS / (resolution_mm * np.sqrt(2.0))
    return np.asarray(erf(u) - 2.0 * u * np.exp(-(u**2)) / np.sqrt(np.pi))


def dye_contrast(
    dye: str,
    tissue_name: str,
    found: Held,
    amount_nmol: float,
    radius_mm: Floats,
    depth_mm: Floats,
    seed: int,
) -> Floats:
    """Brightness above a dyed sphere over that of the tissue around it.

    Parameters
    ----------
    dye, tissue_name : str
        Of the catalogue and of the table of tissues; optics and autofluorescence are drawn from
        their priors.
    found : Held
    amount_nmol : float
        Given.
    radius_mm, depth_mm : ndarray, shapes (radii,), (depths,)
        Of the sphere; depth of its top.
    seed : int

    Returns
    -------
    ndarray, shape (depths, radii, draws)
    """
    one = catalogue_dye(dye)
    excitation, emission = (float(nm) for nm in one.peaks_nm or (0.0, 0.0))
    base = tissue(tissue_name, excitation_nm=excitation)
    n = found.tumor_per_g.size
    share = {
        p.name: stream(seed, f"sweep.tissue.{p.name}").random(n).clip(1e-6, 1 - 1e-6)
        for p in base.priors
    }
    drawn = [
        base.with_values({p.name: p.quantile(float(share[p.name][i])) for p in base.priors})
        for i in range(n)
    ]
    ex, em = (_both([m.optics(nm) for m in drawn]) for nm in (excitation, emission))
    glow = np.array([m.autofluorescence_nM for m in drawn])
    tumor, around = (
        v * amount_nmol * NM_PER_NMOL_PER_G for v in (found.tumor_per_g, found.tissue_per_g)
    )
    column = _column(ex, em, base.n)
    out = np.empty((depth_mm.size, radius_mm.size, n))
    for i, top in enumerate(depth_mm):
        for j, radius in enumerate(radius_mm):
            excess = (tumor - around) * _sphere(ex, em, base.n, float(top), float(radius))
            out[i, j] = 1.0 + excess / ((around + glow) * column)
    return out


def _both(found: list[Optics]) -> tuple[Floats, Floats]:
    """Absorption and reduced scattering, each of shape (draws, 1)."""
    rows = np.array([[o.mua_per_mm, o.musp_per_mm] for o in found])
    return rows[:, :1], rows[:, 1:]


def _column(ex: tuple[Floats, Floats], em: tuple[Floats, Floats], n: float) -> Floats:
    z, w = _depths(0.0, COLUMN_mm)
    escape = disk_escape(np.inf, z, *em, n)
    return np.asarray((w * broad_beam_fluence(z, *ex, n) * escape).sum(axis=-1))


def _sphere(
    ex: tuple[Floats, Floats], em: tuple[Floats, Floats], n: float, top: float, radius: float
) -> Floats:
    z, w = _depths(top, 2.0 * radius)
    widest = np.sqrt(np.maximum(radius**2 - (z - top - radius) ** 2, 0.0))
    escape = disk_escape(widest, z, *em, n)
    return np.asarray((w * broad_beam_fluence(z, *ex, n) * escape).sum(axis=-1))


def _depths(top: float, length: float) -> tuple[Floats, Floats]:
    """Nodes and weights below a depth, close together near it."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    u = 0.5 * (nodes + 1.0)
    return top + length * u**2, length * u * weights
