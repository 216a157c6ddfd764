"""``pdcraft fit EVENTS.csv --population --model M``: a NONMEM-style event table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdcraft.cli.common import emit, err_console, table

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["fit_event_table", "holds_events"]


def holds_events(path: Path) -> bool:
    """Whether a file's header is that of an event table (ID, TIME, DV)."""
    from pdcraft.io.event_table import is_event_table

    try:
        return is_event_table(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):  # the reader of biodistributions says what is wrong
        return False


def fit_event_table(
    path: Path,
    model: str | None,
    error: str,
    covariance: str,
    method: str,
    allometry: str,
    reference_mass_kg: float,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Fit and print; ``error`` ``auto`` is the combined error."""
    import warnings

    from pdcraft.errors import DataError, PdcraftWarning
    from pdcraft.io.event_table import read_events
    from pdcraft.kinetics.population.event_fit import MODELS, EventOptions, document, fit_events

    if model is None:
        raise DataError(f"{path.name} is an event table: give --model, one of {', '.join(MODELS)}")
    options = EventOptions(
        error="combined" if error == "auto" else error,  # pyright: ignore[reportArgumentType]
        covariance=covariance,  # pyright: ignore[reportArgumentType]  # checked in fit_events
        method=method,  # pyright: ignore[reportArgumentType]
        mass=allometry,  # pyright: ignore[reportArgumentType]
        reference_mass=reference_mass_kg,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PdcraftWarning)
        result = fit_events(read_events(path), model, options, file=path.name)
    messages = [str(w.message) for w in caught]
    if plot is not None:
        from pdcraft.report.population import write_population

        write_population(result, plot)
    out = document(result) | {"warnings": messages}
    emit(out, as_json, lambda console: _show(console, out))
    for message in messages:
        err_console().print(f"warning: {message}", style="yellow")


def _show(console: Console, out: dict[str, Any]) -> None:
    title = (
        f"{out['model']}, {out['n_subjects']} subjects, {out['n_observations']} observations, "
        f"{out['method']}"
    )
    spread = {name: out["omega"][i][i] ** 0.5 for i, name in enumerate(out["random"])}
    rows: list[tuple[object, ...]] = []
    for name, effect in out["fixed_effects"].items():
        typical = out["typical"].get(name, effect["value"])
        shrunk = out["eta_shrinkage"].get(name)
        rows.append((name, typical, effect["value"], effect["std_err"], spread.get(name), shrunk))
    columns = ("", "typical", "fixed effect", "std. error", "SD between subjects", "shrinkage")
    console.print(table(title, columns, rows))
    residual = ", ".join(f"{n.replace('_', ' ')} {v:.4g}" for n, v in out["residual_sd"].items())
    console.print(f"residual error: {residual} (shrinkage {out['epsilon_shrinkage']:.2g})")
    console.print(f"-2 log L {out['minus_twice_log_likelihood']:.3f}, AIC {out['aic']:.3f}")
