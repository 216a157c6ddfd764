"""A population fit as one offline page: estimates, figures, what was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pdcraft.kinetics.population.checks import diagnostics, fixed_effects, npde_studies, shrinkage
from pdcraft.kinetics.population.diagnostics import cwres, npde
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.vpc import predictive_check
from pdcraft.report.page import render_page
from pdcraft.report.panels import drawn, marked
from pdcraft.report.population import (
    CURVES,
    MOST_PANELS,
    individual_panels,
    predictive_check_figure,
    residual_panels,
)
from pdcraft.report.tables import Column, Table
from pdcraft.report.words import number

__all__ = ["population_html", "write_population"]

FEW_SUBJECTS = 10  # below, variances by maximum likelihood are plainly too low
METHODS = {
    "foce": "first-order conditional estimation with interaction: the likelihood of each subject "
    "is approximated around its own mode, with the expected curvature",
    "laplace": "Laplace's approximation: the likelihood of each subject is approximated around its "
    "own mode, with the curvature itself",
    "lindstrom-bates": "the alternating algorithm of R's nlme, whose end need not be the maximum "
    "of the likelihood",
}
ERRORS = {
    "additive": "one SD at every value",
    "proportional": "an SD in proportion to the predicted value",
    "combined": "variance a² + (b f)² around the predicted value f",
}
COVARIANCES = {
    "diagonal": "random effects of different parameters do not correlate",
    "full": "random effects of all parameters may correlate",
}
SOURCES = (
    ("M. J. Lindstrom, D. M. Bates, Biometrics 1990;46:673.", "10.2307/2532087"),
    (
        "Y. Wang, J Pharmacokinet Pharmacodyn 2007;34:575 (methods).",
        "10.1007/s10928-007-9060-6",
    ),
    ("R. M. Savic, M. O. Karlsson, AAPS J 2009;11:558 (shrinkage).", "10.1208/s12248-009-9133-0"),
    ("M. Bergstrand et al., AAPS J 2011;13:143 (predictive check).", "10.1208/s12248-011-9255-z"),
    ("A. C. Hooker et al., Pharm Res 2007;24:2187 (CWRES).", "10.1007/s11095-007-9361-x"),
    ("K. Brendel et al., Pharm Res 2006;23:2036 (NPDE).", "10.1007/s11095-006-9067-5"),
)


def population_html(
    result: PopulationFit, *, data: str = "", warnings: Sequence[str] = (), seed: int = 1
) -> str:
    """Build the page.

    Parameters
    ----------
    result : PopulationFit
    data : str
        Name of the data's file.
    warnings : sequence of str
        What the fit warned of.
    seed : int
        Of the simulated studies.

    Returns
    -------
    str
        HTML with everything inside; the same result gives the same text.
    """
    records = result.statement.records
    check = predictive_check(result, seed=seed)
    found = diagnostics(result, seed=seed)
    errors = None
    if found["npde"]["n"]:  # none where simulated values have no covariance
        values = npde(result, n=npde_studies(result), seed=seed)
        errors = residual_panels(result, values, "NPDE")
    return render_page(
        "population.html.j2",
        f"Population fit: {result.statement.model.name}" + (f", {data}" if data else ""),
        result=result,
        records=records,
        rounds=result.rounds,
        seed=seed,
        estimates=_estimates(result),
        correlations=_correlations(result),
        residual=_residual(result, found["epsilon_shrinkage"]),
        diagnostics=_diagnostics(found),
        curves=CURVES.items(),
        individual=drawn(individual_panels(result), "fig-subject"),
        left_out=max(0, records.n_subjects - MOST_PANELS),
        below=int(records.below.sum()),
        check=marked(predictive_check_figure(check), "fig-check"),
        inside=f"{100 * check.inside:.0f}%",
        weighted=drawn(residual_panels(result, cwres(result), "CWRES"), "fig-cwres"),
        errors=None if errors is None else drawn(errors, "fig-npde"),
        assumptions=_assumptions(result),
        few=records.n_subjects < FEW_SUBJECTS,
        warnings=warnings,
        sources=SOURCES,
    )


def _estimates(result: PopulationFit) -> Table:
    between = {name: float(np.sqrt(v)) for name, v in result.variances.items()}
    shrunk = shrinkage(result)
    body: list[tuple[str, ...]] = []
    for name, effect in fixed_effects(result).items():
        curved = effect["std_err_hessian"]
        if curved is not None and effect["scale"] == "log":
            curved *= effect["typical"]
        values = [effect[f"typical{end}"] for end in ("", "_low", "_high", "_std_err")]
        values += [curved, between.get(name), shrunk.get(name)]
        body.append((name, *map(number, values)))
    for p in result.statement.parameters:  # a kept typical value may have a fitted spread
        if p.fixed and p.random:
            values = [p.start, None, None, None, None, between[p.name], shrunk[p.name]]
            body.append((p.name, *map(number, values)))
    return Table(
        id="table-estimates",
        title="Estimates",
        note="Natural scale; time in h, the rest in the units of the file. Limits of 95%.",
        groups=(),
        columns=(
            Column("parameter"), Column("typical", "number"), Column("2.5%", "number"),
            Column("97.5%", "number"), Column("std. error", "number"),
            Column("by curvature", "number"), Column("SD between subjects", "number"),
            Column("shrinkage", "number"),
        ),
        rows=tuple(body),
        origins=("fitted",),
        unfolded=True,
    )  # fmt: skip


def _correlations(result: PopulationFit) -> Table | None:
    """Correlations of the random effects; None where they are taken as 0."""
    names = result.statement.random_names
    if result.statement.covariance == "diagonal" or len(names) < 2:
        return None
    spread = np.sqrt(np.diagonal(result.omega))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = result.omega / np.outer(spread, spread)
    return Table(
        id="table-correlations",
        title="Correlations of the random effects",
        note="Without intervals.",
        groups=(),
        columns=(Column("parameter"), *(Column(name, "number") for name in names[:-1])),
        rows=tuple(
            (name, *(f"{found[i, j]:.2f}" if j < i else "" for j in range(len(names) - 1)))
            for i, name in enumerate(names)
            if i
        ),
        origins=("fitted",),
    )


def _residual(result: PopulationFit, shrunk: float) -> Table:
    rows = [(name.replace("_sd", " SD"), number(sd)) for name, sd in result.residual_sd.items()]
    rows += [
        ("shrinkage of the residual error", number(shrunk)),
        ("−2 log likelihood", f"{result.objective:.3f}"),
        ("AIC", f"{result.aic:.3f}"),
        ("AICc", f"{result.aicc:.3f}" if np.isfinite(result.aicc) else ""),
        ("BIC", f"{result.bic:.3f}"),
    ]
    return Table(
        id="table-residual",
        title="Residual error and likelihood",
        note="Without intervals. Criteria compare models of the same data.",
        groups=(),
        columns=(Column("what"), Column("value", "number")),
        rows=tuple(rows),
        origins=("fitted",),
    )


def _diagnostics(found: dict[str, Any]) -> Table:
    body: list[tuple[str, ...]] = []
    for key, what in (("cwres", "CWRES"), ("npde", "NPDE")):
        one = found[key]
        cells = (number(one[part]) for part in ("mean", "variance", "normality_p"))
        body.append((what, str(one["n"]), *cells))
    return Table(
        id="table-diagnostics",
        title="Residuals in numbers",
        note="A right model has mean 0, variance 1 and a P that is not small (Shapiro and Wilk). "
        "Arithmetic on the fit: no interval.",
        groups=(),
        columns=(
            Column("residual"), Column("n", "number"), Column("mean", "number"),
            Column("variance", "number"), Column("P of normality", "number"),
        ),
        rows=tuple(body),
        origins=("computed",),
    )  # fmt: skip


def _assumptions(result: PopulationFit) -> list[tuple[str, str]]:
    """List what the fit takes as so: the value in short, and what it means."""
    statement = result.statement
    records, parameters = statement.records, statement.parameters
    log = [p.name for p in parameters if p.random and p.logarithmic]
    plain = [p.name for p in parameters if p.random and not p.logarithmic]
    same = [p.name for p in parameters if not p.random]
    out = [(statement.model.name, "linear: twice the dose gives twice the curve")]
    if log:
        out.append(("log-normal", f"individuals spread log-normally in {', '.join(log)}"))
    if plain:
        out.append(("normal", f"individuals spread normally in {', '.join(plain)}"))
    if same:
        out.append(("no spread", f"beyond covariates all subjects share {', '.join(same)}"))
    out.append((statement.covariance, COVARIANCES[statement.covariance]))
    out.append((f"{statement.error} error", ERRORS[statement.error]))
    out += [(number(p.start), f"{p.name} is kept at this value") for p in parameters if p.fixed]
    for p in parameters:
        for c in p.covariates:
            power = "an estimated power" if c.estimate else f"the power {c.exponent:g}"
            words = f"{p.name} goes with {power} of {c.name}; typical at {c.name} {c.reference:g}"
            out.append((f"{p.name} by {c.name}", words))
    if records.below.any():
        words = "a value below its limit enters by the probability of lying there"
        out.append((f"{int(records.below.sum())} below", words))
    out.append((result.method, METHODS[result.method]))
    return out


def write_population(
    result: PopulationFit,
    path: Path,
    *,
    data: str = "",
    warnings: Sequence[str] = (),
    seed: int = 1,
) -> None:
    """Write the page; parameters as of `population_html`."""
    page = population_html(result, data=data, warnings=warnings, seed=seed)
    path.write_text(page, encoding="utf-8")
