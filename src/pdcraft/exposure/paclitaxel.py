"""Paclitaxel in draws: free drug, tumor and marrow of a species, and its formulations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.exposure.chain import plain_chain
from pdcraft.exposure.drug import FreeDrug, TissueExchange
from pdcraft.exposure.vehicle import Vehicle
from pdcraft.numerics.inputs import stream

__all__ = ["DrugDraws", "paclitaxel", "paclitaxel_citations"]

Species = Literal["mouse", "human"]
MOUSE_g = 22.0
ML_PER_L = 1000.0
NG_PER_MG = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class DrugDraws:
    """Draws of what is not known of a drug in a species.

    Parameters
    ----------
    free : FreeDrug
        Without a vehicle: what a linker sets free, or albumin-bound.
    plain : FreeDrug
        Given with the vehicle. In man the vehicle's part comes on top, see `vehicle`.
    tumor, marrow : TissueExchange
    vehicle : Vehicle or None
        In man.
    albumin_gain : ndarray, shape (draws,)
        Factor of the albumin-bound form on what enters the tumor.
    inputs : mapping of str to ndarray, shape (draws,)
        What was drawn, by name.
    """

    free: FreeDrug
    plain: FreeDrug
    tumor: TissueExchange
    marrow: TissueExchange
    vehicle: Vehicle | None
    albumin_gain: Floats
    inputs: Mapping[str, Floats]


def paclitaxel(species: Species, n: int, seed: int, *, body_mass_g: float = MOUSE_g) -> DrugDraws:
    """Draw paclitaxel's kinetics.

    Parameters
    ----------
    species : {"mouse", "human"}
    n : int
        Draws.
    seed : int
    body_mass_g : float
        Of the mouse; the patient is the published typical one.

    Examples
    --------
    >>> drug = paclitaxel("mouse", 100, 1)
    >>> drug.plain.species, drug.free.central_mL.shape
    ('mouse', (100,))
    """
    table = load_toml("exposure", "paclitaxel.toml")
    inputs: dict[str, Floats] = {}

    def draw(name: str, log_sd: float, median: float = 1.0, unit: Floats | None = None) -> Floats:
        z = stream(seed, f"exposure.{name}").standard_normal(n) if unit is None else unit
        inputs[f"exposure.{name}"] = median * np.exp(log_sd * z)
        return inputs[f"exposure.{name}"]

    free, plain = _mouse(table, body_mass_g, draw)
    tumor = _tumor(table["tumor"], plain, draw)  # calibrated in mice, whoever has the tumor
    vehicle = None
    if species == "human":
        free, vehicle = _human(table, seed, n, draw)
        plain = free
    gain = draw(
        "albumin.tumor_gain",
        table["albumin_bound"]["tumor_gain_log_sd"],
        table["albumin_bound"]["tumor_gain"],
    )
    marrow = _marrow(table["marrow"], tumor, draw)
    return DrugDraws(free, plain, tumor, marrow, vehicle, gain, MappingProxyType(inputs))


def paclitaxel_citations() -> tuple[Citation, ...]:
    """Return the sources of the table."""
    table = load_toml("exposure", "paclitaxel.toml")["source"]
    return tuple(Citation(key, row["text"], row.get("doi")) for key, row in table.items())


Draw = Callable[..., Floats]  # name, log SD, median, standard normals


def _mouse(table: Mapping[str, Any], body_mass_g: float, draw: Draw) -> tuple[FreeDrug, FreeDrug]:
    """Take published kinetics of total drug to unbound drug, without and with the vehicle."""
    row, binding = table["mouse"], table["binding"]["mouse"]
    scale = draw("mouse.clearance", row["log_sd"])
    ratio = draw("mouse.binding", binding["log_sd"], binding["total_per_unbound"])
    more = draw("mouse.vehicle_binding", binding["with_vehicle_log_sd"], binding["with_vehicle"])
    ratio, bound = np.maximum(ratio, 1.0), np.maximum(ratio * more, 1.0)  # never less than unbound
    volume = row["central_mL_per_kg"] * body_mass_g / 1000.0 * bound
    exchange = row["there_per_h"] * volume
    plain = FreeDrug(
        "paclitaxel",
        "mouse",
        table["molar_mass_g_per_mol"],
        volume,
        row["out_per_h"] * volume * scale,
        exchange,
        exchange / row["back_per_h"],
        bound,
    )
    return replace(plain, total_per_unbound=ratio), plain


def _human(table: Mapping[str, Any], seed: int, n: int, draw: Draw) -> tuple[FreeDrug, Vehicle]:
    """Take published unbound kinetics; binding by plasma and by the vehicle go together."""
    row, binding, given = table["human"], table["binding"]["human"], table["vehicle"]
    published = load_toml("response", "friberg.toml")["paclitaxel"]
    rho = binding["correlation"]
    one, two = stream(seed, "exposure.human.bindings").standard_normal((2, n))
    ratio = draw("human.binding", binding["log_sd"], binding["total_per_unbound"], one)
    per_vehicle = draw(
        "human.vehicle_binding",
        binding["per_vehicle_log_sd"],
        binding["per_vehicle_mL_per_uL"],
        rho * one + np.sqrt(1.0 - rho**2) * two,
    )
    free = FreeDrug(
        "paclitaxel",
        "human",
        table["molar_mass_g_per_mol"],
        published["volume_L"] * ML_PER_L,
        published["clearance_L_per_h"] * ML_PER_L * draw("human.clearance", row["log_sd"]),
        published["exchange_L_per_h"] * ML_PER_L,
        published["tissue_L"] * ML_PER_L,
        np.maximum(ratio, 1.0),
    )
    vehicle = Vehicle(
        given["uL_per_mg"] * table["molar_mass_g_per_mol"] / NG_PER_MG,
        given["volume_mL"],
        tuple(given["infusion_h"]),
        tuple(row["body_surface_m2"] * c for c in given["clearance_mL_per_h_m2"]),
        row["plasma_mL"],
        per_vehicle,
    )
    return free, vehicle


def _tumor(row: Mapping[str, Any], plain: FreeDrug, draw: Draw) -> TissueExchange:
    """Find the permeability that gives the published ratio of AUCs, and the binding with it."""
    ratio = draw("tumor.auc_ratio", row["auc_ratio_log_sd"], row["auc_ratio"])
    half_life_h = draw("tumor.half_life", row["half_life_log_sd"], row["half_life_h"])
    efflux = draw("tumor.efflux", row["efflux_log_sd"], row["efflux_per_permeability"])
    per_out = (1.0 + efflux) * half_life_h / np.log(2.0)  # 1 + b for each unit of permeability
    # a unit that holds the drug with the half-life, whatever the permeability: linear in it
    big = 1.0 + 1.0 / per_out.min()
    unit = TissueExchange(big, efflux * big, per_out * big - 1.0)
    chain = plain_chain(plain, unit, unit)
    past = chain.system.integrals_until({chain.start: 1.0}, row["auc_ratio_to_h"])[..., 0]
    in_tumor = (chain.weights["tumor_total"] * past).sum(axis=-1) / big
    in_plasma = (chain.weights["plasma_total"] * past).sum(axis=-1)
    into = ratio * in_plasma / in_tumor
    return TissueExchange(into, efflux * into, per_out * into - 1.0)


def _marrow(row: Mapping[str, Any], tumor: TissueExchange, draw: Draw) -> TissueExchange:
    into = np.asarray(tumor.permeability_mL_per_g_h) * draw(
        "marrow.permeability", row["log_sd"], row["permeability_over_tumor"]
    )
    held = into * row["half_life_h"] / np.log(2.0) - 1.0
    return TissueExchange(into, 0.0, np.maximum(held, 0.0))
