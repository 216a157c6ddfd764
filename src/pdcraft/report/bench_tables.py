"""Tables of a xenograft bench: endpoints, published figures, marrow, power, models."""

from __future__ import annotations

from pdcraft.core.run import ResultRow
from pdcraft.report.tables import Column, Group, Table, origins_of
from pdcraft.report.words import given_number, number, unit_words
from pdcraft.study.recipes.bench import BenchResult

__all__ = [
    "ORIGINS",
    "body_table",
    "endpoint_rows",
    "endpoint_table",
    "model_table",
    "power_table",
    "provenance_table",
    "published_table",
]

ORIGINS = ("measured", "pooled", "assumed")
KINDS = (
    "mean_survival", "growth_delay", "treated_over_control", "best_volume_change",
    "complete_response_probability", "removal_probability", "relapse_free_probability",
    "absorbed_dose", "statistical_power",
)  # fmt: skip
IN_BODY = ("red_marrow", "platelets", "neutrophils", "lymphocytes")
_LIMITS = (Column("mean", "number"), Column("low", "number"), Column("high", "number"))


def endpoint_rows(result: BenchResult) -> dict[str, list[ResultRow]]:
    """Rows of each endpoint by group, of all models or of the only one."""
    models = list(result.numbers)
    region = "all models" if len(models) > 1 else f"model:{models[0].model}"
    rows = {row.id: row for row in result.run.results}
    out: dict[str, list[ResultRow]] = {}
    for kind in KINDS:
        for treatment in result.plan.treatments:
            row = rows.get(f"bench/{kind}/{region}/bench/mouse/{treatment.name}")
            if row is not None:
                out.setdefault(kind, []).append(row)
    return out


def endpoint_table(result: BenchResult) -> Table:
    """List the endpoints by group."""
    rows = [row for found in endpoint_rows(result).values() for row in found]
    return Table(
        id="table-endpoints",
        title="Endpoints by group",
        note=f"{_level(result)} limits over models and draws. Without limits: the same in every "
        "draw.",
        groups=(),
        columns=(Column("endpoint", "note"), Column("unit"), Column("group"), *_LIMITS),
        rows=tuple(
            (r.quantity.name, unit_words(r.quantity), r.subject.arm or "", *_cells(r)) for r in rows
        ),
        origins=origins_of(rows),
        unfolded=True,
    )


def published_table(result: BenchResult) -> Table | None:
    """List published figures beside the computed ones; None without any."""
    rows = {row.id: row for row in result.run.results}
    body: list[tuple[str, ...]] = []
    for row in result.run.results:
        if row.origin == "published":
            other = rows.get(row.compare_with[0]) if row.compare_with else None
            where = (row.subject.region or "").removesuffix(", published").removeprefix("model:")
            body.append(
                (
                    row.quantity.name, unit_words(row.quantity), where.replace("_", " "),
                    row.subject.arm or "", given_number(_three(row.summary["value"])),
                    *(_cells(other) if other else ("", "", "")), row.flags[0],
                )
            )  # fmt: skip
    if not body:
        return None
    return Table(
        id="table-published",
        title="Beside published figures",
        note=f"Computed: mean with {_level(result)} limits. Published: as the last column says.",
        groups=(
            Group("", 4), Group("published", 1, "given"), Group("computed", 3, "computed"),
            Group("", 1),
        ),
        columns=(
            Column("figure", "note"), Column("unit"), Column("of", "note"), Column("group"),
            Column("value", "number"), *_LIMITS, Column("as published", "note"),
        ),
        rows=tuple(body),
        unfolded=True,
    )  # fmt: skip


def body_table(result: BenchResult) -> Table | None:
    """List marrow dose and counts by group; None without any."""
    rows = [
        r for r in result.run.results if r.subject.region in IN_BODY and r.origin != "published"
    ]
    if not rows:
        return None
    return Table(
        id="table-body",
        title="Marrow and blood",
        note=f"Mean with {_level(result)} limits over models and draws.",
        groups=(),
        columns=(
            Column("quantity", "note"), Column("unit"), Column("of"), Column("group"), *_LIMITS,
        ),
        rows=tuple(
            (
                r.quantity.name, unit_words(r.quantity), str(r.subject.region).replace("_", " "),
                r.subject.arm or "", *_cells(r),
            )
            for r in rows
        ),
        origins=origins_of(rows),
    )  # fmt: skip


def power_table(result: BenchResult) -> Table | None:
    """List mean power over models by group size, and in how many models a size suffices."""
    said = result.study.file.bench.analysis
    sizes = sorted(set(said.sizes) | {result.plan.entry.per_group})
    body: list[tuple[str, ...]] = []
    for g, treatment in enumerate(result.plan.treatments):
        rates = [m.power_by_size[g] for m in result.numbers if g in m.power_by_size]
        if rates:
            cells = [
                (f"{sum(r[k] for r in rates) / len(rates):.2f}",
                 f"{sum(r[k] >= said.power for r in rates)}")
                for k in sizes
            ]  # fmt: skip
            body.append((treatment.name, *(cell for pair in cells for cell in pair)))
    if not body:
        return None
    test = "log-rank test of the limit of volume" if said.test == "log-rank" else "Welch's test"
    return Table(
        id="table-power",
        title="Power by group size",
        note=f"Share of simulated studies in which the planned {test}, two-sided at {said.alpha}, "
        f"is significant: mean over the {len(result.numbers)} models, and the number of models in "
        f"which it is {said.power} or more. Limits at the planned size: endpoints, above.",
        groups=(Group("against control", 1), *(Group(f"{n} animals", 2) for n in sizes)),
        columns=(
            Column("group"),
            *(Column(word, "number") for _ in sizes for word in ("mean", "models")),
        ),
        rows=tuple(body),
        origins=("computed",),
    )


def provenance_table(result: BenchResult) -> Table:
    """Count in how many models a parameter was measured, pooled or assumed."""
    return Table(
        id="table-provenance",
        title="Models by origin of each parameter",
        note="Counts, exact.",
        groups=(Group("", 1), Group("models", len(ORIGINS))),
        columns=(Column("parameter"), *(Column(origin, "number") for origin in ORIGINS)),
        rows=tuple(
            (name.replace("_", " "), *(str(found.get(o, 0)) for o in ORIGINS))
            for name, found in result.shares
        ),
        origins=("computed",),
    )


def model_table(result: BenchResult) -> Table:
    """List survival by model and group, with the origin of the model's growth."""
    rows = {row.id: row for row in result.run.results}
    body: list[tuple[str, ...]] = []
    shown: list[ResultRow] = []
    for one, numbers in zip(result.study.members, result.numbers, strict=True):
        growth = one.provenance["growth"]
        for t in result.plan.treatments:
            row = rows.get(f"bench/mean_survival/model:{numbers.model}/bench/mouse/{t.name}")
            if row is not None:
                shown.append(row)
                body.append(
                    (
                        one.name, one.indication.replace("_", " "), growth.origin,
                        str(growth.n) if growth.n else "", t.name, *_cells(row),
                    )
                )  # fmt: skip
    return Table(
        id="table-models",
        title="Mean survival by model and group, d",
        note=f"{_level(result)} limits over draws; growth: where it comes from, records used.",
        groups=(),
        columns=(
            Column("model"), Column("indication", "note"), Column("growth"),
            Column("n", "number"), Column("group"), *_LIMITS,
        ),
        rows=tuple(body),
        origins=origins_of(shown),
    )  # fmt: skip


def _cells(row: ResultRow) -> tuple[str, str, str]:
    """Value and limits; a number that is the same in every draw has none."""
    same = row.summary["low"] == row.summary["high"]
    low, high = ("" if same else number(row.summary[end]) for end in ("low", "high"))
    return number(row.summary["value"]), low, high


def _three(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def _level(result: BenchResult) -> str:
    return f"{100 * result.run.interval:g}%"
