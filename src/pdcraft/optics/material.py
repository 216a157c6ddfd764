"""Materials of a scene: absorption, scattering, anisotropy and index at any wavelength it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.optics.chromophores import FAT_MEASURED_FROM_nm
from pdcraft.data.optics.tissues import tissue_row, tissue_table
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.prior import Kind, Prior, read_prior
from pdcraft.optics.spectra import Spectrum
from pdcraft.optics.tissue import FRACTIONS, Chromophores, PowerLaw

__all__ = ["Declared", "Material", "Optics", "tissue"]

NEAR_INFRARED_nm = 600.0  # excitation from which autofluorescence is that of the near infrared


@dataclass(frozen=True, slots=True)
class Optics:
    """Optical properties at one wavelength."""

    mua_per_mm: float
    mus_per_mm: float
    g: float
    n: float

    @property
    def musp_per_mm(self) -> float:
        """Reduced scattering coefficient."""
        return self.mus_per_mm * (1.0 - self.g)


@dataclass(frozen=True, slots=True)
class Declared:
    """A coefficient as a scene states it: one value for all wavelengths, or a table."""

    value: float | Spectrum
    factor: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.value, Spectrum) and not (
            np.isfinite(self.value) and self.value >= 0.0
        ):
            raise PhysicsRangeError(f"a coefficient of {self.value:g} /mm: it is not negative")

    def at(self, wavelength_nm: ArrayLike) -> Floats:
        """Coefficient, 1/mm.

        Raises
        ------
        PhysicsRangeError
            Outside a table.
        """
        if isinstance(self.value, Spectrum):
            return self.factor * self.value.at(wavelength_nm)
        shape = np.shape(wavelength_nm)
        return np.full(shape, self.factor * self.value)


@dataclass(frozen=True, slots=True)
class Material:
    """What a region is made of, for light.

    Parameters
    ----------
    name : str
    absorption : Chromophores or Declared
    scattering : PowerLaw or Declared
        A power law and `reduced` declared values are reduced scattering.
    g : float
        Mean cosine of scattering, between -1 and 1.
    n : float
        Refractive index, 1 or more.
    autofluorescence_nM : float
        Dye-equivalent: as bright as that concentration of the scene's dye. It does not absorb.
    priors : tuple of Prior
        Named after what `with_values` takes: ``blood_volume``, ``saturation``, ``water``, ``fat``,
        ``melanosome``, ``scattering``, ``power``, ``mua``, ``mus``, ``g``, ``n``,
        ``autofluorescence``.
    assumed, sources : tuple of str

    Raises
    ------
    PhysicsRangeError
        For g, n or autofluorescence out of range.
    """

    name: str
    absorption: Chromophores | Declared
    scattering: PowerLaw | Declared
    g: float
    n: float
    reduced: bool = True
    autofluorescence_nM: float = 0.0
    priors: tuple[Prior, ...] = ()
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not -1.0 < self.g < 1.0:
            raise PhysicsRangeError(
                f"{self.name}: g = {self.g:g}: the mean cosine of scattering lies between -1 and 1"
            )
        if not 1.0 <= self.n < 5.0:
            raise PhysicsRangeError(f"{self.name}: n = {self.n:g}: an index of matter is 1 or more")
        if not (np.isfinite(self.autofluorescence_nM) and self.autofluorescence_nM >= 0.0):
            raise PhysicsRangeError(
                f"{self.name}: autofluorescence of {self.autofluorescence_nM:g} nM is negative"
            )

    def optics(self, wavelength_nm: float) -> Optics:
        """Properties at a wavelength, without any dye.

        Raises
        ------
        PhysicsRangeError
            Outside a table that the material rests on.
        """
        if isinstance(self.absorption, Chromophores):
            mua = float(self.absorption.mua_per_mm(wavelength_nm))
        else:
            mua = float(self.absorption.at(wavelength_nm))
        if isinstance(self.scattering, PowerLaw):
            mus = float(self.scattering.musp_per_mm(wavelength_nm))
        else:
            mus = float(self.scattering.at(wavelength_nm))
        return Optics(mua, mus / (1.0 - self.g) if self.reduced else mus, self.g, self.n)

    @property
    def varies(self) -> bool:
        """Whether its properties change with the wavelength."""
        constant = (self.absorption, self.scattering)
        return not all(
            isinstance(c, Declared) and not isinstance(c.value, Spectrum) for c in constant
        )

    def with_values(self, values: Mapping[str, float]) -> Material:
        """Return the material with drawn values of its priors.

        ``mua`` and ``mus`` are factors on what the scene declared; ``scattering`` is the reduced
        scattering at 500 nm per mm; a drawn g keeps the reduced scattering.
        """
        new: dict[str, Any] = {}
        shares = {k: v for k, v in values.items() if k in FRACTIONS}
        if shares and isinstance(self.absorption, Chromophores):
            new["absorption"] = self.absorption.changed(**shares)
        if "mua" in values and isinstance(self.absorption, Declared):
            new["absorption"] = replace(self.absorption, factor=values["mua"])
        factor = values.get("mus", 1.0)
        if isinstance(self.scattering, PowerLaw):
            at_500 = values.get("scattering", self.scattering.at_500_nm_per_mm) * factor
            new["scattering"] = PowerLaw(at_500, values.get("power", self.scattering.power))
        else:
            new["scattering"] = replace(self.scattering, factor=factor * self._kept(values))
        new["g"] = values.get("g", self.g)
        new["n"] = values.get("n", self.n)
        new["autofluorescence_nM"] = values.get("autofluorescence", self.autofluorescence_nM)
        return replace(self, **new)

    def _kept(self, values: Mapping[str, float]) -> float:
        """Factor on a declared mus that keeps the reduced scattering when g is drawn."""
        if self.reduced or "g" not in values:
            return 1.0
        return (1.0 - self.g) / (1.0 - values["g"])


def tissue(
    kind: str,
    name: str | None = None,
    excitation_nm: float = 780.0,
    **given: float,
) -> Material:
    """Material of the package's table of tissues.

    Parameters
    ----------
    kind : str
        Row of the table: ``"brain"``.
    name : str, optional
        Name of the material; the row's by default.
    excitation_nm : float
        Decides the default of autofluorescence.
    **given : float
        Values that stand for the table's, without spread: ``blood_volume``, ``saturation``,
        ``water``, ``fat``, ``melanosome``, ``scattering``, ``power``, ``g``, ``n``,
        ``autofluorescence`` (nM).

    Raises
    ------
    DataError
        For an unknown tissue.
    PhysicsRangeError
        For values that cannot be.

    Examples
    --------
    >>> brain = tissue("brain")
    >>> round(brain.optics(780.0).musp_per_mm, 3)
    1.182
    """
    found, row = tissue_row(kind)
    table = tissue_table()
    glow = "visible" if excitation_nm < NEAR_INFRARED_nm else "near_infrared"
    rows: dict[str, Any] = {
        "melanosome": {"value": 0.0, "low": 0.0, "high": 0.0},
        "g": table["g"],
        "n": table["n"],
        "autofluorescence": table[f"autofluorescence_{glow}"],
        **{k: v for k, v in row.items() if k not in ("words", "table", "source")},
    }
    measured = row.get("table")
    if measured is not None:
        del rows["melanosome"]
        _no_shares(found, given)
    values = {k: given.get(k, float(r["value"])) for k, r in rows.items()}
    label = name or found
    priors = tuple(
        read_prior(k, _kind(k), r)
        for k, r in rows.items()
        if k not in given and not (k == "melanosome" and values[k] == 0.0)
    )
    assumed = [
        f"{label}: {k} = {values[k]:g}"
        for k, r in rows.items()
        if k not in given and r.get("grade") != "published" and values[k]
        if k not in ("mua", "mus")  # factors of 1
    ]
    if values.get("fat"):
        assumed.append(
            f"{label}: fat absorbs below {FAT_MEASURED_FROM_nm:g} nm as at {FAT_MEASURED_FROM_nm:g}"
            " nm"
        )
    sources = {r["source"] for k, r in rows.items() if "source" in r and k not in given}
    absorption: Chromophores | Declared
    scattering: PowerLaw | Declared
    if measured is not None:
        nm, mua, musp = np.array(measured).T
        absorption = Declared(Spectrum(nm, mua, f"absorption of {found}", edge="stop"))
        scattering = Declared(Spectrum(nm, musp, f"scattering of {found}", edge="stop"))
        sources.add(row["source"])
    else:
        absorption = Chromophores(
            **{k: values[k] for k in FRACTIONS}, hemoglobin_g_per_L=table["hemoglobin_g_per_L"]
        )
        scattering = PowerLaw(values["scattering"], values["power"])
    return Material(
        label,
        absorption,
        scattering,
        values["g"],
        values["n"],
        autofluorescence_nM=values["autofluorescence"],
        priors=priors,
        assumed=tuple(assumed),
        sources=tuple(table["source"][s]["text"] for s in sorted(sources)),
    )


def _no_shares(tissue_name: str, given: Mapping[str, float]) -> None:
    """Refuse shares of chromophores for a tissue whose absorption is measured as a whole."""
    shares = [k for k in given if k in FRACTIONS]
    if shares:
        raise DataError(
            f"{tissue_name}: {', '.join(shares)}: its absorption is a measured curve; state mua, "
            "or take a tissue of chromophores, e.g. brain"
        )


def _kind(name: str) -> Kind:
    if name in (*FRACTIONS, "mua"):
        return "absorption"
    return "autofluorescence" if name == "autofluorescence" else "scattering"
