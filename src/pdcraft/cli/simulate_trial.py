"""``pdcraft simulate-trial``: what designs make of a trial, at fixed rates and on patients."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, emit, page_path, progress, table
from pdcraft.cli.transport_options import IdleThreadsOption, WorkersOption

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["simulate_trial"]


def simulate_trial(
    trial: Annotated[Path, typer.Argument(help="TRIAL.toml: doses, designs, patients, estimands.")],
    trials: Annotated[
        int | None, typer.Option("--trials", help="Trials of each design instead of the file's.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--report", help="Also write a page with tables and figures.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed instead of the file's.")] = None,
    threads: IdleThreadsOption = None,
    workers: WorkersOption = None,
    json: JsonFlag = False,
) -> None:
    """Simulate a trial: operating characteristics of its designs."""
    from pdcraft.study.recipes.trial import run_trial

    path = None if page is None else page_path(page)
    with progress("pdcraft simulate-trial") as bar:
        result = run_trial(trial, seed=seed, trials=trials, progress=bar)
        if path is not None:
            from pdcraft.report.trial_page import trial_html

            bar(0.95, "report")
            path.write_text(trial_html(result), encoding="utf-8")
    document = result.document()
    emit(document, json, lambda console: _show(console, document, path))


def _show(console: Console, document: Mapping[str, Any], page: Path | None) -> None:
    for scenario in document["scenarios"]:
        error = scenario["mcse"]
        rows = [
            (
                name,
                scenario["true_rate"][k],
                scenario["select"][k],
                error["select"][k],
                scenario["mean_n"][k],
                scenario["mean_tox"][k],
            )
            for k, name in enumerate(document["doses"])
        ]
        rows.append(("none", None, scenario["select_none"], error["select_none"], None, None))
        columns = ("dose", "true rate", "selected", "± error", "patients", "DLTs")
        title = f"{scenario['name']}: {scenario['design']}, {scenario['trials']} trials"
        console.print(table(title, columns, rows))
    if document["delayed"] is not None:
        console.print(_delayed(document))
    if document["phase2"] is not None:
        console.print(_phase2(document["phase2"]))
    for estimand in document["estimands"]:
        console.print(_estimand(estimand))
    for word in document["warnings"]:
        console.print(f"warning: {word}")
    if page is not None:
        console.print(f"report: {page}")
    else:
        console.print("nothing is written; --report PAGE.html keeps tables and figures")


def _phase2(found: Mapping[str, Any]) -> Any:
    from pdcraft.report.trial_page import phase2_table

    made = phase2_table(found)
    assert made is not None
    columns = (made["rule"], "mean", "± error", "95 % of draws")
    title = f"phase II: {found['response']} or better response in {found['indication']}"
    return table(title, columns, made["rows"])


def _delayed(document: Mapping[str, Any]) -> Any:
    late = document["delayed"]
    columns = ("window, d", *document["doses"])
    rows = [
        (f"{window:g}", *rates)
        for window, rates in zip(late["window_d"], late["rate"], strict=True)
    ]
    rows.append((f"missed by {late['window_d'][0]:g} d", *late["missed"][0]))
    rows.append(("median day of platelet nadir", *(row[2] for row in late["nadir_day"])))
    return table("DLT rate by length of the window, all treated patients", columns, rows)


def _estimand(estimand: Mapping[str, Any]) -> Any:
    rows = [(name, estimand[name]) for name in ("population", "treatment", "variable", "summary")]
    rows += list(estimand["strategies"].items())
    return table(f"estimand: {estimand['endpoint']}", ("", "stated"), rows)
