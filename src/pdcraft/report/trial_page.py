"""A simulated trial as one offline page: estimands, late toxicity, operating characteristics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pdcraft.report.cards import Card
from pdcraft.report.page import render_page
from pdcraft.report.panels import marked
from pdcraft.report.trial_figures import delayed_figure, rates_figure, selection_figure
from pdcraft.report.trial_section import design_cards, percent
from pdcraft.study.recipes.trial import CHAIN, TrialResult
from pdcraft.trial.estimand import EVENTS, STRATEGIES

__all__ = ["phase2_table", "trial_html"]

SUMMARY = (
    ("correct", "correct", "a level nearest the target; where all are too toxic, none"),
    ("acceptable", "within 0.05", "selected level within 0.05 of the target"),
    ("overdose", "too toxic", "selected level more than 0.05 above the target"),
    ("mostly_above", "≥ 60% above", "trials that treat 60% or more above the MTD"),
    ("few_at_mtd", "< 6 at MTD", "trials with fewer than 6 patients at the MTD"),
    ("stopped_early", "stopped", "ended before the planned number of patients"),
)


def trial_html(result: TrialResult) -> str:
    """Build the page.

    Parameters
    ----------
    result : TrialResult

    Returns
    -------
    str
        HTML with everything inside; the same result gives the same text.
    """
    document = result.document()
    chain = [s for s in document["scenarios"] if s["name"] == CHAIN]
    fixed = [s for s in document["scenarios"] if s["name"] != CHAIN]
    figures: dict[str, Any] = {"delayed": None, "rates": None, "selection": None}
    doses, trial = result.doses, result.file.trial
    if result.chain is not None and chain:
        window = result.chain.pool.window_d
        made = {
            "delayed": delayed_figure(result.chain.delayed, doses, window),
            "rates": rates_figure(chain[0]["by_draw"]["true_rate"], doses, trial.wanted_rate),
            "selection": selection_figure(chain, doses),
        }
        figures = {k: marked(f, f"fig-{k}") for k, f in made.items()}
    return render_page(
        "trial.html.j2",
        trial.title or result.file.name,
        cards=_cards(document, chain, doses),
        sentences=_sentences(document, chain),
        document=document,
        doses=doses,
        estimands=result.estimands,
        events=EVENTS,
        strategies=STRATEGIES,
        delayed=_delayed(document["delayed"]),
        chain=[_characteristics(s, doses) for s in chain],
        fixed=[_line(s) for s in fixed],
        rates=_rates(fixed),
        heads=[(head, words) for _, head, words in SUMMARY],
        summary=[_line(s) for s in chain],
        phase2=phase2_table(document["phase2"]),
        figures=figures,
        window=None if trial.dlt is None else f"{trial.dlt.window / 24:g}",
    )


def _cards(document: Mapping[str, Any], chain: list[Any], doses: tuple[str, ...]) -> list[Card]:
    """Make cards of how often each design is right, and of the chances of a phase II."""
    out = design_cards(chain, doses)
    for title, mean, _, limits in _answers(document):
        words, _, unit = title.rpartition(", ")
        out.append(Card(words or title, mean, unit if words else "", limits, "computed"))
    return out


def _sentences(document: Mapping[str, Any], chain: list[Any]) -> list[str]:
    """Say what comes out."""
    out = [
        f"{one['design']} ends with a right level in {100 * one['correct']:.0f}% of the trials, "
        f"with one too toxic in {100 * one['overdose']:.0f}%, after {one['total_n']:.0f} patients "
        f"and {one['duration_months']:.0f} months on average."
        for one in chain
    ]
    found = [f"{words}: {mean} ({limits})" for words, mean, _, limits in _answers(document)]
    if found:
        out.append(f"In phase II, {'; '.join(found)}.")
    out.append("Patients are simulated; what is not known varies between the draws.")
    return out


def _answers(document: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """First numbers of phase II: response, chance to reject, to stop, all with their draws."""
    found = phase2_table(document["phase2"]) or {"rows": []}
    known = [row for row in found["rows"] if row[1]]
    return [(*row[:3], f"{row[3]}, 95% of the draws") for row in known[:4]]


def _number(value: float | None, error: float | None = None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" + ("" if error is None else f" ± {error:.2f}")


def _characteristics(found: Mapping[str, Any], doses: tuple[str, ...]) -> dict[str, Any]:
    error = found["mcse"]
    rows = [
        (
            name,
            percent(found["true_rate"][k], error["true_rate"][k]),
            percent(found["select"][k], error["select"][k]),
            _number(found["mean_n"][k], error["mean_n"][k]),
            _number(found["replaced"][k]),
            _number(found["mean_tox"][k], error["mean_tox"][k]),
        )
        for k, name in enumerate(doses)
    ]
    rows.append(("none", "", percent(found["select_none"], error["select_none"]), "", "", ""))
    return {"design": found["design"], "trials": found["trials"], "rows": rows}


def _line(found: Mapping[str, Any]) -> dict[str, Any]:
    error = found["mcse"]
    shares = [percent(found[key], error[key]) for key, _, _ in SUMMARY]
    return {
        "name": found["name"],
        "design": found["design"],
        "select": [
            percent(v, e)
            for v, e in zip(
                (*found["select"], found["select_none"]),
                (*error["select"], error["select_none"]),
                strict=True,
            )
        ],
        "cells": shares,
        "total": _number(found["total_n"], error["total_n"]),
        "months": _number(found["duration_months"], error["duration_months"]),
        "estimate": percent(found["estimate"], error["estimate"]),
        "coverage": percent(found["coverage"]),
    }


def _rates(fixed: list[Any]) -> list[tuple[str, list[str]]]:
    named = {s["name"]: [percent(r) for r in s["true_rate"]] for s in fixed}
    return list(named.items())


def _delayed(late: Mapping[str, Any] | None) -> list[tuple[str, list[str]]]:
    if late is None:
        return []
    rows = [
        (f"DLT within {window:g} d, %", [percent(v, e) for v, e in zip(rate, err, strict=True)])
        for window, rate, err in zip(
            late["window_d"], late["rate"], late["mcse"]["rate"], strict=True
        )
    ]
    short, last = late["window_d"][0], late["window_d"][-1]
    rows.append(
        (
            f"of those within {last:g} d, missed by {short:g} d, %",
            [percent(v) for v in late["missed"][0]],
        )
    )
    nadir = [f"{row[2]:.0f} ({row[0]:.0f} to {row[4]:.0f})" for row in late["nadir_day"]]
    rows.append(("day of the platelet nadir, median (5 to 95%)", nadir))
    days = ["" if d is None else f"{d:.0f}" for d in late["median_dlt_day"]]
    rows.append(("day of the DLT, median", days))
    return rows


PHASE2 = (
    ("rate_over_treated", "response over all treated, %", 100.0),
    ("rate_over_evaluable", "response over those who can be assessed, %", 100.0),
    ("assurance", "chance to reject p0 (assurance), %", 100.0),
    ("stop_early", "chance to stop after the first stage, %", 100.0),
    ("expected_n", "expected patients", 1.0),
    ("pfs_median_months", "median progression-free survival, months", 1.0),
    ("pfs_seen_median_months", "the same as visits show it, months", 1.0),
    ("pfs_bias_months", "its bias from visit spacing and dropout, months", 1.0),
)


def phase2_table(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Rule, response and rows of a phase II: what, mean, its error, limits; None without one."""
    if found is None:
        return None
    rows: list[tuple[str, str, str, str]] = []
    for key, words, factor in PHASE2:
        spread = found[key]
        values = [spread[k] for k in ("mean", "std_err", "low", "high")]
        if None in values:
            rows.append((words, "", "", ""))
            continue
        mean, error, low, high = (factor * v for v in values)
        rows.append((words, f"{mean:.3g}", f"{error:.2g}", f"{low:.3g} to {high:.3g}"))
    rule = found["rule"]
    said = f"stop at {rule['r1']} or fewer of {rule['n1']}; reject above {rule['r']} of {rule['n']}"
    return {"rule": said, "response": found["response"], "rows": rows}
