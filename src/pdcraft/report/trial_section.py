"""What a study's report shows of its trial: which level designs select; trial.html has the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.report.cards import Card
from pdcraft.report.style import figure_html
from pdcraft.report.tables import Column, Group, Table
from pdcraft.report.trial_figures import selection_figure
from pdcraft.study.recipes.trial import CHAIN
from pdcraft.study.trial_read import DLT

if TYPE_CHECKING:
    from pdcraft.study.recipes.trial import TrialResult

__all__ = ["design_cards", "percent", "trial_cards", "trial_section", "trial_sentences"]

NONE = "none"  # no level is selected
LIMITS = (2.5, 97.5)


def percent(value: float | None, error: float | None = None) -> str:
    """Print a share and its Monte Carlo standard error, both in percent; nothing for None.

    Examples
    --------
    >>> percent(0.2664, 0.0412)
    '26.6 ± 4.1'
    """
    if value is None:
        return ""
    return f"{100 * value:.1f}" + ("" if error is None else f" ± {100 * error:.1f}")


def trial_section(trial: TrialResult | None) -> dict[str, Any] | None:
    """Make the context of the section; None for a study without an escalation."""
    if trial is None or not trial.scenarios:
        return None
    from markupsafe import Markup

    chain = _of_patients(trial)
    figure = None
    if chain:
        figure = Markup(figure_html(selection_figure(chain, trial.doses), "fig-trial"))  # made here
    return {
        "sentences": trial_sentences(trial),
        "figure": figure,
        "table": _by_level(trial, chain) if chain else _by_scenario(trial),
        "dlt": next((e.variable for e in trial.estimands if e.endpoint == DLT), None),
        "warnings": trial.warnings,
    }


def trial_sentences(trial: TrialResult | None) -> list[str]:
    """Say which level each design selects most often, and how often none."""
    if trial is None or not trial.scenarios:
        return []
    chain = _of_patients(trial)
    if not chain:
        return [
            f"The escalation was simulated at fixed true DLT rates alone, "
            f"{trial.file.trial.trials:,} trials of each design."
        ]
    each = "; ".join(f"{one['design']} selects {_most_often(one, trial.doses)}" for one in chain)
    return [
        f"Of {chain[0]['trials']:,} simulated trials of each design, on patients made by the chain "
        f"and with a target DLT rate of {100 * trial.file.trial.wanted_rate:g}%, {each} "
        "(± Monte Carlo standard error)."
    ]


def trial_cards(trial: TrialResult | None) -> list[Card]:
    """Make a card for each design of a study's trial on patients of the chain."""
    return [] if trial is None else design_cards(_of_patients(trial), trial.doses)


def design_cards(chain: Sequence[Mapping[str, Any]], doses: Sequence[str]) -> list[Card]:
    """Make cards of how often each design ends with a right level, and which it selects."""
    out: list[Card] = []
    for one in chain:
        most, *_ = _favorite(one, doses)
        error = one["mcse"]["correct"]
        low, high = (100 * (one["correct"] + z * error) for z in (-1.96, 1.96))
        out.append(
            Card(
                title=f"{one['design']}: right level; selects {most} most often",
                value=f"{100 * one['correct']:.0f}", unit="% of trials",
                interval=f"{max(low, 0.0):.0f} to {min(high, 100.0):.0f}, 95% Monte Carlo limits",
                origin="computed",
            )
        )  # fmt: skip
    return out


def _of_patients(trial: TrialResult) -> list[Mapping[str, Any]]:
    return [one for one in trial.scenarios if one["name"] == CHAIN]


def _selected(found: Mapping[str, Any], doses: Sequence[str]) -> list[tuple[str, float, float]]:
    """Each level and none: how often it is selected, with the error."""
    error = found["mcse"]
    return [
        *zip(doses, found["select"], error["select"], strict=True),
        (NONE, found["select_none"], error["select_none"]),
    ]


def _favorite(found: Mapping[str, Any], doses: Sequence[str]) -> tuple[str, float, float]:
    """Level that is selected most often, how often, with the error."""
    return max(_selected(found, doses)[:-1], key=lambda one: one[1])


def _most_often(found: Mapping[str, Any], doses: Sequence[str]) -> str:
    name, *share = _favorite(found, doses)
    _, *none = _selected(found, doses)[-1]
    return f"{name} most often ({percent(*share)}%), no level in {percent(*none)}%"


def _by_level(trial: TrialResult, chain: Sequence[Mapping[str, Any]]) -> Table:
    rates = np.array(chain[0]["by_draw"]["true_rate"])
    low, high = (np.percentile(rates, limit, axis=0) for limit in LIMITS)
    true = [
        f"{percent(rate)} ({percent(a)} to {percent(b)})"
        for rate, a, b in zip(chain[0]["true_rate"], low, high, strict=True)
    ]
    selected = [_selected(one, trial.doses) for one in chain]
    rows = [
        (name, rate, *(percent(*one[k][1:]) for one in selected))
        for k, (name, rate) in enumerate(zip((*trial.doses, NONE), (*true, ""), strict=True))
    ]
    return Table(
        "table-trial",
        "Selected level, % of the trials",
        f"{chain[0]['trials']:,} trials of each design; {len(rates)} draws of what is not known.",
        (Group("", 1), Group("computed", 1 + len(chain), "computed")),
        (
            Column("level", "text"),
            Column("true DLT rate, % (95% of the draws)", "number"),
            *(Column(f"by {one['design']}", "number") for one in chain),
        ),
        tuple(rows),
    )


def _by_scenario(trial: TrialResult) -> Table:
    names = list(dict.fromkeys(one["name"] for one in trial.scenarios))
    designs = list(dict.fromkeys(one["design"] for one in trial.scenarios))
    found = {(one["name"], one["design"]): one for one in trial.scenarios}
    rows = [
        (
            name,
            *(
                percent(found[name, design]["correct"], found[name, design]["mcse"]["correct"])
                for design in designs
            ),
        )
        for name in names
    ]
    return Table(
        "table-trial",
        "Correct level selected, % of the trials",
        "Fixed true DLT rates; correct: a level nearest the target, none where all are too toxic.",
        (Group("", 1), Group("computed", len(designs), "computed")),
        (Column("true rates", "text"), *(Column(f"by {design}", "number") for design in designs)),
        tuple(rows),
    )
