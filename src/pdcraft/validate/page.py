"""The validation page of the documentation: every case of a run, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from pdcraft.validate.case import Case

__all__ = ["validation_page"]

_WORDS = {True: "pass", False: "**fail**", None: "not decided"}


def validation_page(cases: Sequence[Case], version: str, command: str) -> str:
    """Return a page with the sums of every suite, then each case with its rule and source.

    Parameters
    ----------
    cases : sequence of Case
        In the order of their suites.
    version : str
        Of pdcraft.
    command : str
        That made the page.
    """
    suites = {suite: [c for c in cases if c.suite == suite] for suite in _suites(cases)}
    lines = [
        "# Validation",
        "",
        f"pdcraft {version} beside results from outside it. Made by `{command}`, which any user",
        "can repeat; on another machine the last digits differ. *Not decided* is shown and counts",
        "as neither: where a reference is too uncertain, where no second source supports it, or",
        "where a model predicts beside what was published.",
        "",
        "| suite | cases | passed | failed | not decided |",
        "|---|---|---|---|---|",
        *(_sums(name, found) for name, found in {**suites, "all": list(cases)}.items()),
    ]
    for name, found in suites.items():
        lines += ["", f"## {name}", ""]
        lines += ["| case | pdcraft | reference | | rule | source |", "|---|---|---|---|---|---|"]
        lines += [_row(case) for case in found]
    return "\n".join(lines) + "\n"


def _suites(cases: Sequence[Case]) -> list[str]:
    return list(dict.fromkeys(case.suite for case in cases))


def _sums(name: str, found: Sequence[Case]) -> str:
    counts = [sum(c.passed is verdict for c in found) for verdict in (True, False, None)]
    return f"| {name} | {len(found)} | " + " | ".join(map(str, counts)) + " |"


def _row(case: Case) -> str:
    numbers = ["" if v is None else f"{v:.5g}" for v in (case.value, case.reference)]
    words = (case.name, *numbers, _WORDS[case.passed], case.tolerance, case.source)
    return "| " + " | ".join(_cell(word) for word in words) + " |"


def _cell(text: str) -> str:
    """Text that neither ends a cell nor is read as Markdown."""
    if text in _WORDS.values():
        return text
    for sign in ("\\", "|", "*", "_", "`", "<", "[", "$"):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
