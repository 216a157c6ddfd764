"""What a trial's file states and what is assumed, in words for documents and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.study.trial_read import DAY_h

if TYPE_CHECKING:
    from pdcraft.study.trial_file import Trial

__all__ = ["calendar_words", "chain_words", "phase2_words", "regimen_words"]


def regimen_words(trial: Trial) -> list[dict[str, str]]:
    """Say what is given, as the file states it, and where that comes from."""
    dosing = trial.dosing
    rest = [
        "not rounded" if dosing.step is None else f"rounded to {dosing.step:g} MBq",
        "not capped" if dosing.cap is None else f"at most {dosing.cap:g} MBq an infusion",
    ]
    if dosing.surface_cap is not None:
        rest.append(f"body surface counted to {dosing.surface_cap:g} m²")
    out: list[dict[str, str]] = []
    for level in trial.level:
        given = " and ".join(
            f"{a.amount.value:g} MBq/m² on day {a.at / DAY_h:g}" for a in level.administration
        )
        out.append({"name": level.name, "given": ", ".join([given, *rest]), "source": level.source})
    two = trial.phase2
    if two is not None:
        low, high = two.activity_low, two.activity_high
        total = f"{low:g} MBq" if low == high else f"{low:g} to {high:g} MBq"
        days = ", ".join(f"{h / DAY_h:g}" for h in two.at)
        given = f"{total} in all, in equal parts on day {days}"
        out.append({"name": "phase II", "given": given, "source": two.source})
    return out


def phase2_words(trial: Trial) -> tuple[str, ...]:
    """Say what is assumed of responses."""
    assert trial.phase2 is not None
    return (
        f"response of {trial.phase2.indication}: link fitted on one trial of the indication; "
        "hazards of progression and death by best response are assumed",
        "of a response's intercurrent events only progression or death before the first "
        "assessment, and dropout, are simulated; the others leave it as it is",
    )


def calendar_words(trial: Trial) -> tuple[str, ...]:
    """Say what is assumed of accrual; nothing without a calendar."""
    if trial.accrual_per_month is None:
        return ()
    return (
        f"accrual: {trial.accrual_per_month:g} patients per month, one by one; whoever comes while "
        "the trial takes nobody goes elsewhere; replaced patients take no time",
    )


def chain_words(trial: Trial) -> tuple[str, ...]:
    """Say what is assumed of toxicity, events and support."""
    assert trial.dlt is not None
    events = trial.events
    out = [
        f"toxicity '{trial.dlt.expression}' within {trial.dlt.window / DAY_h:g} d: "
        f"{trial.dlt.origin}" + (f" ({trial.dlt.source})" if trial.dlt.source else ""),
        f"hazards per month, assumed: dropout {events.dropout_per_month:g}, progression "
        f"{events.progression_per_month:g}, death {events.death_per_month:g}; the same at every "
        "level and apart from the counts",
        "what another therapy or stored stem cells do to counts is not simulated",
    ]
    out += [
        f"{s.lineage}: support below {s.below:g}, raises by {s.raises:g} x 10^9/L, half-life "
        f"{s.half_life / DAY_h:g} d: assumed"
        for s in trial.support
    ]
    return tuple(out)
