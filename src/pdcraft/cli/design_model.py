"""``pdcraft design crm|tite-crm``: dose from a working model of toxicity and a trial's data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pdcraft.cli.common import JsonFlag, SeedOption
from pdcraft.cli.design_blrm import blrm
from pdcraft.cli.design_numbers import numbers
from pdcraft.cli.design_shared import (
    Asked,
    PathwaysOption,
    RatesOption,
    TargetOption,
    TrialsOption,
    pathway_row,
    rates_of,
    simulated,
)

if TYPE_CHECKING:
    from pdcraft.io.escalation_table import EscalationTable
    from pdcraft.trial.models.advice import Advice
    from pdcraft.trial.models.crm import CrmFit
    from pdcraft.trial.models.crm_design import CrmDesign
    from pdcraft.trial.models.curves import Curve

__all__ = ["COMMANDS"]

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="CSV: level,tox of each patient, or dose,n,tox of each dose."),
]
SkeletonOption = Annotated[
    str | None, typer.Option("--skeleton", help='Prior DLT rates, "0.05 0.1 0.2 0.35".')
]
HalfwidthOption = Annotated[
    float | None,
    typer.Option("--halfwidth", help="Instead: skeleton from this half-width of indifference."),
]
NuOption = Annotated[int | None, typer.Option("--nu", help="Of --halfwidth: prior MTD, from 1.")]
DosesOption = Annotated[
    int | None, typer.Option("--doses", help="Of --halfwidth: number of doses.", min=1)
]
ModelOption = Annotated[
    Literal["empiric", "logistic"], typer.Option("--model", help="Working model.")
]
MethodOption = Annotated[Literal["bayes", "mle"], typer.Option("--method", help="Of estimation.")]
InterceptOption = Annotated[
    float, typer.Option("--intercept", help="Of the logistic model; fixed.")
]
ScaleOption = Annotated[
    float | None, typer.Option("--scale", help="Prior SD of the parameter; the root of 1.34.")
]
ConfidenceOption = Annotated[float, typer.Option("--confidence", help="Of the limits.")]
CohortOption = Annotated[
    int, typer.Option("--cohort", help="Patients in a cohort; of rows of patients, the last.")
]
StopOption = Annotated[
    float | None,
    typer.Option("--stop-certainty", help="No dose if P(lowest dose > target) is above this."),
]
UnrestrictedFlag = Annotated[
    bool, typer.Option("--unrestricted", help="The model's dose, even if it skips doses.")
]
MaxNOption = Annotated[int, typer.Option("--max-n", help="Of --true-rate: patients in all.")]


def _curve(
    data: EscalationTable | None,
    skeleton: str | None,
    halfwidth: float | None,
    nu: int | None,
    doses: int | None,
    target: float,
    model: Literal["empiric", "logistic"],
    intercept: float,
) -> Curve:
    import numpy as np

    from pdcraft.errors import DataError
    from pdcraft.trial.models.curves import Curve
    from pdcraft.trial.models.skeleton import indifference_skeleton

    if not isfinite(intercept):
        raise DataError(f"--intercept: {intercept:g} is not a finite number; 3 is usual")
    prior = None if data is None else data.prior
    given = [skeleton is not None, halfwidth is not None, prior is not None]
    if sum(given) != 1:
        raise DataError(
            "the CRM needs one skeleton: --skeleton with prior rates, or --halfwidth with --nu and "
            f"--doses, or a column prior in the data; {sum(given)} of these are given"
        )
    if skeleton is not None:
        return Curve(np.array(numbers("--skeleton", skeleton)), model, intercept)
    if prior is not None:
        return Curve(prior, model, intercept)
    if halfwidth is None or nu is None or doses is None:
        raise DataError("--halfwidth needs --nu, the prior MTD, and --doses, their number")
    made = indifference_skeleton(halfwidth, target, nu, doses, model, intercept)
    return Curve(made, model, intercept)


def _label(value: float) -> float | int:
    return int(value) if value == int(value) else float(value)


def crm(
    target: TargetOption,
    data: DataOption = None,
    skeleton: SkeletonOption = None,
    halfwidth: HalfwidthOption = None,
    nu: NuOption = None,
    doses: DosesOption = None,
    model: ModelOption = "empiric",
    method: MethodOption = "bayes",
    intercept: InterceptOption = 3.0,
    scale: ScaleOption = None,
    confidence: ConfidenceOption = 0.9,
    cohort: CohortOption = 1,
    stop_certainty: StopOption = None,
    unrestricted: UnrestrictedFlag = False,
    pathways: PathwaysOption = 0,
    max_n: MaxNOption = 30,
    true_rate: RatesOption = None,
    trials: TrialsOption = 10_000,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """CRM, the continual reassessment method: dose for the next patients."""
    from pdcraft.io.escalation_table import read_escalation
    from pdcraft.trial.models.crm import SCALE
    from pdcraft.trial.models.crm_design import CrmDesign

    table = None if data is None else read_escalation(data)
    curve = _curve(table, skeleton, halfwidth, nu, doses, target, model, intercept)
    sd = SCALE if scale is None else scale
    design = CrmDesign(
        curve,
        target,
        method,
        sd,
        restrict=not unrestricted,
        stop_certainty=stop_certainty,
    )
    options = _options(
        target, curve, method, sd, confidence, cohort, stop_certainty, unrestricted, seed
    )
    asked = Asked("crm", options, max_n, cohort, pathways, rates_of(true_rate), trials, seed)
    found = simulated(design, asked, target)
    fit = None if table is None else _fit(table, curve, target, None, method, sd, confidence)
    ways = _pathways(asked, design, table, curve, fit) if pathways else None
    _emit(asked, curve, table, fit, None, found, ways, as_json=json)


def tite_crm(
    target: TargetOption,
    data: DataOption = None,
    window: Annotated[
        float | None,
        typer.Option("--window", help="Assessment window, in the unit of the column followup."),
    ] = None,
    weights: Annotated[
        Literal["linear", "adaptive"], typer.Option("--weights", help="Of follow-up.")
    ] = "linear",
    skeleton: SkeletonOption = None,
    halfwidth: HalfwidthOption = None,
    nu: NuOption = None,
    doses: DosesOption = None,
    model: ModelOption = "empiric",
    method: MethodOption = "bayes",
    intercept: InterceptOption = 3.0,
    scale: ScaleOption = None,
    confidence: ConfidenceOption = 0.9,
    cohort: CohortOption = 1,
    stop_certainty: StopOption = None,
    unrestricted: UnrestrictedFlag = False,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """TITE-CRM: the CRM with patients whose follow-up is not complete."""
    from pdcraft.errors import DataError
    from pdcraft.io.escalation_table import read_escalation
    from pdcraft.trial.models.crm import SCALE

    if data is None:
        raise DataError("tite-crm: --data is missing; give level,tox,followup of each patient")
    table = read_escalation(data)
    share = _weights(table, window, weights)
    curve = _curve(table, skeleton, halfwidth, nu, doses, target, model, intercept)
    sd = SCALE if scale is None else scale
    options = _options(
        target, curve, method, sd, confidence, cohort, stop_certainty, unrestricted, seed
    )
    options |= {"window": window, "weights": None if table.weight is not None else weights}
    asked = Asked("tite-crm", options, table.tox.size, cohort, 0, None, 0, seed)
    fit = _fit(table, curve, target, share, method, sd, confidence)
    _emit(asked, curve, table, fit, share, None, None, as_json=json)


def _weights(
    table: EscalationTable, window: float | None, scheme: Literal["linear", "adaptive"]
) -> Sequence[float]:
    from pdcraft.errors import DataError
    from pdcraft.trial.models.followup import followup_weights

    if not table.is_patients or (table.followup is None) == (table.weight is None):
        raise DataError(
            f"{table.file}: the TITE-CRM takes rows of patients with level, tox and one of "
            "followup and weight"
        )
    if table.weight is not None:
        return table.weight.tolist()
    if window is None:
        raise DataError("--window is missing: the assessment window, in the unit of followup")
    assert table.followup is not None
    return followup_weights(table.followup, table.tox, window, scheme).tolist()


def _options(
    target: float,
    curve: Curve,
    method: str,
    scale: float,
    confidence: float,
    cohort: int,
    stop_certainty: float | None,
    unrestricted: bool,
    seed: int,
) -> dict[str, Any]:
    from pdcraft.errors import DataError
    from pdcraft.trial.checks import check_open

    if cohort < 1:
        raise DataError(f"--cohort: a cohort of {cohort} patients is empty; give 1 or more")
    if stop_certainty is not None:
        check_open("--stop-certainty", stop_certainty)
    return {
        "target": target,
        "skeleton": curve.skeleton.tolist(),
        "model": curve.model,
        "method": method,
        "intercept": curve.intercept if curve.model == "logistic" else None,
        "scale": scale,
        "confidence": confidence,
        "cohort": cohort,
        "stop_certainty": stop_certainty,
        "restricted": not unrestricted,
        "seed": seed,
    }


def _patients(table: EscalationTable, curve: Curve) -> tuple[list[int], list[int]]:
    """Dose from 0 and outcome of each patient; rows of doses are spread out."""
    from pdcraft.errors import DataError

    if table.n is None:
        if not table.is_level:
            raise DataError(
                f"{table.file}: rows of patients give the column level (1, 2, ...) for the CRM"
            )
        return [int(v) - 1 for v in table.label], [int(v) for v in table.tox]
    if table.label.size != curve.doses:
        raise DataError(
            f"{table.file}: {table.label.size} rows for {curve.doses} doses of the skeleton; give "
            "one for each, with n = 0 where no patient was treated"
        )
    if (table.label[1:] <= table.label[:-1]).any():
        raise DataError(f"{table.file}: doses must rise from row to row")
    level: list[int] = []
    tox: list[int] = []
    for k, (n, toxic) in enumerate(zip(table.n, table.tox, strict=True)):
        level += [k] * int(n)
        tox += [1] * int(toxic) + [0] * int(n - toxic)
    return level, tox


def _fit(
    table: EscalationTable,
    curve: Curve,
    target: float,
    weight: Sequence[float] | None,
    method: Literal["bayes", "mle"],
    scale: float,
    confidence: float,
) -> CrmFit:
    from pdcraft.trial.models.crm import fit_crm

    level, tox = _patients(table, curve)
    return fit_crm(
        curve, target, level, tox, weight, method=method, scale=scale, confidence=confidence
    )


def _advice(asked: Asked, curve: Curve, table: EscalationTable, fit: CrmFit) -> Advice:
    from pdcraft.trial.models.advice import Advice, crm_advice

    level, tox = _patients(table, curve)
    certainty = asked.options["stop_certainty"]
    stops = certainty is not None and fit.too_toxic is not None and fit.too_toxic > certainty
    if not asked.options["restricted"] and not stops:
        return Advice(fit.dose, "the model's dose, without restrictions")
    last = level[-1] if table.is_patients else max(level)
    share = None
    if table.is_patients:
        # patients of the cohort before, at another dose, are not of the last one
        at_last = len(list(takewhile(lambda dose: dose == last, reversed(level))))
        recent = tox[-min(asked.cohort, at_last) :]
        share = sum(recent) / len(recent)
    return crm_advice(
        fit.dose,
        asked.options["target"],
        last=last,
        toxic_share=share,
        too_toxic=fit.too_toxic,
        stop_certainty=certainty,
    )


def _pathways(
    asked: Asked,
    design: CrmDesign,
    table: EscalationTable | None,
    curve: Curve,
    fit: CrmFit | None,
) -> list[dict[str, Any]]:
    """Every way that the next cohorts can go from here; none if the trial stops."""
    from pdcraft.trial.pathways import pathways

    start: int | None = 0
    n = tox = None
    if table is not None and fit is not None:
        start = _advice(asked, curve, table, fit).dose
        n, tox = _counts(table, curve)
    if start is None:
        return []
    found = pathways(
        design,
        asked.pathways,
        cohort=asked.cohort,
        start=start,
        n=n,
        tox=tox,
        true_rate=asked.rates,
    )
    return [pathway_row(path) for path in found]


def _counts(table: EscalationTable | None, curve: Curve) -> tuple[list[int], list[int]]:
    """Patients and toxicities at each dose."""
    level, tox = ([], []) if table is None else _patients(table, curve)
    n = [level.count(k) for k in range(curve.doses)]
    return n, [sum(t for d, t in zip(level, tox, strict=True) if d == k) for k in range(len(n))]


def _emit(
    asked: Asked,
    curve: Curve,
    table: EscalationTable | None,
    fit: CrmFit | None,
    weight: Sequence[float] | None,
    characteristics: dict[str, Any] | None,
    ways: list[dict[str, Any]] | None,
    *,
    as_json: bool,
) -> None:
    from pdcraft.cli.design_model_output import emit_crm

    advice = None if table is None or fit is None else _advice(asked, curve, table, fit)
    n, tox = _counts(table, curve)
    named = table is not None and not table.is_patients
    labels = table.label if table is not None and named else range(1, curve.doses + 1)
    emit_crm(
        asked,
        [_label(float(v)) for v in labels],
        curve,
        n,
        tox,
        fit,
        advice,
        weight,
        characteristics,
        ways,
        as_json=as_json,
    )


COMMANDS: dict[str, Callable[..., None]] = {"crm": crm, "tite-crm": tite_crm, "blrm": blrm}
