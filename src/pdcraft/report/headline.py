"""The top of a report: a few key numbers and one paragraph in plain language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.cards import Card, row_card
from pdcraft.report.evidence import agrees, beside, highest_arm, predictions_of, rows_of
from pdcraft.report.exposure_section import exposure_sentences, key_exposures
from pdcraft.report.micrometastases_section import metastasis_cards, metastasis_sentences
from pdcraft.report.optics_section import optics_cards, optics_sentences
from pdcraft.report.response_headline import effect_sentences, effect_words, key_effects
from pdcraft.report.sweep_section import sweep_cards, sweep_sentences
from pdcraft.report.trial_section import trial_cards, trial_sentences
from pdcraft.report.uptake_headline import uptake_cards, uptake_sentences
from pdcraft.report.words import (
    at_arm,
    input_words,
    interval_words,
    is_exact,
    region_words,
    row_value,
    unit_words,
)
from pdcraft.study.result import StudyResult

__all__ = ["cards", "is_drawn", "summary_sentences"]

MOST_CARDS = 5
COEFFICIENT, DOSE = "absorbed_dose_coefficient", "absorbed_dose"
HOSTS: Mapping[str, str] = MappingProxyType({"human": "humans", "mouse": "mice"})
FIRST = ("red_marrow", "blood", "total_body")  # of normal tissue, what limits the dose


def _key_regions(rows: list[ResultRow]) -> list[str | None]:
    """Regions worth a headline: what limits the dose, the lesion, then the most exposed organ."""
    regions = [row.subject.region for row in rows]
    limits = [r for r in FIRST if r in regions][:1]
    lesions = [r for r in regions if r and r.startswith(("lesion", "tumor"))][:1]
    by_value = sorted(rows, key=lambda row: -(row.summary["value"] or 0.0))
    others = [row.subject.region for row in by_value]
    return list(dict.fromkeys([*limits, *lesions, *others]))


def cards(result: StudyResult) -> list[Card]:
    """Choose up to five key numbers: what the last stage answers, else dose and its effect."""
    own, asked = _cards(result.run), trial_cards(result.trial)[: MOST_CARDS - 2]
    return [*asked, *own][:MOST_CARDS]


def _cards(run: Run) -> list[Card]:
    answers = [
        *metastasis_cards(run), *optics_cards(run), *sweep_cards(run), *uptake_cards(run),
    ]  # fmt: skip
    if answers:
        return answers[: MOST_CARDS - 1]
    coefficients = rows_of(run, COEFFICIENT, arms=False)
    doses = rows_of(run, DOSE)
    effects = key_effects(run)
    if not coefficients:
        last = key_exposures(run) or [r for r in run.results if r.stage == run.stages[-1]]
        return [row_card(run, row, _title(row)) for row in last[: MOST_CARDS - 1]]
    regions = _key_regions(coefficients)
    out: list[Card] = []
    for region in regions[: 1 if effects else 2]:
        row = next(row for row in coefficients if row.subject.region == region)
        out.append(row_card(run, row, f"{region_words(region)}: dose coefficient"))
    for region in regions[: 1 if effects else 2]:
        dose = highest_arm(doses, region)
        if dose is not None:
            out.append(row_card(run, dose, f"{region_words(region)}: dose{_at(run, dose)}"))
    out += [row_card(run, row, f"{effect_words(row)}{_at(run, row)}") for row in effects]
    if effects:
        return out[:MOST_CARDS]
    for region in regions[2:]:
        if len(out) < MOST_CARDS - (len(out) % 2 == 0 and bool(doses)):
            row = next(row for row in coefficients if row.subject.region == region)
            out.append(row_card(run, row, f"{region_words(region)}: dose coefficient"))
    return out


def _title(row: ResultRow) -> str:
    """Say what a row is of: its region, else its arm."""
    where = region_words(row.subject.region) or row.subject.arm or ""
    return f"{row.quantity.name}, {where}".rstrip(", ")


def _at(run: Run, row: ResultRow) -> str:
    """Say the arm of a dose, or what was administered where there are no arms."""
    if row.subject.arm is not None:
        return at_arm(row.subject.arm)
    given = [r for r in run.results if r.quantity.key == "administered_activity"]
    return f" at {row_value(given[0])} {given[0].quantity.unit}" if len(given) == 1 else ""


def summary_sentences(result: StudyResult) -> list[str]:
    """Say in plain language what was done, what came out and what to keep in mind."""
    run, conjugate = result.run, result.conjugate
    host = next((row.subject.host for row in run.results if row.subject.host), None)
    payload = f" (payload {conjugate.payload.name})" if conjugate.payload else ""
    where = f" in {HOSTS.get(host, host)}" if host else ""
    stages = " and ".join(part for part in (", ".join(run.stages[:-1]), run.stages[-1]) if part)
    draws = f", in {run.n_draws} joint draws of everything that is not exactly known"
    out = [
        f"This report follows {conjugate.name}{payload}{where} through {stages}"
        f"{draws if is_drawn(run) else ''}."
    ]
    out += metastasis_sentences(run)
    out += optics_sentences(run)
    out += sweep_sentences(run)
    out += uptake_sentences(run)
    coefficients = rows_of(run, COEFFICIENT, arms=False)
    doses = rows_of(run, DOSE)
    for region in _key_regions(coefficients)[:2]:
        row = next(row for row in coefficients if row.subject.region == region)
        out.append(_coefficient_sentence(run, row, highest_arm(doses, region)))
    out += exposure_sentences(run)
    out += effect_sentences(run)
    out += trial_sentences(result.trial)
    out += _driver_sentence(coefficients, _key_regions(coefficients)[:2])
    counts = (
        f"{len(run.assumptions)} assumption{'s' * (len(run.assumptions) != 1)}",
        f"{len(run.warnings)} warning{'s' * (len(run.warnings) != 1)}",
    )
    out.append(f"The numbers rest on {counts[0]} and come with {counts[1]}, all listed below.")
    return out


def is_drawn(run: Run) -> bool:
    """Say whether anything of a run depends on its draws: some number has limits of its own."""
    return any(r.summary["low"] is not None and not is_exact(r) for r in run.results)


def _coefficient_sentence(run: Run, row: ResultRow, dose: ResultRow | None) -> str:
    region, unit = region_words(row.subject.region), unit_words(row.quantity)
    text = f"The dose coefficient of the {region} is {row_value(row)} {unit}"
    interval = interval_words(row, run.interval)
    text += f" ({100 * run.interval:g}% interval {interval.split(',')[0]})" if interval else ""
    for given in beside(run).get(row.id, ()):
        text += (
            f"; the {given.origin} value is {row_value(given)} "
            f"{unit_words(given.quantity)}{_place(run, row, given)}"
        )
    if dose is not None:
        limits = interval_words(dose, run.interval).split(",")[0]
        text += f". That is {row_value(dose)} {unit_words(dose.quantity)}{_at(run, dose)}"
        text += f" ({limits})" if limits else ""
    return text + "."


def _place(run: Run, row: ResultRow, given: ResultRow) -> str:
    """Say where a given value lies: of a fitted row, in the prediction that never saw it."""
    place = {True: "inside", False: "outside"}
    if row.origin != "fitted":
        inside = agrees(row, given)
        return "" if inside is None else f", {place[inside]} this interval"
    text = ", to which the kinetics were fitted"
    for other in predictions_of(run, row):
        inside = agrees(other, given)
        if inside is not None and row.id in given.compare_with and other.id in given.compare_with:
            limits = interval_words(other, run.interval).split(",")[0]
            text += f"; predicted without it {row_value(other)} ({limits}), {place[inside]} that"
    return text


def _driver_sentence(rows: list[ResultRow], regions: list[str | None]) -> list[str]:
    parts = [
        f"the {input_words(row.drivers[0].input)} ({100 * row.drivers[0].share:.0f}% of the "
        f"variance of the dose to the {region_words(row.subject.region)})"
        for region in regions
        for row in rows
        if row.subject.region == region and row.drivers
    ]
    return [f"The uncertainty comes most from {' and '.join(parts)}."] if parts else []
