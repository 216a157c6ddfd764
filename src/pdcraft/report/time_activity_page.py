"""Fitted time-activity data as one offline page: coefficients, curves, models, what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from pdcraft.kinetics.document import coefficient, flags_said, other_models
from pdcraft.kinetics.fit import FitResult
from pdcraft.report.page import render_page
from pdcraft.report.panels import drawn
from pdcraft.report.tables import Column, Table, filled
from pdcraft.report.time_activity import CURVES, SUBJECTS, fitted_panels, percent_unit
from pdcraft.report.words import given_number, number, region_words

__all__ = ["time_activity_html", "write_time_activity"]

TAILS = {
    "fitted": "after the last measurement the fitted curve goes on",
    "physical": "after the last measurement the carrier stays where it is and only decays: an "
    "upper bound where it washes out",
    "none": "nothing after the last measurement is counted",
}
METHODS = {
    "laplace": "draws from the curvature of the likelihood, resampled to the likelihood itself",
    "bootstrap": "draws by fitting data that were simulated from the fit",
}
ERRORS = {
    "sd": ("stated", "the stated errors are taken, widened where the values scatter more"),
    "proportional": ("proportional", "one in proportion to the curve, estimated from the scatter"),
    "constant": ("constant", "one at every value, estimated from the scatter"),
}
DESIGNS = {
    "serial": "each subject has a curve of its own; the coefficient is the typical subject's",
    "single": "one subject: the limits hold no spread between subjects",
    "destructive": "each animal gave one time: one curve through all of them",
    "group_means": "one curve through means of animals; its limits are of the mean, not of animals",
}
MIRD21 = (
    "W. E. Bolch et al., MIRD Pamphlet No. 21, J Nucl Med 2009;50:477 (coefficients).",
    "10.2967/jnumed.108.056036",
)
SOURCES = (
    MIRD21,
    ("C. M. Hurvich, C.-L. Tsai, Biometrika 1989;76:297 (AICc).", "10.1093/biomet/76.2.297"),
    (
        "K. P. Burnham, D. R. Anderson, Model Selection and Multimodel Inference, 2nd ed., "
        "Springer 2002 (weights).",
        "10.1007/b97636",
    ),
)
RUBIN = ("D. B. Rubin, Bayesian Statistics 3, Oxford 1988, p. 395 (resampled draws).", None)
STUDENT = ("Student, Biometrika 1908;6:1 (several subjects).", "10.1093/biomet/6.1.1")
BEAL = (
    "S. L. Beal, J Pharmacokinet Pharmacodyn 2001;28:481 (below quantification).",
    "10.1023/A:1012299115260",
)
GABRIELSSON = (
    "J. Gabrielsson, D. Weiner, Pharmacokinetic and Pharmacodynamic Data Analysis, 3rd ed., "
    "Swedish Pharmaceutical Press 2000, chapter 3 (without a model).",
    None,
)


def time_activity_html(result: FitResult, *, data: str = "") -> str:
    """Build the page.

    Parameters
    ----------
    result : FitResult
    data : str
        Name of the data's file.

    Returns
    -------
    str
        HTML with everything inside; the same result gives the same text.
    """
    found = result.document()
    regions: Mapping[str, Any] = found["regions"]
    several = any(len(r.best) > 1 for r in result.regions)
    below = sum(entry["n_censored"] for entry in regions.values())
    return render_page(
        "time_activity.html.j2",
        f"Fitted curves: {result.payload}" + (f", {data}" if data else ""),
        payload=result.payload,
        measured_with=result.measured_with,
        values=sum(entry["n"] for entry in regions.values()),
        regions=len(regions),
        options=result.options,
        coefficients=_coefficients(regions),
        without_model=_without_model(regions),
        models=_models(result, regions),
        measured=_measured(result),
        panels=drawn(fitted_panels(result), "fig-region"),
        keys=[*CURVES.items(), *(SUBJECTS.items() if several else ())],
        several=several,
        below=below,
        warnings=[
            (", ".join(map(region_words, names)), flag) for flag, names in flags_said(found).items()
        ],
        assumptions=_assumptions(result, regions),
        sources=_sources(result, regions),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}"


def _table(
    name: str,
    title: str,
    note: str,
    columns: Sequence[Column],
    body: Sequence[tuple[str, ...]],
    origin: str,
    **more: Any,
) -> Table:
    """Make a table without the columns that no row fills."""
    kept, rows = filled(columns, body)
    return Table(name, title, note, (), kept, rows, origins=(origin,), **more)


def _coefficients(regions: Mapping[str, Any]) -> Table:
    body: list[tuple[str, ...]] = []
    for name, entry in regions.items():
        estimate, unit = coefficient(entry)
        body.append(
            (
                region_words(name),
                *(number(estimate[end]) for end in ("value", "low", "high")),
                unit, entry["model"] or "none", other_models(entry),
                _percent(entry["extrapolated_share"]),
            )
        )  # fmt: skip
    return _table(
        "table-coefficients",
        "Time-integrated activity coefficients",
        "Decays per administered activity: MBq·h per MBq, of the region or per g or mL of it. "
        "Mean and 95% limits of the draws.",
        (
            Column("region"), Column("mean", "number"), Column("2.5%", "number"),
            Column("97.5%", "number"), Column("unit"), Column("best model"),
            Column("other models", "note"), Column("beyond last time, %", "number"),
        ),
        body,
        "fitted",
        unfolded=True,
    )  # fmt: skip


def _without_model(regions: Mapping[str, Any]) -> Table | None:
    """Integrals by trapezoids and a terminal slope; None where no curve has one."""
    body = [
        (
            region_words(name), one["subject"] or "", number(one["value"]), coefficient(entry)[1],
            _percent(one["extrapolated_share"]),
            ", ".join(given_number(t) for t in one["terminal_times_h"]),
            number(one["r2_adjusted"]), one["tail"],
        )
        for name, entry in regions.items()
        for one in entry["nca"] or ()
    ]  # fmt: skip
    if not body:
        return None
    return _table(
        "table-without-model",
        "The same without a model",
        "Trapezoids and a log-linear slope through the last values: no interval. To be held "
        "against the fits.",
        (
            Column("region"), Column("subject"), Column("value", "number"), Column("unit"),
            Column("beyond last time, %", "number"), Column("times of the last slope, h", "note"),
            Column("R², adjusted", "number"), Column("tail"),
        ),
        body,
        "computed",
    )  # fmt: skip


def _models(result: FitResult, regions: Mapping[str, Any]) -> Table:
    names = result.options.models
    reasons = list(
        dict.fromkeys(f"{m}: {why}" for e in regions.values() for m, why in e["refused"].items())
    )
    letters = {why: ascii_lowercase[i % 26] for i, why in enumerate(reasons)}
    body = [
        (
            region_words(name), ERRORS.get(entry["error_model"], ("",))[0], str(entry["n"]),
            *(f"{entry['weights'][m]:.3f}" if m in entry["weights"] else "" for m in names),
            " ".join(letters[f"{m}: {why}"] for m, why in entry["refused"].items()),
        )
        for name, entry in regions.items()
    ]  # fmt: skip
    return _table(
        "table-models",
        "Models and their weights",
        "Akaike weights: the share of the draws that each model gives. Exact for the fit, so "
        "without an interval; empty where these data cannot judge a model.",
        (
            Column("region"), Column("errors"), Column("values", "number"),
            *(Column(name, "number") for name in names), Column("refused", "note"),
        ),
        body,
        "fitted",
        footnotes=tuple(reasons),
        unfolded=True,
    )  # fmt: skip


def _measured(result: FitResult) -> Table:
    body: list[tuple[str, ...]] = []
    for region in result.regions:
        for c in region.curves:
            for time_h, value, sd, below in zip(c.time_h, c.value, c.sd, c.censored, strict=True):
                body.append(
                    (
                        region_words(region.region), c.subject, given_number(float(time_h)),
                        given_number(100 * float(value)),
                        given_number(100 * float(sd)) if np.isfinite(sd) and not below else "",
                        percent_unit(region), "below quantification" if below else "",
                    )
                )  # fmt: skip
    return _table(
        "table-measured",
        "Values that were fitted",
        "Of the carrier: decay-corrected. Error: standard deviation of the value, of a mean "
        "its standard error.",
        (
            Column("region"), Column("subject"), Column("time, h", "number"),
            Column("value", "number"), Column("error", "number"), Column("unit"), Column("remark"),
        ),
        body,
        "measured",
    )  # fmt: skip


def _assumptions(result: FitResult, regions: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what the fit takes as so: the value in short, and what it means."""
    options = result.options
    out = [(f"{options.tail} tail", TAILS[options.tail])]
    if result.payload != result.measured_with:
        words = f"coefficients of {result.payload}, with the biology seen with"
        out.append((result.payload, f"{words} {result.measured_with}"))
    out.append((f"{number(result.half_life_h)} h", f"half-life of {result.payload}"))
    designs = dict.fromkeys(entry["design"] for entry in regions.values())
    out += [(design.replace("_", " "), DESIGNS[design]) for design in designs]
    errors = dict.fromkeys(e["error_model"] for e in regions.values() if e["error_model"])
    out += [(f"{ERRORS[error][0]} errors", ERRORS[error][1]) for error in errors]
    out.append(("exponentials", "the carrier's curve is a sum of one to three, never below zero"))
    out.append((options.method, METHODS[options.method]))
    if any(entry["n_censored"] for entry in regions.values()):
        words = "a value below its limit enters by the probability of lying there"
        out.append(("below quantification", words))
    return out


def _sources(result: FitResult, regions: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    entries = list(regions.values())
    used = (
        (result.options.method == "laplace", RUBIN),
        (any(len(r.best) > 1 for r in result.regions), STUDENT),
        (any(e["n_censored"] for e in entries), BEAL),
        (any(e["nca"] for e in entries), GABRIELSSON),
    )
    return [*SOURCES, *(source for yes, source in used if yes)]


def write_time_activity(result: FitResult, path: Path, *, data: str = "") -> None:
    """Write the page; parameters as of `time_activity_html`."""
    path.write_text(time_activity_html(result, data=data), encoding="utf-8")
