"""``pdcraft design simon|bayes-phase2``: one-arm trials; with these, the other Phase II designs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, table
from pdcraft.cli.design_baskets import basket
from pdcraft.cli.design_numbers import numbers, plain, whole_numbers
from pdcraft.cli.design_pfs import group_sequential

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.trial.phase2.bayes import BayesPhase2
    from pdcraft.trial.phase2.simon import TwoStage

__all__ = ["COMMANDS", "bayes_phase2", "simon"]

P0Option = Annotated[float, typer.Option("--p0", help="Response rate not worth pursuing.")]
P1Option = Annotated[float, typer.Option("--p1", help="Response rate worth pursuing.")]


def _two_stage(design: TwoStage, p0: float, p1: float) -> dict[str, Any]:
    return {
        "r1": design.r1,
        "n1": design.n1,
        "r": design.r,
        "n": design.n,
        "EN0": design.EN(p0),
        "PET0": design.PET(p0),
        "EN1": design.EN(p1),
        "PET1": design.PET(p1),
        "type_I_error": design.rejects(p0),
        "power": design.rejects(p1),
    }


def simon(
    p0: P0Option,
    p1: P1Option,
    alpha: Annotated[float, typer.Option("--alpha", help="Largest type I error.")] = 0.05,
    beta: Annotated[float, typer.Option("--beta", help="Largest type II error.")] = 0.20,
    responses: Annotated[
        int | None, typer.Option("--responses", help="Responses seen: also what they say.")
    ] = None,
    treated: Annotated[
        int | None, typer.Option("--treated", help="Patients treated, if not as planned.")
    ] = None,
    first: Annotated[
        int | None, typer.Option("--first", help="Responses of the first stage.")
    ] = None,
    plan: Annotated[
        str, typer.Option("--plan", help="Of --responses: optimal, minimax, or r1/n1 r/n.")
    ] = "optimal",
    confidence: Annotated[float, typer.Option("--confidence")] = 0.95,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Simon's two-stage designs; with --responses, estimate, p-value and interval after them."""
    from pdcraft.errors import DataError
    from pdcraft.trial.phase2.simon import simon_designs

    if responses is None and (treated is not None or first is not None):
        raise DataError("--treated and --first belong to --responses; give all responses as well")
    found = simon_designs(p0, p1, alpha, beta)
    named = {"optimal": found.optimal, "minimax": found.minimax}
    result = None
    if responses is not None:
        chosen = named.get(plan) or _plan(plan)
        result = _result(chosen, plan, responses, p0, treated, first, confidence)
    document: dict[str, Any] = {
        "schema": "pdcraft.design-simon/1",
        "p0": p0,
        "p1": p1,
        "alpha": alpha,
        "beta": beta,
        **{name: _two_stage(design, p0, p1) for name, design in named.items()},
        "admissible": [_two_stage(design, p0, p1) for design in found.admissible],
        "result": result,
    }

    def render(console: Console) -> None:
        columns = ("", "stop at", "of", "reject above", "of", "EN(p0)", "PET(p0)", "error", "power")
        keys = ("r1", "n1", "r", "n", "EN0", "PET0", "type_I_error", "power")
        rows = [(name, *(document[name][key] for key in keys)) for name in named]
        title = f"two stages, p0 {p0:g} against p1 {p1:g}"
        console.print(table(title, columns, rows))
        if result is not None:
            lines = [(key.replace("_", " "), _shown(value)) for key, value in result.items()]
            console.print(table("after the trial", ("", "value"), lines))

    emit(document, json, render)


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return " to ".join(f"{x:.4f}" for x in value.values())  # pyright: ignore[reportUnknownVariableType]
    return "yes" if value is True else "no" if value is False else value


def _plan(text: str) -> TwoStage:
    from pdcraft.errors import DataError
    from pdcraft.trial.phase2.simon import TwoStage

    try:
        r1, n1, r, n = (int(word) for word in text.replace("/", " ").split())
    except ValueError:
        raise DataError(
            f"--plan: '{text}' is not optimal, minimax or a rule such as \"1/10 5/29\""
        ) from None
    return TwoStage(r1, n1, r, n)


def _result(
    plan: TwoStage,
    name: str,
    responses: int,
    p0: float,
    treated: int | None,
    first: int | None,
    confidence: float,
) -> dict[str, Any]:
    from pdcraft.trial.phase2.inference import two_stage_inference
    from pdcraft.trial.phase2.intervals import clopper_pearson, wilson

    found = two_stage_inference(plan, responses, p0, n=treated, first=first, confidence=confidence)

    def limits(both: tuple[float, float]) -> dict[str, float]:
        return {"low": both[0], "high": both[1]}

    return {
        "plan": name,
        "responses": responses,
        "n": found.n,
        "first": first,
        "stage": found.stage,
        "estimate": found.estimate,
        "interval": limits((found.low, found.high)),
        "p_value_interval": limits(found.p_value_limits),
        "confidence": confidence,
        "p_value": found.p_value,
        "reject": found.reject,
        "p_value_of_plan": found.p_value_of_plan,
        "naive": found.naive,
        "naive_exact": limits(clopper_pearson(responses, found.n, confidence)),
        "naive_wilson": limits(wilson(responses, found.n, confidence)),
    }


def bayes_phase2(
    p0: P0Option,
    p1: P1Option,
    n: Annotated[int, typer.Option("--n", help="Patients in all.")],
    looks: Annotated[
        str | None, typer.Option("--looks", help='Patients at the interim looks, "10 20".')
    ] = None,
    go: Annotated[float, typer.Option("--go", help="P(rate > p0) that the end needs.")] = 0.95,
    futility: Annotated[
        float, typer.Option("--futility", help="Stop if the predictive probability is below.")
    ] = 0.05,
    efficacy: Annotated[
        float, typer.Option("--efficacy", help="Stop, and go, if it is above; 1: never.")
    ] = 1.0,
    prior: Annotated[
        str | None, typer.Option("--prior", help='Beta prior, "a b"; p0 and 1 - p0 if left out.')
    ] = None,
    toxicity_limit: Annotated[
        float | None, typer.Option("--toxicity-limit", help="Highest acceptable toxicity rate.")
    ] = None,
    toxicity_cutoff: Annotated[
        float, typer.Option("--toxicity-cutoff", help="Stop if P(rate > limit) is above.")
    ] = 0.90,
    toxicity_prior: Annotated[
        str | None, typer.Option("--toxicity-prior", help='"a b"; limit and 1 - limit.')
    ] = None,
    toxicity_rate: Annotated[
        str, typer.Option("--toxicity-rate", help='True toxicity rates, "0.1 0.4".')
    ] = "0",
    odds_ratio: Annotated[
        float, typer.Option("--odds-ratio", help="Of toxicity in those who respond.")
    ] = 1.0,
    responses: Annotated[
        int | None, typer.Option("--responses", help="So far, with --treated: what is next.")
    ] = None,
    treated: Annotated[int | None, typer.Option("--treated", help="Patients so far.")] = None,
    toxic: Annotated[int | None, typer.Option("--toxic", help="Toxicities so far.")] = None,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Bayesian one-arm trial: boundaries, and exact operating characteristics at p0 and p1."""
    from pdcraft.errors import DataError
    from pdcraft.trial.phase2.bayes import BayesPhase2, Toxicity
    from pdcraft.trial.phase2.bayes_characteristics import characteristics

    rule = None
    if toxicity_limit is not None:
        rule = Toxicity(
            toxicity_limit,
            toxicity_cutoff,
            _beta("--toxicity-prior", toxicity_prior, toxicity_limit),
        )
    design = BayesPhase2(
        p0,
        n,
        whole_numbers("--looks", looks) or (),
        go,
        futility,
        efficacy,
        _beta("--prior", prior, p0),
        rule,
    )
    if (responses is None) != (treated is None):
        raise DataError("--responses and --treated belong together: give both or neither")
    if toxic is not None and treated is None:
        raise DataError("--toxic counts among --treated: give it with --responses and --treated")
    rates = numbers("--toxicity-rate", toxicity_rate) or (0.0,)
    found = [
        plain(characteristics(design, response, toxicity, odds_ratio))
        for toxicity in rates
        for response in (p0, p1)
    ]
    document: dict[str, Any] = {
        "schema": "pdcraft.design-bayes-phase2/1",
        "p0": p0,
        "p1": p1,
        "n": n,
        "go": go,
        "futility": futility,
        "efficacy": efficacy,
        "prior": {"a": design.prior.a, "b": design.prior.b},
        "toxicity": None
        if rule is None
        else {
            "limit": rule.limit,
            "cutoff": rule.cutoff,
            "prior": {"a": rule.prior.a, "b": rule.prior.b},
        },
        "odds_ratio": odds_ratio,
        "needed": design.needed,
        "looks": [_look(design, look) for look in (*design.looks, n)],
        "type_I_error": found[0]["go"],
        "power": found[1]["go"],
        "characteristics": found,
        "current": None
        if responses is None or treated is None
        else _current(design, responses, treated, toxic),
    }

    def render(console: Console) -> None:
        columns = ("patients", "no-go at ≤", "go at ≥", "toxic at ≥")
        console.print(
            table("boundaries", columns, [tuple(look.values()) for look in document["looks"]])
        )
        columns = tuple(found[0])
        console.print(table("exact", columns, [tuple(row.values()) for row in found]))
        if document["current"] is not None:
            lines = [(k.replace("_", " "), v) for k, v in document["current"].items()]
            console.print(table("now", ("", "value"), lines))

    emit(document, json, render)


def _beta(option: str, text: str | None, rate: float) -> Any:
    from pdcraft.errors import DataError
    from pdcraft.trial.phase2.bayes import Beta

    both = numbers(option, text) or (rate, 1.0 - rate)
    if len(both) != 2:
        raise DataError(f"{option}: '{text}' must be two numbers, a and b of a beta distribution")
    return Beta(*both)


def _look(design: BayesPhase2, n: int) -> dict[str, int | None]:
    low, high = design.boundaries(n)
    toxic = None if design.toxicity is None else design.toxicity.boundary(n)
    return {"n": n, "no_go_if_le": low, "go_if_ge": high, "toxic_if_ge": toxic}


def _current(
    design: BayesPhase2, responses: int, treated: int, toxic: int | None
) -> dict[str, Any]:
    from pdcraft.errors import DataError
    from pdcraft.trial.checks import check_count

    chance = design.predictive(responses, treated)
    low, high = design.prior.interval(responses, treated)
    unsafe = None
    if toxic is not None:
        if design.toxicity is None:
            raise DataError("--toxic needs a rule: give --toxicity-limit as well")
        check_count("toxicities", toxic, treated)
        unsafe = design.toxicity.prior.above(design.toxicity.limit, toxic, treated)
    stops = unsafe is not None and design.toxicity is not None and unsafe > design.toxicity.cutoff
    return {
        "responses": responses,
        "treated": treated,
        "posterior_above_p0": design.prior.above(design.p0, responses, treated),
        "rate_low": low,
        "rate_high": high,
        "predictive_probability": chance,
        "posterior_too_toxic": unsafe,
        "decision": "toxic" if stops else design.decide(responses, treated),
    }


#: Commands of the group: name to function.
COMMANDS: dict[str, Callable[..., None]] = {
    "simon": simon,
    "bayes-phase2": bayes_phase2,
    "basket": basket,
    "group-sequential": group_sequential,
}
