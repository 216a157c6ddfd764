"""What an arm's free drug does to the xenograft or to the blood count; the index and its map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import StudyError
from pdcraft.exposure.chain import LinearChain
from pdcraft.exposure.course import DrugCourse, DrugDose
from pdcraft.exposure.linker import Linker
from pdcraft.response.concentration import ConcentrationTag, DrugExposure
from pdcraft.response.friberg import friberg, friberg_set
from pdcraft.response.tumor_simeoni import Simeoni, paclitaxel_a2780, simeoni
from pdcraft.study.exposure.drug_effect import (
    EQUIVALENT,
    equivalent_exposure,
    sampled_exposure,
    step_for_kill,
)
from pdcraft.study.exposure.setup import Side, side_of
from pdcraft.study.exposure.therapeutic_index import Goal, Index, scaling, therapeutic_index

if TYPE_CHECKING:
    from pdcraft.study.exposure.table import Exposure
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["Given", "effect_rows", "goal_of", "index_rows", "indices", "map_half_lives_h"]

STAGE = "exposure"
TUMOR_STEP_d = 0.25
COUNT_KNOTS = 24
MOST_DRAWS = 400  # of the index
FIRST_h, LAST_h = 2.0, 500.0  # of the map's half-lives


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What an arm gave: a linear chain or none, its course, its doses and a factor on them."""

    chain: LinearChain | None
    course: DrugCourse
    doses: Sequence[DrugDose]
    factor: Floats

    def exposure(
        self, tag: ConcentrationTag, side: Side, until_h: float, of: str, knots: int = 48
    ) -> DrugExposure:
        """Return the plasma equivalent as an effect's own concentration."""
        reference = side.drug.plain
        if self.chain is None:
            return sampled_exposure(self.course, EQUIVALENT[of], tag, reference)
        one = equivalent_exposure(
            self.chain, self.doses, tag, reference, until_h, of=of, knots=knots
        )
        return replace(one, coefficient=one.coefficient * self.factor[:, None])


def goal_of(said: Exposure) -> Goal:
    """Return what the study aims at: its own words over the shipped convention."""
    own = {
        "tumor_share": said.tumor_share,
        "tumor_day": said.tumor_day,
        "nadir_1e9_per_L": said.nadir,
    }
    return replace(Goal.shipped(), **{k: v for k, v in own.items() if v is not None})


def effect_rows(
    arm: str, side: Side, given: Given, said: Exposure, lesion: str, ledger: Ledger
) -> None:
    """Note what the arm does: the tumor's mass in mice, the leukocytes' nadir in man."""
    if side.species == "mouse":
        kill = _kill(said)
        if kill is None:
            return
        day = goal_of(said).tumor_day
        until_h = 24.0 * day
        drive = given.exposure(kill.tag, side, until_h, "tumor")
        step_d = step_for_kill(drive, kill.k2, TUMOR_STEP_d)
        curve = simeoni(kill, drive, [0.0, day], step_d=step_d)
        control = simeoni(kill, None, [0.0, day]).mass_g[..., -1]
        share = np.atleast_1d(curve.mass_g[..., -1] / control)
        ledger.number(
            STAGE,
            "relative_tumor_mass",
            share,
            origin="computed",
            region=lesion,
            arm=arm,
            time_h=until_h,
        )
        return
    if said.drug is not None:
        return
    counts = friberg_set("paclitaxel")
    assert counts.tag is not None
    hours = np.linspace(0.0, 28.0 * 24.0, 57)
    drive = given.exposure(counts.tag, side, float(hours[-1]), "marrow", COUNT_KNOTS)
    course = friberg(counts, drive, hours)
    ledger.number(
        STAGE,
        "blood_count_nadir",
        np.atleast_1d(course.min(axis=-1)),
        origin="computed",
        region=counts.cells,
        arm=arm,
    )


def _kill(said: Exposure) -> Simeoni | None:
    """Return the shipped kill of paclitaxel, or the user's with its tag; none for none."""
    shipped = paclitaxel_a2780()
    if said.drug is None:
        return shipped
    own = said.drug.kill
    if own is None or own.tag is None:
        return None
    tag = ConcentrationTag(**own.tag.model_dump())
    return replace(shipped, k2=np.asarray(own.slope_per_d), tag=tag)


def map_half_lives_h(count: int) -> Floats:
    """Half-lives at which the map is drawn, h."""
    return np.geomspace(FIRST_h, LAST_h, count)


def index_rows(
    study: StudyFile, said: Exposure, kept: NDArray[np.intp] | None, ledger: Ledger
) -> None:
    """Note the index of the conjugate, of plain drug, and over the map of half-lives."""
    goal = goal_of(said)
    if not side_of(study, said, "mouse").linker.is_linear:
        ledger.warn(
            "index_left_out",
            STAGE,
            "No therapeutic index: doses do not scale where an enzyme saturates.",
        )
        return
    sides, scale = _drawn(study, said, goal, kept)
    own, plain = (_index(sides, linker, goal, scale) for linker in (sides[0].linker, None))
    inputs = {**sides[0].inputs, **sides[1].inputs, "exposure.species_scaling": scale}
    for name, found in (("conjugate", own), ("plain", plain)):
        _note(name, found, inputs, ledger)
    ledger.number(
        STAGE, "relative_index", own.index / plain.index, origin="computed", arm="conjugate",
        inputs=inputs,
    )  # fmt: skip
    if said.map:
        _map_rows(said, sides, goal, scale, ledger)


def indices(study: StudyFile, said: Exposure) -> tuple[Index, Index]:
    """Find the index of the conjugate and that of plain drug, of a linker without saturation."""
    goal = goal_of(said)
    sides, scale = _drawn(study, said, goal, None)
    own, plain = (_index(sides, linker, goal, scale) for linker in (sides[0].linker, None))
    return own, plain


def _drawn(
    study: StudyFile, said: Exposure, goal: Goal, kept: NDArray[np.intp] | None
) -> tuple[list[Side], Floats]:
    """Take mouse and man in the index's draws, and the scaling between them."""
    sides = [_untumored(side_of(study, said, species)) for species in ("mouse", "human")]
    draws = np.arange(study.draws) if kept is None else kept
    scale = scaling(goal, study.draws, study.seed)[:MOST_DRAWS]
    return [side.taken(draws[:MOST_DRAWS]) for side in sides], scale


def _untumored(side: Side) -> Side:
    """Drop the tumor's own mass: both species with a tumor that takes nothing away."""
    return replace(side, tumor_g=None)


def _index(sides: Sequence[Side], linker: Linker | None, goal: Goal, scale: Floats) -> Index:
    mouse, human = sides
    chains = [s.plain() if linker is None else s.conjugate(linker) for s in sides]
    return therapeutic_index(chains[0], mouse.drug.plain, chains[1], human.drug.plain, goal, scale)


def _note(name: str, found: Index, inputs: Mapping[str, Floats], ledger: Ledger) -> None:
    for arm, values in (
        (f"{name}, mouse: for the tumor's goal", found.mouse_nmol),
        (f"{name}, human: matched unbound exposure", found.human_nmol),
        (f"{name}, human: at the stated nadir", found.tolerated_nmol),
    ):
        ledger.number(STAGE, "drug_amount", values, origin="computed", arm=arm, inputs=inputs)
    ledger.number(
        STAGE, "therapeutic_index", found.index, origin="computed", arm=name, inputs=inputs
    )


def _map_rows(
    said: Exposure, sides: Sequence[Side], goal: Goal, scale: Floats, ledger: Ledger
) -> None:
    """Note index over index of plain drug for half-lives in plasma and in tumor."""
    at = map_half_lives_h(said.map)
    draws = np.arange(min(said.map_draws, scale.size))
    few = [side.taken(draws) for side in sides]
    plain = _index(few, None, goal, scale[draws])
    plasma, tumor = (g.ravel()[:, None] for g in np.meshgrid(at, at, indexing="ij"))
    linker = Linker.of_half_lives(plasma, tumor * tissue_over_tumor(said), tumor)
    found = _index(few, linker, goal, scale[draws])
    for i in range(plasma.size):
        ledger.number(
            STAGE,
            "relative_index",
            found.index[i] / plain.index,
            origin="computed",
            arm=f"map: plasma {plasma[i, 0]:.3g} h, tumor {tumor[i, 0]:.3g} h",
            inputs={},
        )


def tissue_over_tumor(said: Exposure) -> float:
    """Half-life in normal tissue over that in tumor, as the study's own linker has it."""
    tissue = said.linker.tissue
    if tissue is None:
        raise StudyError("exposure.map: the linker has no half-life in tissue")
    if not np.isfinite(tissue[0]):
        return float("inf")
    return float(np.exp(np.mean(np.log(tissue)) - np.mean(np.log(said.linker.tumor))))
