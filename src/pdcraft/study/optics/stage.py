"""The optics stage: dye from the carrier in a scene's regions, what a camera shows, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft import __version__
from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption, Citation
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import StudyError
from pdcraft.optics.best_time import best_choice
from pdcraft.optics.prediction.best import best_time
from pdcraft.optics.prediction.document import image_document
from pdcraft.optics.prediction.numbers import pair_column, roi_column
from pdcraft.optics.prediction.outputs import (
    Pictures,
    add_outputs,
    needs_pictures,
)
from pdcraft.optics.prediction.run import Prediction, predict
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_read import read_scene
from pdcraft.study.recipes.imaging import (
    DyeDose,
    RegionSources,
    dye_doses,
    region_sources,
    scene_with_table,
    source_draws,
    table_of,
)

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["optics_stage"]

STAGE = "optics"
CURVE_POINTS = 80
FLUOROPHORE = "fluorophore"
PAIR_ROWS = {
    "tbr": "target_to_background",
    "contrast": "optical_contrast",
    "cnr": "contrast_to_noise",
}
SHARES = 1000  # draws that stand for a distribution over times


def optics_stage(
    study: StudyFile,
    folder: Path,
    conjugate: Conjugate,
    ledger: Ledger,
    progress: Callable[[float, str], None],
) -> dict[str, bytes]:
    """Run the stage: concentrations, contrast at every time, best time; uptake of cells.

    Returns
    -------
    dict of str to bytes
        Pictures for the report, PNG, by name; those that the scene's outputs ask for.

    Raises
    ------
    StudyError, DataError
        For a conjugate without dye, a scene with another dye, regions that nothing speaks of.
    """
    said = study.optics
    assert said is not None
    payload = conjugate.payload
    if payload is None or payload.kind != FLUOROPHORE:
        kind = "nothing" if payload is None else f"a {payload.kind}, {payload.name}"
        raise StudyError(
            f"optics: {conjugate.name} carries {kind}; a scene needs a dye, such as CLR 1501 or "
            "CLR 1502"
        )
    if said.culture is not None:
        from pdcraft.study.optics.culture import culture_rows

        progress(0.2, "cells in a dish")
        culture_rows(study, conjugate, ledger)
    if said.scene is None:
        return {}
    scene = read_scene(folder / said.scene, seed=study.seed)
    _same_dye(scene, conjugate)
    courses = _courses(study, ledger)
    sources = region_sources(scene, courses, said.regions)
    _assume(study, conjugate, scene, sources, ledger)
    mass = said.molar_mass or conjugate.molar_mass_g_per_mol
    arms = study.given
    found: dict[str, Prediction] = {}
    shown: dict[str, bytes] = {}
    for i, (arm, given) in enumerate(arms.items()):
        doses = dye_doses(given, mass)
        _concentrations(study, sources, courses, doses, arm, ledger)
        table = table_of(
            sources, courses, doses, said.times,
            density_g_per_mL=said.density_g_per_mL, hematocrit=said.hematocrit,
        )  # fmt: skip
        first, width = 0.3 + 0.6 * i / len(arms), 0.6 / len(arms)

        def part(done: float, words: str = "", first: float = first, width: float = width) -> None:
            progress(first + width * done, words or "light")

        images = Pictures(study.seed) if needs_pictures(scene.run.outputs) else None
        spread_of = None if images is None else images.spread_of
        one = predict(
            scene_with_table(scene, table, said.draws),
            seed=study.seed, progress=part, spread_of=spread_of,
        )  # fmt: skip
        if not said.draws:
            frames = source_draws(one, study.seed, spread_of)
            one = replace(one, frames=frames, best=best_time(one.setup, frames, one.safety))
        _rows(one, arm, ledger)
        found[arm or "-"] = one
        if images is not None:
            shown |= _pictures(one, images, arm)
    _best(
        found, {a or "-": sum(d.nmol for d in dye_doses(g, mass)) for a, g in arms.items()}, ledger
    )
    return shown


def _pictures(found: Prediction, images: Pictures, arm: str | None) -> dict[str, bytes]:
    """Pictures that the scene's outputs ask for, by name."""
    seed = images.seed
    document = image_document(found, __version__, seed)
    made = add_outputs(found, document, images, seed=seed)
    lead = "" if arm is None else f"{arm}, "
    return {
        f"{lead}{name.removesuffix('.png')}": data
        for name, data in made.items()
        if name.endswith(".png")
    }


def _same_dye(scene: Scene, conjugate: Conjugate) -> None:
    name = scene.dye.name
    if name.startswith("CLR") and name != conjugate.name:
        raise StudyError(
            f"optics.scene: '{scene.path.name}' is of {name}, the study's agent is "
            f"{conjugate.name}; take the same in both"
        )


def _courses(study: StudyFile, ledger: Ledger) -> tuple[TimeCourse, ...]:
    """Time courses of the carrier with a dye, lesions by their names."""
    from pdcraft.kinetics.carrier.courses import time_courses
    from pdcraft.kinetics.carrier.parameters import host
    from pdcraft.kinetics.carrier.raft import RaftChange
    from pdcraft.study.exposure.drug_network import carrier_parameters
    from pdcraft.study.kinetics.calibrated import per_lesion

    said = study.kinetics
    assert said is not None
    species = study.host.species
    parameters, inputs = carrier_parameters(species, study.draws, study.seed, payload="dye")
    ledger.inputs.update(inputs)
    plasma, tissues, _ = time_courses(
        host(species),
        parameters,
        f"{study.name}/{study.seed}/{study.draws}",
        label="metal",  # sets no iodide free
        raft=RaftChange(said.cholesterol, said.sphingolipid, said.depleted),
    )
    return plasma, per_lesion(tissues, study, hidden=())


def _concentrations(
    study: StudyFile,
    sources: RegionSources,
    courses: tuple[TimeCourse, ...],
    doses: tuple[DyeDose, ...],
    arm: str | None,
    ledger: Ledger,
) -> None:
    """Note the dye in the scene's regions over time."""
    said = study.optics
    assert said is not None
    last = said.times[-1]
    times = np.concatenate([[0.0], np.geomspace(last / 500.0, last, CURVE_POINTS)])
    times = np.unique(np.concatenate([times, said.times]))
    table = table_of(
        sources, courses, doses, times.tolist(),
        density_g_per_mL=said.density_g_per_mL, hematocrit=said.hematocrit,
    )  # fmt: skip
    for i, region in enumerate(table.regions):
        if region in sources.assumed:
            continue
        curve = table.conc_nM[:, :, i]
        ledger.curve(STAGE, "molar_concentration", times, curve, region=region, arm=arm)


def _rows(found: Prediction, arm: str | None, ledger: Ledger) -> None:
    setup = found.setup
    for frame in found.frames:
        for r, roi in enumerate(setup.rois):
            column = roi_column(r, "photon_radiance_per_s_cm2_sr")
            _number(ledger, "photon_radiance", frame, column, roi.name, arm)
        for p, (t, b) in enumerate(setup.pairs):
            region = f"{setup.rois[t].name} over {setup.rois[b].name}"
            for key, kind in PAIR_ROWS.items():
                column = pair_column(len(setup.rois), p, key)
                _number(ledger, kind, frame, column, region, arm)
    if not found.linear:
        ledger.warn(
            "dye_absorption",
            STAGE,
            "The dye's own absorption changes a signal by "
            f"{found.dye_absorption_signal_change:+.0%}. Draws of kinetics and dye take it as in "
            "the frame of median dye; `draws` in [optics] follows it in each.",
        )
    if not found.signals.reached:
        ledger.warn(
            "time_limit",
            STAGE,
            "The time allowed by the scene's run.max_time ended before the contrast was known as "
            "well as asked; the errors tell how well it is.",
        )


def _number(
    ledger: Ledger, kind: str, frame: object, column: int, region: str, arm: str | None
) -> None:
    from pdcraft.optics.prediction.frame import Frame

    assert isinstance(frame, Frame)
    value, error = frame.values[column], frame.std_err[column]
    drawn = None if frame.draws is None else frame.draws[:, column]
    if not np.isfinite(value) or (drawn is not None and not np.all(np.isfinite(drawn))):
        return
    ledger.number(
        STAGE,
        kind,
        float(value) if drawn is None else drawn,
        origin="computed",
        region=region,
        arm=arm,
        time_h=frame.time_h,
        inputs={},
        std_err=float(error) if np.isfinite(error) else None,
    )


def _best(found: dict[str, Prediction], nmol: dict[str, float], ledger: Ledger) -> None:
    """Note the best time of every arm, and the best of all times and doses."""
    for arm, one in found.items():
        if one.best is not None and one.best.probability.ndim == 1:
            times = np.array([f.time_h for f in one.frames if f.time_h is not None], dtype=float)
            _best_time(times, one.best.probability, None if arm == "-" else arm, ledger)
    if len(found) < 2 or not all(one.setup.pairs for one in found.values()):
        return
    first = next(iter(found.values()))
    times = [float(f.time_h) for f in first.frames if f.time_h is not None]
    rois = len(first.setup.rois)
    score, ratio = (
        np.stack([_draws_of(one, pair_column(rois, 0, key)) for one in found.values()], -1)
        for key in ("cnr", "tbr")
    )
    allowed = first.safety.status != "above"
    best = best_choice(times, score, ratio, allowed, list(nmol.values()), criterion="cnr")
    if best.dose is not None:
        share = best.probability.sum(axis=0)
        for (arm, amount), value in zip(nmol.items(), share, strict=True):
            ledger.number(
                STAGE, "probability", float(value), origin="computed", region="best dose",
                arm=arm, inputs={}, flags=(f"{amount:g} nmol gives the largest CNR",),
            )  # fmt: skip


def _draws_of(one: Prediction, column: int) -> Floats:
    """Values of all times, shape (draws, times)."""
    rows = [
        f.values[None, column] if f.draws is None else f.draws[:, column]
        for f in one.frames
        if f.time_h is not None
    ]
    return np.array(rows).T


def _best_time(times: Floats, probability: Floats, arm: str | None, ledger: Ledger) -> None:
    if probability.sum() <= 0.0:
        ledger.warn(
            "no_admissible_time",
            STAGE,
            "At no time does the ratio reach 1.5 with light allowed, in any draw.",
        )
        return
    counts = np.rint(SHARES * probability / probability.sum()).astype(int)
    values = np.repeat(times, counts)
    ledger.number(
        STAGE,
        "imaging_time",
        values if np.ptp(values) > 0 else float(values[0]),
        origin="computed",
        region="best",
        arm=arm,
        inputs={},
        flags=("largest detectability with a ratio of 1.5 or more and light not above its limit",),
    )


def _assume(
    study: StudyFile, conjugate: Conjugate, scene: Scene, sources: RegionSources, ledger: Ledger
) -> None:
    from pdcraft.kinetics.carrier.payload import payload_effect

    said = study.optics
    assert said is not None
    effect = payload_effect("dye")

    def assume(what: str, text: str, value: str) -> None:
        ledger.assume(Assumption(f"optics.{what}", text, value))

    assume(
        "payload_effect",
        f"{conjugate.name} follows the calibrated carrier; factors of a dye on uptake and "
        f"clearance, median 1: {effect.text}.",
        f"log SD {effect.uptake_log_sd:g} and {effect.clearance_log_sd:g}",
    )
    assume("intact", "The dye stays on the carrier, and is not quenched by what it binds to.", "1")
    assume(
        "blood",
        "Blood holds plasma's carrier by one less the hematocrit; tissue includes its blood.",
        f"hematocrit {said.hematocrit:g}, tissue {said.density_g_per_mL:g} g/mL",
    )
    if sources.assumed:
        assume(
            "organs",
            f"The kinetics do not tell {', '.join(sources.assumed)} apart: as the remainder.",
            "remainder",
        )
    for i, text in enumerate(scene.assumed):
        assume(f"scene.{i + 1}", f"Scene: {text}.", "scene")
    for i, text in enumerate(scene.citations):
        ledger.cite((Citation(f"scene-{i + 1}", text, None),))
