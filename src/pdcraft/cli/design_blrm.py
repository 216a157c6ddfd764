"""``pdcraft design blrm``: Bayesian logistic regression with overdose control."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, table
from pdcraft.cli.design_numbers import numbers
from pdcraft.cli.design_shared import (
    Asked,
    RatesOption,
    TrialsOption,
    print_characteristics,
    rates_of,
    simulated,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.core.arrays import Floats
    from pdcraft.io.escalation_table import EscalationTable
    from pdcraft.trial.design import Ints
    from pdcraft.trial.models.blrm import Blrm
    from pdcraft.trial.models.blrm_prior import BlrmPrior

__all__ = ["blrm"]

SIMULATION_NODES = 61  # the posterior's means are then within 3e-9, and 10,000 trials take seconds
INTERVAL_NAMES = ("under", "target", "excessive", "unacceptable")


def _pair(text: str | None, option: str) -> tuple[float, float]:
    from pdcraft.errors import DataError

    values = numbers(option, text)
    if values is None or len(values) != 2:
        raise DataError(
            "--prior-mean and --prior-sd: give two numbers each, of log alpha and log beta, as in "
            '--prior-mean "-0.7 0.5" --prior-sd "2 1"; there is no default prior'
        )
    return values[0], values[1]


def _prior(
    mean: str | None, sd: str | None, correlation: float | None, covariance: float | None
) -> BlrmPrior:
    from pdcraft.errors import DataError
    from pdcraft.trial.models.blrm_prior import BlrmPrior

    if correlation is not None and covariance is not None:
        raise DataError("--prior-correlation and --prior-covariance say the same; give one")
    sds = _pair(sd, "--prior-sd")
    if covariance is not None and min(sds) > 0:
        correlation = covariance / (sds[0] * sds[1])
    return BlrmPrior(_pair(mean, "--prior-mean"), sds, correlation or 0.0)


def _counts(data: EscalationTable, doses: str | None) -> tuple[Floats, Ints, Ints]:
    """Doses, and patients and toxicities at each."""
    import numpy as np

    from pdcraft.errors import DataError

    if data.is_level:
        raise DataError(f"{data.file}: the BLRM takes amounts, in a column dose, not levels")
    given = np.unique(data.label) if doses is None else np.array(numbers("--doses", doses))
    missing = [d for d in data.label if not np.any(np.isclose(given, d, rtol=1e-9, atol=0.0))]
    if missing:
        raise DataError(f"{data.file}: dose {missing[0]:g} is not among --doses")
    if not data.is_patients and np.unique(data.label).size < data.label.size:
        raise DataError(f"{data.file}: a dose is given twice; give one row for each")
    n = np.zeros(given.size, dtype=np.intp)
    tox = np.zeros(given.size, dtype=np.intp)
    patients = np.ones(data.label.size) if data.n is None else data.n
    for label, count, toxic in zip(data.label, patients, data.tox, strict=True):
        k = int(np.argmin(np.abs(given - label)))
        n[k] += int(count)
        tox[k] += int(toxic)
    return given, n, tox


def _last(data: EscalationTable, doses: Floats, n: Ints, asked: float | None) -> int:
    import numpy as np

    from pdcraft.errors import DataError

    if asked is not None:
        k = int(np.argmin(np.abs(doses - asked)))
        if not np.isclose(doses[k], asked, rtol=1e-9, atol=0.0) or not n[k]:
            raise DataError(f"--last-dose: no patient was treated at {asked:g}")
        return k
    if data.is_patients:
        return int(np.argmin(np.abs(doses - data.label[-1])))
    return int(np.flatnonzero(n)[-1])


def blrm(
    data: Annotated[
        Path, typer.Option("--data", help="CSV: dose,n,tox of each dose, or dose,tox of patients.")
    ],
    reference_dose: Annotated[
        float | None, typer.Option("--reference-dose", help="Dose d*; the highest dose.")
    ] = None,
    prior_mean: Annotated[
        str | None, typer.Option("--prior-mean", help="Of log alpha and log beta; required.")
    ] = None,
    prior_sd: Annotated[
        str | None, typer.Option("--prior-sd", help="Of log alpha and log beta; required.")
    ] = None,
    prior_correlation: Annotated[
        float | None, typer.Option("--prior-correlation", help="Of both; 0.")
    ] = None,
    prior_covariance: Annotated[
        float | None, typer.Option("--prior-covariance", help="Instead of the correlation.")
    ] = None,
    doses: Annotated[
        str | None, typer.Option("--doses", help="All doses of the trial; those of the data.")
    ] = None,
    intervals: Annotated[
        str, typer.Option("--intervals", help="Ends of under-dosing, target and excessive.")
    ] = "0.2 0.35 0.6",
    ewoc: Annotated[
        float, typer.Option("--ewoc", help="P(excessive or unacceptable) stays below this.")
    ] = 0.25,
    last_dose: Annotated[
        float | None, typer.Option("--last-dose", help="Of the last cohort; from the data.")
    ] = None,
    most_increase: Annotated[
        float | None, typer.Option("--most-increase", help="Largest ratio to the last dose.")
    ] = None,
    confidence: Annotated[float, typer.Option("--confidence", help="Of the limits.")] = 0.9,
    target: Annotated[
        float | None,
        typer.Option("--target", help="Of --true-rate: what selections are judged by."),
    ] = None,
    max_n: Annotated[int, typer.Option("--max-n", help="Of --true-rate: patients in all.")] = 30,
    cohort: Annotated[int, typer.Option("--cohort", help="Of --true-rate: of patients.")] = 3,
    true_rate: RatesOption = None,
    trials: TrialsOption = 10_000,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """BLRM with EWOC: interval probabilities, and the dose that overdose control admits."""
    from pdcraft.io.escalation_table import read_escalation
    from pdcraft.trial.checks import check_open
    from pdcraft.trial.models.blrm import NODES, Blrm, enough_nodes
    from pdcraft.trial.models.blrm_design import BlrmDesign
    from pdcraft.trial.models.blrm_prior import checked_intervals

    prior = _prior(prior_mean, prior_sd, prior_correlation, prior_covariance)
    ends = checked_intervals(numbers("--intervals", intervals) or ())
    check_open("confidence of the limits", confidence)
    held = read_escalation(data)
    amounts, n, tox = _counts(held, doses)
    reference = float(amounts[-1]) if reference_dose is None else reference_dose
    nodes = max(NODES, enough_nodes(prior, int(n.sum())))
    model = Blrm(amounts, reference, prior, ends, nodes)
    simulated_nodes = max(SIMULATION_NODES, enough_nodes(prior, max_n if true_rate else 1))
    design = BlrmDesign(Blrm(amounts, reference, prior, ends, simulated_nodes), ewoc, most_increase)
    last = _last(held, amounts, n, last_dose)
    middle = (ends[0] + ends[1]) / 2 if target is None else target
    options = {
        "reference_dose": reference,
        "prior_mean": list(prior.mean),
        "prior_sd": list(prior.sd),
        "prior_correlation": prior.correlation,
        "intervals": list(ends),
        "ewoc": ewoc,
        "last_dose": float(amounts[last]),
        "most_increase": most_increase,
        "confidence": confidence,
        "target": middle if true_rate else None,
        "max_n": max_n,
        "cohort": cohort,
        "seed": seed,
    }
    asked = Asked("blrm", options, max_n, cohort, 0, rates_of(true_rate), trials, seed)
    _emit(asked, model, design, n, tox, last, simulated(design, asked, middle), as_json=json)


def _emit(
    asked: Asked,
    model: Blrm,
    design: Any,
    n: Ints,
    tox: Ints,
    last: int,
    characteristics: dict[str, Any] | None,
    *,
    as_json: bool,
) -> None:
    import numpy as np

    from pdcraft.trial.models.advice import ewoc_advice

    found = model.posterior(n[None, :], tox[None, :])
    prior = model.posterior(np.zeros_like(n)[None, :], np.zeros_like(n)[None, :])
    tail = (1 - asked.options["confidence"]) / 2
    limits = model.quantiles(n, tox, [tail, 1 - tail])
    ewoc = asked.options["ewoc"]
    reachable = design.reachable(np.array([last], dtype=np.intp))[0]
    names = [f"{d:g}" for d in model.doses]
    intervals, overdose = found.intervals[0], found.overdose[0]
    advice = ewoc_advice(
        intervals[:, 1].tolist(), overdose.tolist(), ewoc, reachable.tolist(), names
    )
    rows: list[dict[str, Any]] = [
        {
            "dose": float(model.doses[k]),
            "prior": float(prior.mean[0, k]),
            "n": int(n[k]),
            "tox": int(tox[k]),
            "ptox": float(found.mean[0, k]),
            "sd": float(found.sd[0, k]),
            "lower": float(limits[k, 0]),
            "upper": float(limits[k, 1]),
            "probabilities": {
                name: float(p) for name, p in zip(INTERVAL_NAMES, intervals[k], strict=True)
            },
            "p_overdose": float(overdose[k]),
            "ewoc_ok": bool(overdose[k] < ewoc),
        }
        for k in range(model.doses.size)
    ]
    chosen = None if advice.dose is None else float(model.doses[advice.dose])
    document: dict[str, Any] = {
        "schema": "pdcraft.design-blrm/1",
        "design": "blrm",
        "options": dict(asked.options),
        "estimate": dict(zip(("log_alpha", "log_beta"), found.parameters[0].tolist(), strict=True)),
        "post_var": dict(zip(("log_alpha", "log_beta"), found.variances[0].tolist(), strict=True)),
        "doses": rows,
        "recommended": chosen,
        "reason": advice.reason,
        "characteristics": characteristics,
    }

    def render(console: Console) -> None:
        heads = ("dose", "patients", "DLTs", "DLT rate", *INTERVAL_NAMES, "overdose", "EWOC")
        lines = [
            (
                r["dose"],
                r["n"],
                r["tox"],
                r["ptox"],
                *r["probabilities"].values(),
                r["p_overdose"],
                "ok" if r["ewoc_ok"] else "no",
            )
            for r in rows
        ]
        console.print(table("BLRM with overdose control", heads, lines))
        console.print(
            f"recommended: {'none' if chosen is None else f'{chosen:g}'}; {advice.reason}"
        )
        if characteristics is not None:
            print_characteristics(console, characteristics)

    emit(document, as_json, render)
