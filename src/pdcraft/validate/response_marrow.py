"""Marrow: Friberg's curve against an independent solver; trials never fitted, and those left out.

Clinical figures count as neither pass nor fail: each says whether it lies inside the 95 %
predictive interval. None was used to tune anything; fitted figures are predicted without their own
study.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pdcraft.response.friberg import friberg, friberg_set, shipped_exposure
from pdcraft.response.marrow.draws import marrow_draws
from pdcraft.response.marrow.evidence import marrow_evidence
from pdcraft.response.marrow.predict import predict
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "response"
INFUSION_h = 3.0


def cases() -> Iterator[Case]:
    """Yield the cases of marrow."""
    yield from _friberg_curves()
    yield from _forms()
    for item in marrow_evidence():
        if item.use == "excluded":
            continue
        without = item.study if item.use == "fit" else None
        found = predict(item, marrow_draws(), without=without)
        seen = f"without study {without}" if without else "held, never fitted"
        yield Case(
            SUITE,
            f"{item.id}, {found.what}; {seen}",
            found.median,
            found.printed,
            f"{found.verdict} of predicted 95% {found.low:.3g} to {found.high:.3g}"
            "; information: a prediction decides nothing",
            item.citation.text,
            None,
        )


def _friberg_curves() -> Iterator[Case]:
    rows = reference_rows("response", "friberg_paclitaxel_ddmore.csv")
    for dose in sorted({float(row["dose_umol"]) for row in rows}):
        mine = [row for row in rows if float(row["dose_umol"]) == dose]
        time_h = np.array([float(row["time_h"]) for row in mine])
        want = np.array([float(row["circ"]) for row in mine])
        exposure = shipped_exposure("paclitaxel", dose, INFUSION_h)
        counts = friberg(friberg_set("paclitaxel"), exposure, time_h)
        yield compare(
            SUITE,
            f"leukocytes after {dose:g} umol paclitaxel, largest relative difference",
            float(np.max(np.abs(counts / want - 1.0))),
            0.0,
            "lsoda at 1e-12 (own computation), parameters of DDMODEL00000186",
            absolute=1e-5,
            why="both are solved to 1e-9 or better",
        )


def _forms() -> Iterator[Case]:
    weight = marrow_draws().weight()
    yield Case(
        SUITE,
        "posterior probability of a chain with stem cells against one chain",
        weight["stem"],
        None,
        "information: both are averaged by it",
        "evidence of both forms under the packaged priors",
        None,
    )
