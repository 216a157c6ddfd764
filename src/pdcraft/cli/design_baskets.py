"""``pdcraft design basket``: one trial of several diseases, with and without borrowing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, progress, table
from pdcraft.cli.design_numbers import numbers, plain, whole_numbers

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["basket"]

EXCHANGEABLE_HELP = "Of exnex: prior probability that a basket is like others."


def basket(
    p0: Annotated[str, typer.Option("--p0", help='Rates not worth pursuing, "0.2 0.2 0.3".')],
    p1: Annotated[str, typer.Option("--p1", help="Rates worth pursuing.")],
    n: Annotated[str, typer.Option("--n", help='Patients of every basket, "20 20 12".')],
    names: Annotated[
        str | None, typer.Option("--names", help='Of the baskets, "DLBCL MCL CLL".')
    ] = None,
    model: Annotated[
        str, typer.Option("--model", help="exnex, hierarchical or pooled; beside independent.")
    ] = "exnex",
    exchangeable: Annotated[float, typer.Option("--exchangeable", help=EXCHANGEABLE_HELP)] = 0.5,
    tau: Annotated[
        float, typer.Option("--tau", help="Scale of the half-normal spread between baskets.")
    ] = 1.0,
    alpha: Annotated[
        float, typer.Option("--alpha", help="Error of every basket when none is active.")
    ] = 0.10,
    cutoff: Annotated[
        float | None,
        typer.Option("--cutoff", help="Instead: P(rate > p0) beyond which a basket is active."),
    ] = None,
    interim: Annotated[
        str | None, typer.Option("--interim", help="Patients of every basket at a first look.")
    ] = None,
    futility: Annotated[
        float, typer.Option("--futility", help="Stop a basket there if P(rate > p0) is below.")
    ] = 0.10,
    true_rate: Annotated[
        list[str] | None,
        typer.Option("--true-rate", help="A scenario of true rates; repeat the option."),
    ] = None,
    responses: Annotated[
        str | None, typer.Option("--responses", help="Responses seen: also the posteriors.")
    ] = None,
    trials: Annotated[int, typer.Option("--trials", help="Simulated per scenario.", min=1)] = 2000,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Basket trial with and without borrowing: posteriors, simulated operating characteristics."""
    from pdcraft.errors import DataError
    from pdcraft.trial.phase2.basket import BasketModel, tables
    from pdcraft.trial.phase2.basket_characteristics import (
        BasketTrial,
        cutoff_for,
        simulate_baskets,
    )

    null, good = numbers("--p0", p0) or (), numbers("--p1", p1) or ()
    sizes = whole_numbers("--n", n) or ()
    if not len(null) == len(good) == len(sizes):
        raise DataError(
            f"--p0, --p1 and --n have {len(null)}, {len(good)} and {len(sizes)} numbers; one of "
            "each a basket"
        )
    for low, high in zip(null, good, strict=True):
        if not low < high:
            raise DataError(f"--p0 {low:g} and --p1 {high:g} of a basket: p1 is the higher rate")
    labels = tuple(f"basket {k + 1}" for k in range(len(sizes)))
    if names is not None:
        labels = tuple(names.replace(",", " ").split())
        if len(labels) != len(sizes):
            raise DataError(f"--names: {len(labels)} names for {len(sizes)} baskets")
    seen = whole_numbers("--responses", responses)
    early = whole_numbers("--interim", interim) or ()
    scenarios = _scenarios(null, good, true_rate)
    compared: list[dict[str, Any]] = []
    for kind in dict.fromkeys(("independent", model)):
        made = BasketModel(kind, exchangeable=exchangeable, tau_scale=tau)
        trial = BasketTrial(made, null, sizes, cutoff or 0.5, early, futility)
        level = cutoff_for(trial, alpha, trials, seed) if cutoff is None else cutoff
        trial = BasketTrial(made, null, sizes, level, early, futility)
        rows: list[dict[str, Any]] = []
        with progress(kind) as report:
            for number, (name, rates) in enumerate(scenarios.items()):
                report(number / len(scenarios), name)
                found = simulate_baskets(trial, rates, trials, seed + 1 + number)
                rows.append({"name": name, **plain(found)})
        posterior = None
        if seen is not None:
            after = tables(made, null, sizes).posterior(seen)
            posterior = {
                "above_p0": after.above[0].tolist(),
                "mean": after.mean[0].tolist(),
                "exchangeable": after.exchangeable[0].tolist(),
                "active": (after.above[0] > level).tolist(),
            }
        compared.append({"model": kind, "cutoff": level, "posterior": posterior, "scenarios": rows})
    document: dict[str, Any] = {
        "schema": "pdcraft.design-basket/1",
        "names": list(labels),
        "p0": list(null),
        "p1": list(good),
        "n": list(sizes),
        "interim": list(early) or None,
        "futility": futility if early else None,
        "alpha": alpha if cutoff is None else None,
        "exchangeable": exchangeable,
        "tau": tau,
        "responses": None if seen is None else list(seen),
        "trials": trials,
        "seed": seed,
        "models": compared,
    }

    def render(console: Console) -> None:
        for part in compared:
            rows = [
                (row["name"], *row["active"], row["any_false"], sum(row["EN"]))
                for row in part["scenarios"]
            ]
            columns = ("probability to be called active", *labels, "any false", "patients")
            title = f"{part['model']}, cut-off {part['cutoff']:.4f}"
            console.print(table(title, columns, rows))
            if part["posterior"] is not None:
                lines = [(key, *value) for key, value in part["posterior"].items()]
                console.print(table("after the trial", ("", *labels), lines))
        worst = (0.25 / trials) ** 0.5
        console.print(f"{trials} trials a scenario; Monte Carlo error at most {worst:.3f}")

    emit(document, json, render)


def _scenarios(
    null: tuple[float, ...], good: tuple[float, ...], asked: list[str] | None
) -> dict[str, tuple[float, ...]]:
    if asked:
        return {text: numbers("--true-rate", text) or () for text in asked}
    half = (len(null) + 1) // 2
    return {
        "none": null,
        "all": good,
        "first only": good[:1] + null[1:],
        f"first {half}": good[:half] + null[half:],
        "all but the last": good[:-1] + null[-1:],
    }
