"""What the report shows of a sweep: which payload for which tumor, and the carrier's series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, sqrt
from typing import Any

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.cards import Card
from pdcraft.report.panels import Panel, drawn, marked
from pdcraft.report.payload_knowledge import knowledge
from pdcraft.report.portfolio_section import portfolio, portfolio_cards, portfolio_sentences
from pdcraft.report.sweep_figures import by_arm, choice_map, size_curves, size_um
from pdcraft.report.tables import Column, Group, Table
from pdcraft.report.words import row_value, unit_words

__all__ = ["sweep_cards", "sweep_section", "sweep_sentences"]

STAGE = "sweep"
SHARE, RATIO, CONTRAST = "probability", "tumor_over_marrow_dose", "image_contrast"
SEEN = 0.01  # share of draws below which nothing is said to serve a size
HALF = 0.5  # share of draws from which a payload counts as serving a size
NEAR = 0.05  # difference of shares below which assumed spreads decide nothing
ERRORS = 2.0  # standard errors below which draws decide nothing
ENDS = ("value", "low", "high")
UM_PER_MM = 1000.0
SERIES = {
    "logP": "logP",
    "hlb": "HLB",
    "molar_mass": "molar mass",
    "carrier_mass_per_activity": "carrier-free mass per activity",
}


def sweep_section(run: Run) -> dict[str, Any] | None:
    """Make the context of the section; None for a run without that stage."""
    if STAGE not in run.stages:
        return None
    rows = [r for r in run.results if r.stage == STAGE]
    at = next((a.value for a in run.assumptions if a.id == f"{STAGE}.at"), None)
    return {
        "choice": _choice(run, rows),
        "series": _series(rows),
        "portfolio": portfolio(rows, at),
    }


def sweep_cards(run: Run) -> list[Card]:
    """Make cards of the sizes that payloads serve, the ends of a series, or the patents."""
    rows = [r for r in run.results if r.stage == STAGE]
    out = [
        Card(
            title=f"{arm}: radius of tumors that it serves", value=sizes, unit="",
            interval="in at least half of the draws", origin="computed",
        )
        for arm, sizes in _best(rows).items()
    ]  # fmt: skip
    for kind, ends in _series_ends(rows).items():
        low, high = (f"{r.summary['value']:.3g}" for r in ends)
        quantity = next(r for r in ends).quantity
        out.append(
            Card(
                title=f"{SERIES[kind]}, {ends[0].subject.arm} to {ends[1].subject.arm}",
                value=f"{low} to {high}", unit=unit_words(quantity),
                interval="exact arithmetic", origin="computed",
            )
        )  # fmt: skip
    return out + portfolio_cards(rows)


def sweep_sentences(run: Run) -> list[str]:
    """Say which sizes each payload serves, how a series runs, or what a portfolio holds."""
    rows = [r for r in run.results if r.stage == STAGE]
    out: list[str] = []
    best = [f"{arm} ({sizes})" for arm, sizes in _best(rows).items()]
    if best:
        out.append(
            "At least half of the draws let these payloads serve a tumor, with the radii and the "
            f"first condition that allow it: {'; '.join(best)}."
        )
    out += _by_size(rows, run.n_draws)
    series = [
        f"{SERIES[kind]} from {a.summary['value']:.3g} to {b.summary['value']:.3g} "
        f"{unit_words(a.quantity)}".rstrip()
        for kind, (a, b) in _series_ends(rows).items()
    ]
    if series:
        first, last = (r.subject.arm for r in next(iter(_series_ends(rows).values())))
        out.append(f"From {first} to {last}: {'; '.join(series)}. Additive methods rank members.")
    return out + portfolio_sentences(rows)


def _best(rows: Sequence[ResultRow]) -> dict[str, str]:
    """Sizes that each payload serves, in the first of its conditions that allows any."""
    best: dict[str, tuple[str, str]] = {}
    for arm, found in by_arm(rows, SHARE).items():
        sizes = _served(found)
        if sizes is not None:
            best.setdefault(_payload(arm), (arm, sizes))
    return dict(best.values())


def _by_size(rows: Sequence[ResultRow], draws: int) -> list[str]:
    """Say which doses and images serve each decade of size most often, and what is assumed."""
    shares = by_arm(rows, SHARE)
    if not shares:
        return []
    radionuclides = set(by_arm(rows, RATIO))
    groups = [
        {arm: found for arm, found in shares.items() if (_payload(arm) in radionuclides) is dose}
        for dose in (True, False)
    ]
    sizes = [size_um(row) for row in next(iter(shares.values()))]
    told = [f"{_length(sizes[i])}: {_most(groups, i, draws)}" for i in _decades(sizes)]
    rule = (
        'An "or" joins near ties: shares that, under the same condition or none, differ from the '
        f"best by less than {100 * NEAR:g} points, or by less than {ERRORS:g} times the standard "
        f"error that {draws} draws leave. "
    )
    return [
        "By radius of the tumor, the radionuclide and the image that serve most often, with their "
        f"share of draws: {'; '.join(told)}. {rule if any(' or ' in one for one in told) else ''}"
        "What a tumor needs, what marrow bears and what counts as seen is assumed; a table below "
        "says for each payload what is known."
    ]


def _payload(arm: str) -> str:
    return arm.split(",")[0]


def _condition(arm: str) -> str:
    return arm.partition(", ")[2]


def _decades(sizes: Sequence[float]) -> list[int]:
    """Places of the sizes nearest to whole decades in their range, and of the largest."""
    found = {
        min(range(len(sizes)), key=lambda i: abs(log(sizes[i] / um)))
        for um in (10.0**k for k in range(6))
        if 0.99 * sizes[0] <= um <= 1.01 * sizes[-1]
    }
    return sorted({*found, len(sizes) - 1})


def _most(groups: Sequence[dict[str, list[ResultRow]]], at: int, draws: int) -> str:
    """Arm of each group with the largest share at a size, and its near ties, in words."""
    words: list[str] = []
    for group in groups:
        shares = {arm: found[at].summary["value"] or 0.0 for arm, found in group.items()}
        best = max(shares, key=shares.__getitem__, default=None)
        if best is not None and shares[best] >= SEEN:
            told = [best, *_near(best, shares, draws)]
            same = f", {_condition(best)}"
            names = [told[0], *(arm.removesuffix(same) for arm in told[1:])]
            words.append(
                " or ".join(f"{n} ({shares[a]:.0%})" for n, a in zip(names, told, strict=True))
            )
    return ", and ".join(words) or "none"


def _near(best: str, shares: Mapping[str, float], draws: int) -> list[str]:
    """Other payloads whose share cannot be told from the best's, the closest first.

    Under the same condition, or where one of the two has none. The standard error is that of draws
    apart; payloads share theirs, so that it is rather too large and names a tie too many.
    """
    top: dict[str, str] = {}
    for arm, share in shares.items():
        name = _payload(arm)
        alike = "" in (_condition(arm), _condition(best)) or _condition(arm) == _condition(best)
        if name != _payload(best) and alike and share > shares.get(top.get(name, ""), 0.0):
            top[name] = arm
    found = [arm for arm in top.values() if _tied(shares[best], shares[arm], draws)]
    return sorted(found, key=lambda arm: -shares[arm])


def _tied(best: float, share: float, draws: int) -> bool:
    error = sqrt((best * (1.0 - best) + share * (1.0 - share)) / draws)
    return share >= SEEN and best - share < max(NEAR, ERRORS * error)


def _series_ends(rows: Sequence[ResultRow]) -> dict[str, tuple[ResultRow, ResultRow]]:
    """First and last member of a series by quantity; empty for a sweep without one."""
    out: dict[str, tuple[ResultRow, ResultRow]] = {}
    for kind in SERIES:
        mine = [r for r in rows if r.quantity.key == kind]
        if len(mine) > 1:
            out[kind] = mine[0], mine[-1]
    return out


def _choice(run: Run, rows: Sequence[ResultRow]) -> dict[str, Any] | None:
    shares = by_arm(rows, SHARE)
    if not shares:
        return None
    said = {a.id: a.value for a in run.assumptions}
    goals = said[f"{STAGE}.goals"]
    panels: list[Panel] = []
    marrow, seen = by_arm(rows, RATIO), by_arm(rows, CONTRAST)
    if marrow:
        borne = sorted({float(a.split("bears ")[1].split(" ")[0]) for a in shares if "bears" in a})
        need = float(goals.split(" ")[1])
        lines = [(need / dose, f"{dose:g} Gy borne") for dose in borne]
        panels.append(
            Panel("tumor dose over marrow dose", "", size_curves(marrow, lines, log=True))
        )
    if seen:
        rule = said[f"{STAGE}.seen"]
        at = float(rule.split(" ")[1])
        panels.append(
            Panel("tumor over background", "", size_curves(seen, [(at, "seen")], log=False))
        )
    drug = [r for r in rows if r.quantity.key in ("therapeutic_index", "relative_index")]
    return {
        "map": marked(choice_map(shares), "fig-choice"),
        "panels": drawn(panels, "fig-sweep"),
        "goals": goals,
        "seen": said.get(f"{STAGE}.seen"),
        "level": f"{100 * run.interval:g}%",
        "drug": bool(drug),
        "ranges": _ranges(shares),
        "drugs": _drugs(drug, run),
        "known": knowledge(run, list(shares), drug=bool(drug)),
    }


def _served(found: Sequence[ResultRow]) -> str | None:
    """Sizes that half of the draws serve, in words; None for none."""
    good = [size_um(r) for r in found if (r.summary["value"] or 0.0) >= HALF]
    if not good:
        return None
    ends = f"{_length(good[0])} to {_length(good[-1])}"
    at_end = good[-1] >= size_um(found[-1])
    return f"from {_length(good[0])}" if at_end and good[0] > size_um(found[0]) else ends


def _length(um: float) -> str:
    return f"{um / UM_PER_MM:.2g} mm" if um >= UM_PER_MM else f"{float(f'{um:.2g}'):g} µm"


def _ranges(shares: dict[str, list[ResultRow]]) -> Table:
    body: list[tuple[str, ...]] = []
    for arm, found in shares.items():
        top = max(found, key=lambda r: r.summary["value"] or 0.0)
        share = top.summary["value"] or 0.0
        body.append(
            (
                _payload(arm),
                _condition(arm) or "any depth",
                _served(found) or "none",
                f"{100 * share:.0f}",
                _length(size_um(top)) if share > 0 else "",
            )
        )
    return Table(
        id="table-choice",
        title="Which payload for which tumor",
        note="Radii that at least half of the draws serve, within the radii of the sweep.",
        groups=(Group("", 2), Group("computed", 3, "computed")),
        columns=(
            Column("payload"), Column("condition"), Column("radii served"),
            Column("most, % of draws", "number"), Column("at radius"),
        ),
        rows=tuple(body),
    )  # fmt: skip


def _drugs(rows: Sequence[ResultRow], run: Run) -> Table | None:
    if not rows:
        return None
    body = [(r.subject.arm or "", r.quantity.name, *(row_value(r, e) for e in ENDS)) for r in rows]
    level = f"{100 * run.interval:g}%"
    return Table(
        id="table-choice-drug",
        title="Drug: therapeutic index",
        note="It knows neither size nor depth: the tumor is a xenograft outside the brain.",
        groups=(Group("", 2), Group("computed from an assumed linker", 3, "computed")),
        columns=(
            Column("payload"), Column("quantity"), Column("mean", "number"),
            Column(f"{level} low", "number"), Column("high", "number"),
        ),
        rows=tuple(body),
    )  # fmt: skip


def _series(rows: Sequence[ResultRow]) -> Table | None:
    mine = {(r.subject.arm or "", r.quantity.key): r for r in rows if r.quantity.key in SERIES}
    arms = list(dict.fromkeys(arm for arm, _ in mine))
    if not arms:
        return None
    first = {kind: next(r for (_, k), r in mine.items() if k == kind) for kind in SERIES}
    heads = [
        Column(f"{words}, {unit_words(first[k].quantity)}".rstrip(", "), "number")
        for k, words in SERIES.items()
    ]
    return Table(
        id="table-series",
        title="Carrier series",
        note="Exact arithmetic on each structure; additive logP and HLB rank members only.",
        groups=(Group("", 1), Group("computed", len(SERIES), "computed")),
        columns=(Column("member"), *heads),
        rows=tuple(
            (arm, *(f"{mine[arm, k].summary['value']:#.4g}" for k in SERIES)) for arm in arms
        ),
    )
