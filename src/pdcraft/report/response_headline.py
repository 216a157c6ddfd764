"""Key numbers and sentences of a study's response, for the top of its report."""

from __future__ import annotations

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.tables import arm_order
from pdcraft.report.words import at_arm, interval_words, region_words, row_value, unit_words

__all__ = ["effect_sentences", "effect_words", "key_effects"]

CELLS = "platelets"  # what limits the activity of this kind of agent


def key_effects(run: Run) -> list[ResultRow]:
    """Rows worth a headline, at the last arm: platelets' nadir and grade 4, response or control."""
    rows = [r for r in run.results if r.stage == "response" and r.origin != "published"]
    if not rows:
        return []
    out: list[ResultRow] = []
    for key, region in (
        ("blood_count_nadir", CELLS),
        ("grade_4_probability", CELLS),
        ("response_probability", "response:PR or better"),
    ):
        mine = [r for r in rows if (r.quantity.key, r.subject.region) == (key, region)]
        out += [max(mine, key=lambda r: arm_order(r.subject.arm))] if mine else []
    if not any(r.quantity.key == "response_probability" for r in out):
        control = [r for r in rows if r.quantity.key == "tumor_control_probability"]
        out += control and [max(control, key=lambda r: arm_order(r.subject.arm))]
    return out


def effect_words(row: ResultRow) -> str:
    """Title of a key number.

    The arm follows.
    """
    region = region_words(row.subject.region)
    words = {
        "blood_count_nadir": f"{region}: lowest count",
        "grade_4_probability": f"{region}: probability of grade 4",
        "response_probability": region,
    }
    return words.get(row.quantity.key, f"{region}: {row.quantity.name}")


def effect_sentences(run: Run) -> list[str]:
    """Say the key effects in plain language."""
    out: list[str] = []
    for row in key_effects(run):
        at = at_arm(row.subject.arm)
        limits = interval_words(row, run.interval).split(",")[0]
        unit = "" if row.quantity.unit == "1" else f" · {unit_words(row.quantity)}"
        what = {
            "blood_count_nadir": "The typical patient's platelets fall to",
            "grade_4_probability": "The probability of grade 4 platelets is",
            "response_probability": "The probability of a partial response or better is",
        }.get(row.quantity.key, f"The {row.quantity.name} is")
        out.append(f"{what} {row_value(row)}{unit}{at} ({limits}).")
    return out
