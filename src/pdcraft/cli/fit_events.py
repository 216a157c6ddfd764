"""``pdcraft fit EVENTS.csv --population --model M``: a NONMEM-style event table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdcraft.cli.common import emit, folder_for, say_warnings, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from pdcraft.kinetics.population.result import PopulationFit

__all__ = ["fit_event_table", "holds_events", "write_tables"]


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
    tables: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Fit and print; ``error`` ``auto`` is the combined error."""
    import warnings

    from pdcraft.errors import DataError, PdcraftWarning
    from pdcraft.io.event_table import expanded, read_events, write_events
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
        events = read_events(path)
        result = fit_events(events, model, options, file=path.name)
    messages = [str(w.message) for w in caught]
    if plot is not None:
        from pdcraft.report.population_page import write_population

        write_population(result, plot, data=path.name, warnings=messages, seed=seed)
    if tables is not None:
        write_tables(tables, {path.stem: result}, seed)
        (tables / "events.csv").write_text(write_events(expanded(events)), encoding="utf-8")
    out = document(result, seed=seed) | {"warnings": messages}
    emit(out, as_json, lambda console: _show(console, out))
    say_warnings(messages)


def write_tables(
    folder: Path, fits: Mapping[str, PopulationFit], seed: int, label: str | None = None
) -> None:
    """Write ``residuals.csv`` into a folder, which is made: a row per observation."""
    from pdcraft.kinetics.population.checks import residual_table

    text = residual_table(fits, label=label, seed=seed)
    (folder_for(folder) / "residuals.csv").write_text(text, encoding="utf-8")


def _show(console: Console, out: dict[str, Any]) -> None:
    title = (
        f"{out['model']}, {out['n_subjects']} subjects, {out['n_observations']} observations, "
        f"{out['method']}"
    )
    spread = {name: out["omega"][i][i] ** 0.5 for i, name in enumerate(out["random"])}
    rows: list[tuple[object, ...]] = []
    for name, effect in out["fixed_effects"].items():
        shrunk = out["eta_shrinkage"].get(name)
        natural = (effect[f"typical{part}"] for part in ("", "_std_err", "_low", "_high"))
        rows.append((name, *natural, spread.get(name), shrunk))
    columns = ("", "typical", "std. error", "2.5 %", "97.5 %", "SD between subjects", "shrinkage")
    console.print(table(title, columns, rows))
    residual = ", ".join(f"{n.replace('_', ' ')} {v:.4g}" for n, v in out["residual_sd"].items())
    console.print(f"residual error: {residual} (shrinkage {out['epsilon_shrinkage']:.2g})")
    npde, cwres = out["diagnostics"]["npde"], out["diagnostics"]["cwres"]
    for name, one in (("CWRES", cwres), ("NPDE", npde)):
        if one["mean"] is not None:
            console.print(f"{name}: mean {one['mean']:.3g}, variance {one['variance']:.3g}")
    console.print(f"-2 log L {out['minus_twice_log_likelihood']:.3f}, AIC {out['aic']:.3f}")
