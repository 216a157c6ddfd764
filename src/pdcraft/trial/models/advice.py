"""Dose for the next patients from the dose of a model, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Advice", "crm_advice", "ewoc_advice"]


@dataclass(frozen=True, slots=True)
class Advice:
    """Recommended dose from 0, or None, and why."""

    dose: int | None
    reason: str


def crm_advice(
    model: int,
    target: float,
    *,
    last: int,
    toxic_share: float | None = None,
    too_toxic: float | None = None,
    stop_certainty: float | None = None,
) -> Advice:
    """Restrict the CRM's dose: no skipping, no escalation after a toxic cohort, stopping.

    Parameters
    ----------
    model : int
        Dose of the model, from 0.
    target : float
    last : int
        Dose of the last cohort, or the highest with patients if the order is not known.
    toxic_share : float, optional
        Share of the last cohort with a DLT; None if the order is not known.
    too_toxic : float, optional
        P(rate of the lowest dose > target).
    stop_certainty : float, optional
        Stop if it is above this.
    """
    if stop_certainty is not None and too_toxic is not None and too_toxic > stop_certainty:
        return Advice(
            None,
            f"even dose 1 is too toxic: P(its rate > {target:g}) = {too_toxic:.3g}, above "
            f"{stop_certainty:g}; no dose is recommended",
        )
    nearest = f"dose {model + 1} has the estimated rate nearest the target {target:g}"
    if model > last and toxic_share is not None and toxic_share >= target - 1e-12:
        return Advice(
            last,
            f"{nearest}, but after a cohort at dose {last + 1} with {toxic_share:.3g} DLTs per "
            "patient, the target or more, there is no escalation",
        )
    if model > last + 1:
        return Advice(
            last + 1,
            f"{nearest}, but no dose is skipped: the last was dose {last + 1}",
        )
    return Advice(model, nearest)


def ewoc_advice(
    target: Sequence[float],
    overdose: Sequence[float],
    limit: float,
    reachable: Sequence[bool],
    names: Sequence[str],
) -> Advice:
    """Choose the dose most likely in the target interval that overdose control admits.

    Parameters
    ----------
    target, overdose : sequence of float, one for each dose
        Probabilities of the target interval, and of excessive or unacceptable toxicity.
    limit : float
        Of overdose control.
    reachable : sequence of bool
        Doses that may follow the last one.
    names : sequence of str
        Of the doses.
    """
    admitted = [p < limit for p in overdose]
    if not any(admitted):
        return Advice(
            None,
            f"every dose fails overdose control: P(overdose) of the lowest is {overdose[0]:.3g}, "
            f"not below {limit:g}; no dose is recommended",
        )
    best = max(range(len(target)), key=lambda k: (admitted[k], target[k]))
    open_ = [k for k in range(len(target)) if admitted[k] and reachable[k]]
    if not open_:
        return Advice(None, "no dose that overdose control admits may follow the last one")
    chosen = max(open_, key=lambda k: target[k])
    text = (
        f"dose {names[chosen]} is the most likely in the target interval "
        f"(P = {target[chosen]:.3g}) of the doses with P(overdose) below {limit:g}"
    )
    if chosen != best:
        text += f" that are not out of reach of the last dose; without that it is {names[best]}"
    elif max(target) > target[chosen]:
        worst = max(range(len(target)), key=lambda k: target[k])
        text += f"; dose {names[worst]} is likelier but has P(overdose) {overdose[worst]:.3g}"
    return Advice(chosen, text)
