"""What ``pdcraft design crm|tite-crm`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pdcraft.cli.common import emit, table
from pdcraft.cli.design_shared import Asked, print_characteristics

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.trial.models.advice import Advice
    from pdcraft.trial.models.crm import CrmFit
    from pdcraft.trial.models.curves import Curve

__all__ = ["emit_crm"]


def emit_crm(
    asked: Asked,
    labels: Sequence[float | int],
    curve: Curve,
    n: Sequence[int],
    tox: Sequence[int],
    fit: CrmFit | None,
    advice: Advice | None,
    weight: Sequence[float] | None,
    characteristics: dict[str, Any] | None,
    ways: Sequence[dict[str, Any]] | None,
    *,
    as_json: bool,
) -> None:
    """Print a fit of the CRM."""
    doses = [
        {
            "dose": label,
            "prior": float(curve.skeleton[k]),
            "n": n[k],
            "tox": tox[k],
            "ptox": None if fit is None else float(fit.rates[k]),
            "lower": None if fit is None else float(fit.lower[k]),
            "upper": None if fit is None else float(fit.upper[k]),
        }
        for k, label in enumerate(labels)
    ]
    chosen = None if advice is None or advice.dose is None else labels[advice.dose]
    reason = "no data: nothing is recommended yet" if advice is None else advice.reason
    document: dict[str, Any] = {
        "schema": f"pdcraft.design-{asked.name}/1",
        "design": asked.name,
        "options": dict(asked.options),
        "estimate": None if fit is None else fit.estimate,
        "post_var": None if fit is None else fit.post_var,
        "information_var": None if fit is None else fit.information_var,
        "too_toxic": None if fit is None else fit.too_toxic,
        "doses": doses,
        "weights": None if weight is None else list(weight),
        "model_dose": None if fit is None else labels[fit.dose],
        "recommended": chosen,
        "reason": reason,
        "pathways": ways,
        "characteristics": characteristics,
    }

    def render(console: Console) -> None:
        heads = ("dose", "prior", "patients", "DLTs", "DLT rate", "lower", "upper")
        console.print(table(asked.name.upper(), heads, [tuple(d.values()) for d in doses]))
        if fit is not None:
            console.print(f"parameter {fit.estimate:.4g}, variance {fit.post_var:.4g}")
        console.print(f"recommended: {'none' if chosen is None else chosen}; {reason}")
        if ways:
            heads = ("DLTs in the cohorts", "at doses", "next dose", "recommended")
            lines = [
                (
                    " ".join(map(str, w["tox"])),
                    " ".join(map(str, w["doses"])),
                    "stop" if w["next_dose"] is None else w["next_dose"],
                    "none" if w["recommended"] is None else w["recommended"],
                )
                for w in ways
            ]
            console.print(table("pathways, doses by number", heads, lines))
        if characteristics is not None:
            print_characteristics(console, characteristics)

    emit(document, as_json, render)
