"""What matter is made of, as far as radiation can tell."""

from __future__ import annotations

from dataclasses import dataclass

from pdcraft.errors import DataError

__all__ = ["Material"]

SUM_TOLERANCE = 0.005  # printed compositions round to three decimals


@dataclass(frozen=True, slots=True)
class Material:
    """Composition, density and mean excitation energy of a material.

    Parameters
    ----------
    name : str
        ``"water"``, ``"cortical bone ICRU-44"``.
    mass_fractions : tuple of (int, float)
        Atomic number and mass fraction, ascending in atomic number; scaled to sum to 1 exactly.
    density_g_per_mL : float
        Nominal density; voxels may have their own.
    mean_excitation_eV : float
        I-value of the collision stopping power.
    source : str

    Raises
    ------
    DataError
        If fractions do not sum to 1 within 0.5%, or a number is not positive.
    """

    name: str
    mass_fractions: tuple[tuple[int, float], ...]
    density_g_per_mL: float
    mean_excitation_eV: float
    source: str

    def __post_init__(self) -> None:
        total = sum(w for _, w in self.mass_fractions)
        if not abs(total - 1.0) <= SUM_TOLERANCE:
            raise DataError(
                f"material '{self.name}': mass fractions sum to {total:.5g}, they must sum to 1 "
                "within 0.5%; add what is missing"
            )
        for what, value in (
            ("density, g/mL", self.density_g_per_mL),
            ("mean excitation energy, eV", self.mean_excitation_eV),
            *((f"mass fraction of Z = {z}", w) for z, w in self.mass_fractions),
        ):
            if not 0.0 < value < float("inf"):
                raise DataError(
                    f"material '{self.name}': {what} is {value:g}; it must be a number above zero"
                )
        scaled = tuple(sorted((int(z), w / total) for z, w in self.mass_fractions))
        object.__setattr__(self, "mass_fractions", scaled)
