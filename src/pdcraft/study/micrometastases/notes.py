"""What a comparison on micrometastases assumes, as the report lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.core.run import Assumption

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.micrometastases.table import Micrometastases

__all__ = ["note"]

UM_PER_MM = 1000.0


def note(said: Micrometastases, sources: tuple[str, ...], ledger: Ledger) -> None:
    """Note every assumption of the stage."""

    def assume(what: str, text: str, value: str) -> None:
        ledger.assume(Assumption(f"micrometastases.{what}", text, value, sources))

    cell = f"cells of {UM_PER_MM * said.cell_radius:g} um, nuclei of "
    cell += f"{UM_PER_MM * said.nucleus_radius:g} um"
    assume(
        "marrow",
        "Every payload is given once, as much as gives the red marrow of the median draw the same "
        "absorbed dose; dose rates in the marrow differ, and marrow may bear slow dose better.",
        f"{said.marrow_dose:g} Gy",
    )
    assume(
        "kinetics",
        "A metastasis takes up and keeps the agent as the calibrated tumor does, whatever its size "
        "and payload; vessels and barriers of small metastases are not modeled.",
        "as the tumor",
    )
    assume(
        "cells",
        f"Metastases are balls of equal {cell}, in {said.packing} packing; doses are those of the "
        "nuclei, activity is within the cells, none is around the metastasis.",
        cell,
    )
    spread = f", CV {said.uptake_spread:g} from cell to cell" if said.uptake_spread else ""
    where = f", in the outer {UM_PER_MM * said.rim:g} um" if said.rim else ""
    assume(
        "uptake",
        "Share of the cells that take up, and its spread; a cell keeps its share over time.",
        f"{100 * said.labelled:g}% of the cells{where}{spread}",
    )
    assume(
        "radiobiology",
        "Radiobiology of the indication, drawn; absorbed dose of all radiation alike, so Auger "
        "electrons and alpha particles are not weighted. Clonogens are a Poisson number, at "
        "most all cells on the average and one at least in each metastasis; they grow meanwhile.",
        said.indication,
    )
    for one in said.setting:
        wide = "all alike" if one.factor == 1.0 else f"times or over {one.factor:g} (1 SD)"
        most = "" if one.largest is None else f", at most {UM_PER_MM * one.largest:g} um"
        assume(
            f"setting.{one.name}",
            f"Number (mean of a Poisson) and radii of metastases, {one.name}: no figure of "
            "patients was used.",
            f"{one.number:g} of {UM_PER_MM * one.radius:g} um, {wide}{most}",
        )
