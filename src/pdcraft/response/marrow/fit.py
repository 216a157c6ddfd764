"""Fit both forms of the marrow model to all evidence, and without each study in turn."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.files import text_of
from pdcraft.numerics.tempering import temper
from pdcraft.response.marrow.draws import ALL, MarrowDraws
from pdcraft.response.marrow.evidence import marrow_evidence
from pdcraft.response.marrow.parameters import FORMS, Form
from pdcraft.response.marrow.target import MarrowTarget, named

__all__ = ["NOT_INFORMED", "MarrowFit", "fit_form", "fit_jobs", "gathered", "record"]

SEED = 20261121
POINTS, MOVES = 1200, 4
DRAWS = 400
NOT_INFORMED = 0.2  # contraction below which a parameter is 'not informed by data'
TABLES = ("marrow_evidence.toml", "marrow_priors.toml")
SEPARATED = 3.0  # difference of the logarithms of the forms' evidence: 20 to 1


@dataclass(frozen=True, slots=True, eq=False)
class MarrowFit:
    """One form fitted to one set of studies.

    Parameters
    ----------
    form : {"chain", "stem"}
    set_name : str
        `ALL`, or the study left out.
    draws : ndarray, shape (draws, parameters)
    log_evidence : float
    acceptance : (float, float)
        Of random walks and of the t distribution, at the end.
    contraction, shift : ndarray, shape (parameters,)
        One minus the variance of the logarithm over the prior's; mean in the prior's SDs.
    left_out_log_density : float or None
        Logarithm of the density of the study left out, under these draws.
    """

    form: Form
    set_name: str
    draws: Floats
    log_evidence: float
    acceptance: tuple[float, float]
    contraction: Floats
    shift: Floats
    left_out_log_density: float | None


def fit_jobs() -> list[tuple[Form, str]]:
    """Forms and sets that are fitted."""
    return [(form, name) for name in (ALL, *_whole("chain").studies) for form in FORMS]


def fit_form(form: Form, set_name: str, *, points: int = POINTS, moves: int = MOVES) -> MarrowFit:
    """Fit one form to one set.

    Raises
    ------
    ConvergenceError
        If the sampling does not settle.
    """
    whole = _whole(form)
    target = whole if set_name == ALL else whole.without(set_name)
    rows = target.rows
    seed = SEED + fit_jobs().index((form, set_name))
    found = temper(target.log_likelihood, len(rows), size=points, moves=moves, seed=seed)
    pick = np.random.default_rng(seed).permutation(points)[:DRAWS]
    values = named(form, found.points[pick])
    left_out = None if set_name == ALL else _density(whole.only(set_name), found.points)
    return MarrowFit(
        form,
        set_name,
        np.stack([values[row.key] for row in rows], axis=-1),
        found.log_evidence,
        found.acceptance,
        1.0 - found.points.var(axis=0),
        found.points.mean(axis=0),
        left_out,
    )


def gathered(fits: list[MarrowFit]) -> MarrowDraws:
    """Gather fits to what is shipped."""
    return MarrowDraws(
        {(fit.form, fit.set_name): fit.draws for fit in fits},
        {(fit.form, fit.set_name): fit.log_evidence for fit in fits},
    )


def record(fits: list[MarrowFit]) -> dict[str, Any]:
    """Diagnostics as a document."""
    by = {(fit.form, fit.set_name): fit for fit in fits}
    difference = by["stem", ALL].log_evidence - by["chain", ALL].log_evidence
    weight = gathered(fits).weight()
    return {
        "schema": "pdcraft.marrow-fit/1",
        "seed": SEED,
        "tables_sha256": {name: _sha256(name) for name in TABLES},
        "log_evidence_stem_less_chain": round(difference, 2),
        "separated": abs(difference) >= SEPARATED,
        "weight": {form: round(w, 3) for form, w in weight.items()},
        "fits": [
            {
                "form": fit.form,
                "set": fit.set_name,
                "log_evidence": round(fit.log_evidence, 2),
                "acceptance": [round(a, 3) for a in fit.acceptance],
                "left_out_log_density": (
                    None if fit.left_out_log_density is None else round(fit.left_out_log_density, 2)
                ),
            }
            for fit in fits
        ],
        "parameters": {form: _told(by[form, ALL]) for form in FORMS},
    }


def _told(fit: MarrowFit) -> dict[str, Any]:
    rows = MarrowTarget(fit.form, ()).rows
    low, middle, high = np.quantile(fit.draws, [0.025, 0.5, 0.975], axis=0)
    return {
        row.key: {
            "role": row.role,
            "median": float(f"{middle[i]:.4g}"),
            "low": float(f"{low[i]:.4g}"),
            "high": float(f"{high[i]:.4g}"),
            "contraction": round(float(fit.contraction[i]), 3),
            "informed": bool(fit.contraction[i] >= NOT_INFORMED),
            "shift_prior_sd": round(float(fit.shift[i]), 2),
        }
        for i, row in enumerate(rows)
    }


def _whole(form: Form) -> MarrowTarget:
    return MarrowTarget(form, [item for item in marrow_evidence() if item.use == "fit"])


def _density(study: MarrowTarget, points: Floats) -> float:
    logs = study.log_likelihood(points)
    top = float(logs.max())
    return top + float(np.log(np.mean(np.exp(logs - top))))


def _sha256(name: str) -> str:
    return hashlib.sha256(text_of("response", name).encode()).hexdigest()
