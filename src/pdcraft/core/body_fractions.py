"""The type of a body's specific absorbed fractions: what transport makes and organ doses read.

A specific absorbed fraction is the energy absorbed per gram of a target, per energy emitted in a
source. Everything here belongs to one geometry with its own masses; other masses are a matter of
scaling (`pdcraft.dosimetry.organ_s`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError

__all__ = ["BodyFractions", "Fractions", "MarrowKerma"]


@dataclass(frozen=True, slots=True)
class Fractions:
    """Specific absorbed fractions of one particle, from any source to any target.

    Parameters
    ----------
    energy_keV : ndarray, shape (energies,), ascending
    per_g : ndarray, shape (energies, sources, targets)
        Specific absorbed fractions, 1/g.
    std_err_per_g : ndarray, shape (energies, sources, targets)
        Statistical standard error.
    """

    energy_keV: Floats
    per_g: Floats
    std_err_per_g: Floats

    def __post_init__(self) -> None:
        for name in ("energy_keV", "per_g", "std_err_per_g"):
            object.__setattr__(self, name, frozen(getattr(self, name), name))
        n = len(self.energy_keV)
        if n < 2 or np.any(np.diff(self.energy_keV) <= 0) or self.energy_keV[0] <= 0:
            raise DataError("absorbed fractions: energies must ascend from above zero")
        if self.per_g.ndim != 3 or len(self.per_g) != n or np.any(self.per_g < 0):
            raise DataError(
                "absorbed fractions: per_g is (energies, sources, targets) and not negative"
            )
        if self.std_err_per_g.shape != self.per_g.shape:
            raise DataError("absorbed fractions: every value needs a standard error")


@dataclass(frozen=True, slots=True)
class MarrowKerma:
    """Photon kerma in red marrow that lies in the body's bones, resolved by photon energy.

    The kerma (in keV/g per keV emitted, so 1/g) that photons of each energy bin would give to red
    marrow, averaged over the bones by their share of it. A response function of the photon
    energy turns it into the dose to marrow or endosteum: multiply by the function's ratio to plain
    kerma, sum over bins.

    Parameters
    ----------
    bin_keV : ndarray, shape (bins + 1,)
        Edges of the bins of the energy that a photon has in the bone.
    per_g : ndarray, shape (energies, sources, bins)
        On the photons' energies and sources of `BodyFractions`.
    std_err_per_g : ndarray, shape (energies, sources)
        Of the sum over bins.
    """

    bin_keV: Floats
    per_g: Floats
    std_err_per_g: Floats

    def __post_init__(self) -> None:
        for name in ("bin_keV", "per_g", "std_err_per_g"):
            object.__setattr__(self, name, frozen(getattr(self, name), name))
        if self.per_g.ndim != 3 or self.per_g.shape[2] != len(self.bin_keV) - 1:
            raise DataError("marrow kerma: per_g is (energies, sources, bins)")
        if self.std_err_per_g.shape != self.per_g.shape[:2]:
            raise DataError("marrow kerma: std_err_per_g is (energies, sources)")


@dataclass(frozen=True, slots=True)
class BodyFractions:
    """All specific absorbed fractions of one body in its own geometry.

    Parameters
    ----------
    body : str
        Name of the `pdcraft.core.body.Body`.
    sources : tuple of str
        Every region of the body that is no bone, ``skeleton`` (evenly over the bones' volume) and,
        where its place is known, ``red_marrow`` (bones by their share of it). What consists of
        several (``total_body``) is their mean by mass.
    targets : tuple of str
        Every region of the body, bones one by one.
    target_mass_g : ndarray, shape (targets,)
        Masses of the geometry.
    source_mass_g : ndarray, shape (sources,)
        Masses of the geometry; of ``red_marrow`` the mass of its bones.
    photon, electron : Fractions
        Below the lowest energy all is absorbed in the source. Electron fractions of ``skeleton``
        and ``red_marrow`` are those of homogeneous bone: marrow has models of its own.
    marrow : MarrowKerma or None
    made_by : str
        The command and the histories.
    """

    body: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    target_mass_g: Floats
    source_mass_g: Floats
    photon: Fractions
    electron: Fractions
    marrow: MarrowKerma | None
    made_by: str

    def __post_init__(self) -> None:
        for name in ("target_mass_g", "source_mass_g"):
            object.__setattr__(self, name, frozen(getattr(self, name), name))
        shape = (len(self.sources), len(self.targets))
        for particle in (self.photon, self.electron):
            if particle.per_g.shape[1:] != shape:
                raise DataError(
                    f"{self.body}: fractions of {particle.per_g.shape[1:]} sources and targets, "
                    f"names of {shape}"
                )
        if self.target_mass_g.shape != shape[1:] or self.source_mass_g.shape != shape[:1]:
            raise DataError(f"{self.body}: every source and every target needs a mass")
        if self.marrow is not None and self.marrow.per_g.shape[:2] != self.photon.per_g.shape[:2]:
            raise DataError(f"{self.body}: marrow kerma belongs to the photons' energies")
