"""Cells in a dish within a study: uptake, and what plate reader and cytometer show of it.

Cells are washed and lysed in the volume of their medium, and the lysate is read in the plate of the
study's scene, if that is one, else in a well of 96 by the default reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption
from pdcraft.kinetics.carrier.culture import (
    CellKind,
    Culture,
    CultureUptake,
    culture_draws,
    culture_uptake,
)
from pdcraft.kinetics.carrier.raft import UNCHANGED, RaftChange
from pdcraft.optics.dye import catalogue_dye
from pdcraft.optics.in_vitro.cytometer import (
    Histogram,
    Sample,
    cell_signals,
    histogram,
    overton_positive_share,
)
from pdcraft.study.exposure.drug_network import carrier_parameters

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile
    from pdcraft.study.optics.table import Culture as CultureTable

__all__ = ["CellsSeen", "culture_rows"]

STAGE = "optics"
KINDS: tuple[CellKind, ...] = ("cancer", "normal")
# assumed: of a common cytometer with a 488 nm laser; spreads between cells of one line
ELECTRONS_PER_MOLECULE, READ_NOISE_e = 0.02, 30.0
OWN_MOLECULES, OWN_LOG_SD, UPTAKE_LOG_SD = 2e4, 0.4, 0.5
CELLS_COUNTED, DECADES = 5000, (0.0, 7.0)
DRAWS_COUNTED = 50


@dataclass(frozen=True, slots=True)
class CellsSeen:
    """One well: who was in it, in what, for how long, and what was taken up."""

    kind: CellKind
    disrupted: bool
    medium_nM: float
    uptake: CultureUptake

    @property
    def region(self) -> str:
        """Name of its cells in results."""
        return f"{self.kind} cells"

    @property
    def arm(self) -> str:
        """Name of its treatment in results."""
        return f"{self.medium_nM:g} nM" + (", rafts disrupted" if self.disrupted else "")


def culture_rows(study: StudyFile, conjugate: Conjugate, ledger: Ledger) -> None:
    """Note uptake and molecules per cell against time and dose, and what readers show of them."""
    assert study.optics is not None
    said = study.optics.culture
    assert said is not None
    wells = _wells(study, said, ledger)
    slope = _plate_slope(conjugate, said)
    untreated = {kind: _counted(0.0, study.seed) for kind in KINDS}
    for well in wells:
        for t, time in enumerate(said.times):
            _note(well, t, time, slope, untreated[well.kind], said, study.seed, ledger)
    _against_normal(wells, said, ledger)
    _assume(said, ledger)


def _wells(study: StudyFile, said: CultureTable, ledger: Ledger) -> list[CellsSeen]:
    parameters, inputs = carrier_parameters(
        study.host.species, study.draws, study.seed, payload="dye"
    )
    dish = culture_draws(study.seed, study.draws)
    ledger.inputs.update(inputs)
    ledger.inputs.update({f"kinetics.culture.{name}": values for name, values in dish.items()})
    changed = RaftChange(said.cholesterol, said.sphingolipid, "all")
    rafts = [(False, UNCHANGED), *([(True, changed)] if changed != UNCHANGED else [])]
    out: list[CellsSeen] = []
    for kind in KINDS:
        for disrupted, raft in rafts:
            for medium in said.medium:
                well = Culture(medium, said.volume, said.cells, said.serum, kind, raft)
                found = culture_uptake(parameters, dish, well, said.times)
                out.append(CellsSeen(kind, disrupted, medium, found))
    return out


def _note(
    well: CellsSeen,
    t: int,
    time_h: float,
    slope_rfu_per_nM: float,
    untreated: Histogram,
    said: CultureTable,
    seed: int,
    ledger: Ledger,
) -> None:
    uptake = well.uptake
    molecules = uptake.molecules_per_cell[:, t]
    taken_pmol = uptake.membrane_pmol[:, t] + uptake.retained_pmol[:, t]
    lysate_nM = taken_pmol / said.volume  # pmol/mL
    shares = np.array(
        [
            overton_positive_share(_counted(float(m), seed), untreated)
            for m in molecules[:DRAWS_COUNTED]
        ]
    )
    rows: tuple[tuple[str, Floats], ...] = (
        ("cell_uptake", uptake.pmol_per_million_cells[:, t]),
        ("molecules_per_cell", molecules),
        ("plate_reading", slope_rfu_per_nM * lysate_nM),
        ("positive_share", shares),
    )
    for kind, values in rows:
        shown: Floats | float = values if np.ptp(values) > 0.0 else float(values[0])
        inputs = {} if kind == "positive_share" else None
        ledger.number(
            STAGE, kind, shown, origin="computed", region=well.region, arm=well.arm,
            time_h=time_h, inputs=inputs,
        )  # fmt: skip


def _counted(molecules: float, seed: int) -> Histogram:
    sample = Sample(molecules, UPTAKE_LOG_SD, OWN_MOLECULES, OWN_LOG_SD, CELLS_COUNTED)
    return histogram(cell_signals(sample, ELECTRONS_PER_MOLECULE, READ_NOISE_e, seed), DECADES)


def _plate_slope(conjugate: Conjugate, said: CultureTable) -> float:
    """RFU per nM of lysate, by the default reader at the dye's own peak."""
    from pdcraft.optics.in_vitro.reader import default_reading
    from pdcraft.optics.in_vitro.vessel import plate_well
    from pdcraft.optics.in_vitro.well import electrons_per_nM

    dye = catalogue_dye(conjugate.name)
    reading = default_reading(dye)
    vessel = plate_well(96, min(1000.0 * said.volume, 300.0))
    return electrons_per_nM(dye, vessel, reading) / reading.camera.sensor.gain


def _against_normal(wells: list[CellsSeen], said: CultureTable, ledger: Ledger) -> None:
    """Note cancer over normal cells, and disrupted over whole rafts."""
    found = {(w.kind, w.disrupted, w.medium_nM): w for w in wells}

    def note(top: CellsSeen, bottom: CellsSeen, words: str) -> None:
        over = top.uptake.molecules_per_cell / bottom.uptake.molecules_per_cell
        for t, time in enumerate(said.times):
            ledger.number(
                STAGE, "ratio", over[:, t], origin="computed", region=top.region,
                arm=f"{top.arm}: {words}", time_h=time,
            )  # fmt: skip

    for (kind, disrupted, medium), well in found.items():
        if kind == "cancer" and min(said.times) > 0.0:
            note(well, found["normal", disrupted, medium], "over normal cells")
        if disrupted and min(said.times) > 0.0:
            note(well, found[kind, False, medium], "over whole rafts")


def _assume(said: CultureTable, ledger: Ledger) -> None:
    def assume(what: str, text: str, value: str) -> None:
        ledger.assume(Assumption(f"optics.culture.{what}", text, value))

    assume(
        "rafts",
        "Disruption of rafts takes cholesterol and sphingolipid of all membranes to these shares.",
        f"cholesterol x {said.cholesterol:g}, sphingolipid x {said.sphingolipid:g}",
    )
    assume(
        "plate",
        "Cells are washed, lysed in the volume of their medium and read in a well of 96 by the "
        "default reader, excited at the dye's peak; readings are above the blank.",
        f"{1000 * said.volume:g} uL",
    )
    assume(
        "cytometer",
        "Electrons per molecule, own fluorescence and spreads between cells are assumed; a share "
        "of positive cells by cumulated subtraction.",
        f"{ELECTRONS_PER_MOLECULE:g} e per molecule, {OWN_MOLECULES:g} molecules of own light, "
        f"log SD {OWN_LOG_SD:g} and {UPTAKE_LOG_SD:g}",
    )
    assume("cells", "The mass of a cell and binding in medium are priors, without data.", "priors")
