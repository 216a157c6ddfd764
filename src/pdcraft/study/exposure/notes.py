"""What an exposure stage takes as so, for the run's record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption
from pdcraft.data.files import load_toml
from pdcraft.exposure.linker import SITES, environment
from pdcraft.kinetics.carrier.payload import payload_effect

if TYPE_CHECKING:
    from pdcraft.study.exposure.setup import Side
    from pdcraft.study.exposure.table import Exposure
    from pdcraft.study.ledger import Ledger

__all__ = ["note_assumptions"]

STAGE = "exposure"


def note_assumptions(said: Exposure, conjugate: Conjugate, side: Side, ledger: Ledger) -> None:
    """Note assumptions and warnings of the stage."""

    def assume(what: str, text: str, value: str, keys: tuple[str, ...] = ()) -> None:
        ledger.assume(Assumption(f"exposure.{what}", text, value, keys))

    ledger.warn(
        "map_over_assumptions",
        STAGE,
        f"{conjugate.name}: no release rate, plasma stability, potency or structure is published. "
        "Every number of this stage is what follows from the linker that the study assumes: a map "
        "over assumptions, not a prediction of this compound.",
    )
    half_lives = ", ".join(
        f"{site} {_words(getattr(said.linker, site))}"
        for site in SITES
        if getattr(said.linker, site) is not None
    )
    assume("linker", "Half-lives of cleavage, of the study's own choice.", half_lives)
    if said.linker.mechanism != "half-lives":
        met = "; ".join(
            f"{s} pH {environment(s).ph:g}, thiols {environment(s).thiol_mM:g} mmol/L"
            for s in SITES
        )
        assume("environment", "What the linker meets: general values, not verified.", met)
    effect = payload_effect("drug")
    assume(
        "carrier",
        "The conjugate moves as the calibrated carrier does, but for factors of its payload on "
        f"uptake and clearance, median 1: {effect.text}.",
        f"log SD {effect.uptake_log_sd:g} and {effect.clearance_log_sd:g}",
    )
    assume(
        "cleavage_inside",
        "Payload comes off in plasma, inside cells and in the liver; not on the outside of "
        "membranes. Payload that leaves on its carrier is lost.",
        "plasma, retained, liver",
    )
    assume(
        "independent_payloads",
        "A carrier of several payloads loses them one by one and keeps its kinetics.",
        f"{said.drug_per_carrier:g} a carrier",
    )
    if said.drug is None:
        _of_paclitaxel(side, ledger)
    else:
        assume("drug", "Free drug by the study's own parameters, without spread.", said.drug.name)
    assume(
        "equivalent",
        "Kill and marrow effect keep the concentration on which they were estimated. Drug set free "
        "in a tissue counts as the plasma concentration of plain drug that gives the same free "
        "drug there.",
        "plasma equivalent",
    )


def _of_paclitaxel(side: Side, ledger: Ledger) -> None:
    table = load_toml("exposure", "paclitaxel.toml")

    def note(what: str, text: str, value: str, *keys: str) -> None:
        known = tuple(k for k in keys if k in ledger.citations)
        ledger.assume(Assumption(f"exposure.{what}", text, value, known))

    species = side.species
    binding = table["binding"][species]
    note(
        "binding",
        f"Total over unbound paclitaxel in plasma of the {species} without a vehicle.",
        f"{binding['total_per_unbound']:g}, log SD {binding['log_sd']:g}",
        binding["source"],
    )
    if species == "mouse":
        note(
            "vehicle",
            "In mice the vehicle multiplies what is bound; kinetics of plain drug are linear, as "
            "published, at the dose of their study.",
            f"x {binding['with_vehicle']:g}, log SD {binding['with_vehicle_log_sd']:g}",
            "gardner2008",
        )
    row = table["tumor"]
    note(
        "tumor",
        "Permeability of the tumor is the one that gives the published ratio of total AUCs in "
        "mice; the half-life of drug in tumor and the pumps' share are assumed.",
        f"ratio {row['auc_ratio']:g}; half-life {row['half_life_h']:g} h; pumps "
        f"{row['efflux_per_permeability']:g} of diffusion",
        row["source"],
    )
    note(
        "marrow",
        "Marrow exchanges drug faster than a tumor does.",
        f"x {table['marrow']['permeability_over_tumor']:g}",
    )


def _words(half_lives: tuple[float, ...] | None) -> str:
    if half_lives is None:
        return ""
    if not np.isfinite(half_lives[0]):
        return "none"
    return " to ".join(f"{h:g}" for h in half_lives) + " h"
