"""Population fits against R's nlme on two classic data sets.

Lindstrom-Bates fits by maximum likelihood with diagonal random effects and constant residual
error: indomethacin as a bi-exponential (random effects on A1, lrc1, A2), theophylline with
first-order absorption (random effects on lKa, lCl).
"""

from __future__ import annotations

from collections.abc import Iterator

from pdcraft.io.event_table import read_events
from pdcraft.kinetics.population import (
    Compartments,
    Exponentials,
    Parameter,
    PopulationFit,
    Records,
    fit,
    from_events,
    from_observations,
)
from pdcraft.kinetics.population.uncertainty import standard_errors
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows, reference_text

__all__ = ["NLME_NAMES", "cases", "indometh", "indometh_fit", "theoph", "theoph_fit"]

SOURCE = "own run of R's nlme (maximum likelihood, Lindstrom-Bates)"
NLME_NAMES = {
    "Theoph": {"lKe": "ke", "lKa": "ka", "lCl": "CL"},
    "Indometh": {"A1": "A1", "lrc1": "k1", "A2": "A2", "lrc2": "k2"},
}


def indometh() -> Records:
    """Indomethacin in plasma, ug/mL, 6 subjects."""
    rows = reference_rows("kinetics", "indometh.csv")
    return from_observations(
        [row["subject"] for row in rows],
        [float(row["time_h"]) for row in rows],
        [float(row["value"]) for row in rows],
    )


def theoph() -> Records:
    """Theophylline in serum, mg/L, 12 subjects, with their doses."""
    events = read_events("theoph.csv", text=reference_text("kinetics", "theoph.csv"))
    return from_events(events, Compartments(1, oral=True, rates=True))


def indometh_fit() -> PopulationFit:
    """Fit indomethacin as nlme did."""
    parameters = [
        Parameter("A1", 3.0, "normal"),
        Parameter("k1", 2.0),
        Parameter("A2", 0.4, "normal"),
        Parameter("k2", 0.2, random=False),
    ]
    return fit(Exponentials(2), parameters, indometh(), method="lindstrom-bates")


def theoph_fit() -> PopulationFit:
    """Fit theophylline as nlme did."""
    parameters = [
        Parameter("ke", 0.08, random=False),
        Parameter("ka", 1.5),
        Parameter("CL", 0.04),
    ]
    model = Compartments(1, oral=True, rates=True)
    return fit(model, parameters, theoph(), method="lindstrom-bates")


def cases() -> Iterator[Case]:
    """Yield fixed effects, standard errors, variances and log-likelihood of both data sets."""
    for data, result in (("Theoph", theoph_fit()), ("Indometh", indometh_fit())):
        yield from _against_nlme(data, result)


def _against_nlme(data: str, result: PopulationFit) -> Iterator[Case]:
    names = NLME_NAMES[data]
    rows = reference_rows("kinetics", f"nlme_{data}_fixed.csv")
    errors = standard_errors(result)
    for row in rows:
        std_err = float(row["Std.Error"])
        yield compare(
            "kinetics",
            f"{data} {row['par']}, fixed effect",
            result.fixed_effects[names[row["par"]]],
            float(row["Value"]),
            SOURCE,
            absolute=0.1 * std_err,
            why="a tenth of its standard error",
        )
        yield compare(
            "kinetics",
            f"{data} {row['par']}, standard error",
            errors[names[row["par"]]],
            std_err,
            SOURCE,
            rel=0.05,
            why="as the variances it is made of",
        )
    variances = {**result.variances, "Residual": result.residual_sd["additive_sd"] ** 2}
    for row in reference_rows("kinetics", f"nlme_{data}_varcorr.csv"):
        yield compare(
            "kinetics",
            f"{data} {row['par']}, variance",
            variances[names.get(row["par"], row["par"])],
            float(row["var"]),
            SOURCE,
            rel=0.05,
            why="the sampling error of a variance from 6 to 12 subjects is ten times as large",
        )
    yield compare(
        "kinetics",
        f"{data}, log-likelihood",
        result.log_likelihood,
        float(rows[0]["logLik"]),
        SOURCE,
        absolute=0.01,
        why="nlme ends its inner least squares at 1e-3 (pnlsTol), this fit at 1e-7",
    )
