"""The document and the table of every ``pdcraft response`` model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pdcraft.cli.common import emit, table

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.core.arrays import Floats

__all__ = ["emit_response"]

SHOWN_ROWS = 24  # of a curve, on the console


def emit_response(
    as_json: bool,
    model: str,
    parameters: Mapping[str, Any],
    result: Mapping[str, float | None],
    assumed: Sequence[str] = (),
    curve: Mapping[str, Sequence[float]] | None = None,
    spread: Mapping[str, Floats] | None = None,
) -> None:
    """Print a model's result with its parameters; its curve, and draws of it, if it has them."""
    from pdcraft.core.estimate import summarize

    limits = None if spread is None else {k: summarize(v) for k, v in spread.items()}
    document = {
        "schema": "pdcraft.response/1",
        "model": model,
        "parameters": dict(parameters),
        "result": dict(result),
        "spread": limits,
        "curve": None if curve is None else {k: list(v) for k, v in curve.items()},
        "assumed": list(assumed),
    }

    def render(console: Console) -> None:
        rows = [(name, value) for name, value in result.items() if value is not None]
        console.print(table(model, ("result", "value"), rows))
        if limits is not None:
            drawn = [(k, e["value"], e["low"], e["high"]) for k, e in limits.items()]
            console.print(table("draws", ("result", "mean", "95% from", "to"), drawn))
        if curve is not None:
            lines = list(zip(*curve.values(), strict=True))
            step = max(1, len(lines) // SHOWN_ROWS)
            console.print(table("curve", tuple(curve), lines[::step]))
        said = ((k, v) for k, v in parameters.items() if v is not None)
        console.print("with " + ", ".join(f"{k} {_words(v)}" for k, v in said))
        for text in assumed:
            console.print(text, style="dim")

    emit(document, as_json, render)


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_words(v) for v in value)  # pyright: ignore[reportUnknownVariableType]
    return f"{value:.6g}" if isinstance(value, float) else str(value)
