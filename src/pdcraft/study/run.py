"""Run a study: read it, run the stages whose tables are present, keep the record."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from pdcraft.core.run import Assumption, Run
from pdcraft.errors import StudyError
from pdcraft.io.toml_lines import read_toml
from pdcraft.study.activity import words
from pdcraft.study.agent import chemistry_rows, conjugate_of
from pdcraft.study.ledger import Ledger
from pdcraft.study.read import TRIAL, read_study
from pdcraft.study.record import held_text
from pdcraft.study.result import StudyResult

if TYPE_CHECKING:
    from pdcraft.study.model import StudyFile

__all__ = ["FROM_COEFFICIENT", "run_study"]

INTERVAL = 0.95
FROM_COEFFICIENT = "published coefficient times the activity of this arm"
"""Flag of a row that was not published itself."""


def _quiet(done: float, words: str) -> None:
    """Report no progress."""


def run_study(
    path: Path,
    *,
    seed: int | None = None,
    draws: int | None = None,
    progress: Callable[[float, str], None] = _quiet,
) -> StudyResult:
    """Run a study file.

    Parameters
    ----------
    path : Path
        ``study.toml``.
    seed, draws : int, optional
        Override what the file says.
    progress : callable
        Called as ``progress(fraction_done, words)``.

    Returns
    -------
    StudyResult
        The record and what the report draws from. Nothing is written.

    Raises
    ------
    StudyError, DataError
        With every fault of the inputs that was found.
    """
    study, file = read_study(path, seed=seed, draws=draws)
    inputs = _inputs(study, path)
    progress(0.05, "chemistry")
    conjugate = conjugate_of(study.agent)
    ledger = Ledger(conjugate.name, study.host.species)
    stages, organs = ["chemistry"], None
    pictures: dict[str, bytes] = {}
    chemistry_rows(conjugate, ledger)
    if "arm" in file.elsewhere:
        _levels_are_arms(study, ledger)
    if study.exposure is not None:
        from pdcraft.study.exposure.stage import exposure_stage

        progress(0.1, "exposure")
        exposure_stage(study, conjugate, ledger)
        stages.append("exposure")
    elif study.optics is not None:
        from pdcraft.study.optics.stage import optics_stage

        progress(0.1, "optics")
        pictures = optics_stage(study, path.parent, conjugate, ledger, progress)
        stages += ["kinetics", "optics"]
    elif study.kinetics is not None:
        from pdcraft.study.kinetics.stage import kinetics_stage

        progress(0.2, "kinetics")
        curves = kinetics_stage(study, path.parent, conjugate, ledger, progress)
        stages.append("kinetics")
        if study.dosimetry is not None:
            from pdcraft.study.dosimetry.stage import dosimetry_stage

            progress(0.6, "dosimetry")
            organs = dosimetry_stage(study, path.parent, conjugate, curves, ledger)
            stages.append("dosimetry")
        if study.response is not None:
            from pdcraft.study.response.stage import response_stage

            progress(0.7, "response")
            response_stage(study, conjugate, organs, ledger)
            stages.append("response")
        if study.micrometastases is not None:
            from pdcraft.study.micrometastases.stage import micrometastases_stage

            micrometastases_stage(study, path.parent, conjugate, ledger, progress)
            stages.append("micrometastases")
        if study.kinetics.source == "calibrated":
            from pdcraft.study.kinetics.beside import evidence_beside

            evidence_beside(study, conjugate, curves, ledger)
    if study.sweep is not None:
        from pdcraft.study.sweep.stage import sweep_stage

        sweep_stage(study, path.parent, conjugate, ledger, progress)
        stages.append("sweep")
    trial = None
    if TRIAL in file.content:
        from pdcraft.study.recipes.trial import run_trial

        progress(0.75, "trial")
        trial = run_trial(path, seed=seed)
        stages.append(TRIAL)
        inputs |= _texts(trial.beside, path)
        ledger.citations |= {c.key: c for c in trial.citations}
    _published(ledger, stages)
    progress(0.9, "results")
    run = Run(
        name=study.name,
        file=file.name,
        sha256=_digest(inputs),
        seed=study.seed,
        n_draws=study.draws,
        interval=INTERVAL,
        stages=tuple(stages),
        results=tuple(ledger.rows),
        series=tuple(ledger.series),
        assumptions=tuple(ledger.assumptions),
        warnings=tuple(ledger.warnings),
        citations=tuple(ledger.citations.values()),
        inputs=ledger.inputs,
    )
    report = study.report
    title = report.title if report and report.title else study.name
    arms = {arm or "-": words(given) for arm, given in study.given.items()}
    return StudyResult(
        run=run,
        title=title,
        summary=report.summary if report else None,
        conjugate=conjugate,
        points=tuple(ledger.points),
        arms=arms,
        inputs=inputs,
        body=organs.body if organs else None,
        organ_dose=organs.dose if organs else None,
        marrow=organs.marrow if organs else (),
        pictures=pictures,
        trial=trial,
    )


def _levels_are_arms(study: StudyFile, ledger: Ledger) -> None:
    ledger.assume(
        Assumption(
            "trial.arms",
            "The study gives nothing by itself: its arms are the dose levels of its trial, in the "
            "study's own host, without the trial's caps and rounding.",
            f"{len(study.arm)} levels",
        )
    )


def _inputs(study: StudyFile, path: Path) -> dict[str, str]:
    """Collect the study's files with their texts: what run.json repeats the run from."""
    scene = study.optics.scene if study.optics else None
    data = study.kinetics.data if study.kinetics else None
    names = {name for name in (data, study.host.masses, scene) if name is not None}
    if scene is not None:
        names |= _files_of_scene(path.parent, scene)
    return _texts((path.name,), path) | _texts(sorted(names), path)


def _files_of_scene(folder: Path, scene: str) -> set[str]:
    """Files that a scene names, by their paths from the study's folder.

    Raises
    ------
    StudyError
        For a file outside of that folder, which run.json cannot hold.
    """
    place = PurePosixPath(scene).parent
    texts = {str(place / text) for text in _strings(read_toml(folder / scene).content)}
    out = {name for name in texts if os.path.isfile(folder / name)}  # False for any text
    for name in out:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise StudyError(
                f"optics.scene: '{scene}' reads '{name}', which lies outside the study's folder; "
                "put the file in that folder, so that the run can be repeated from run.json"
            )
    return out


def _strings(content: Any) -> Iterator[str]:
    """Yield all texts of a TOML file's content."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        yield from _strings(list(cast("dict[str, Any]", content).values()))
    elif isinstance(content, list):
        for one in cast("list[Any]", content):
            yield from _strings(one)


def _texts(names: Iterable[str], path: Path) -> dict[str, str]:
    """Read files in the folder of a study, as run.json holds them."""
    return {name: held_text(path.parent / name) for name in names}


def _digest(inputs: dict[str, str]) -> str:
    """Hash the inputs: names and texts, in order."""
    digest = hashlib.sha256()
    for name, text in inputs.items():
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()


def _published(ledger: Ledger, stages: list[str]) -> None:
    """Put published numbers of this agent in this host beside the computed ones of its stages."""
    from pdcraft.data.published import published_results

    for result in published_results():
        if (result.agent, result.host) != (ledger.agent, ledger.host):
            continue
        if result.stage not in stages:
            continue
        sources = ledger.cite((result.citation,))
        compare = result.compare_quantity
        beside = [
            row
            for row in ledger.rows
            if compare is not None
            and row.quantity.key == compare.key
            and row.subject.region == result.region
            and (row.subject.arm is None or row.origin == "predicted")
        ]
        ledger.number(
            result.stage,
            result.quantity.key,
            result.value,
            origin="published",
            region=result.region,
            sources=sources,
            compare_with=tuple(row.id for row in beside),
            flags=(result.text,),
        )
        dose = result.quantity.key.removesuffix("_coefficient")
        if dose == result.quantity.key:
            continue
        for row in [r for r in ledger.rows if r.quantity.key == "administered_activity"]:
            arm = row.subject.arm
            same = [
                r.id
                for r in ledger.rows
                if r.quantity.key == "absorbed_dose"
                and r.subject == ledger.subject(result.region, arm)
            ]
            ledger.number(
                result.stage,
                dose,
                float(f"{result.value * (row.summary['value'] or 0.0) / 1000.0:.4g}"),
                origin="published",
                region=result.region,
                arm=arm,
                sources=sources,
                compare_with=tuple(same),
                flags=(FROM_COEFFICIENT,),
            )
