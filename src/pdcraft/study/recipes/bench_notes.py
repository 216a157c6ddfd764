"""What a bench takes as so, whom it cites, and what the body gets that no model changes."""

from __future__ import annotations

import numpy as np

from pdcraft.core.run import Assumption, Citation
from pdcraft.data.xenografts import (
    growth_records,
    published_figures,
    xenograft_prior,
    xenograft_source,
)
from pdcraft.response.xenograft.counts import mouse_nadirs
from pdcraft.response.xenograft.draws import pooled_growth
from pdcraft.study.bench_read import BenchStudy
from pdcraft.study.ledger import Ledger
from pdcraft.study.recipes.bench_plan import PlannedBench

__all__ = ["add_assumptions", "add_body_rows", "add_published"]

PRIORS = (
    "transit_per_d", "vascularity", "raft_share", "uptake", "alpha_model", "drug_sensitivity",
    "take_rate", "litter", "weight_loss_per_Gy", "ulceration_per_d_per_g", "marrow_time",
)  # fmt: skip
OWN = "U"  # grade of a user's own figures


def add_body_rows(study: BenchStudy, made: PlannedBench, ledger: Ledger) -> None:
    """Add marrow dose and lowest counts of groups with a radionuclide."""
    if not made.marrow:
        return
    found = mouse_nadirs(
        list(made.marrow.values()), study.file.bench.design.body_mass, study.file.seed
    )
    for place, (g, rate) in enumerate(made.marrow.items()):
        name = made.plan.treatments[g].name
        ledger.number(
            "bench", "absorbed_dose", rate.total_Gy, origin="computed", region="red_marrow",
            arm=name, inputs={},
        )  # fmt: skip
        for lineage, (lowest, day) in found.items():
            for kind, values in (("relative_count_nadir", lowest), ("nadir_day", day)):
                ledger.number(
                    "bench", kind, values[:, place], origin="computed", region=lineage, arm=name,
                    inputs={}, flags=("man's marrow model, time scaled: assumed",),
                )  # fmt: skip


def add_published(study: BenchStudy, made: PlannedBench, ledger: Ledger) -> None:
    """Add published figures of the study's models and agents, beside what was computed."""
    names = {m.name for m in study.members}
    known = {row.id for row in ledger.rows}
    for figure in published_figures():
        if figure.member not in names:
            continue
        text, doi = xenograft_source(figure.source)
        for g, found in made.tracers.items():
            if found.agent.name != figure.agent or made.plan.treatments[g].resected_d is not None:
                continue  # published figures are of tumors that stayed
            arm, value = made.plan.treatments[g].name, figure.value
            if figure.per_MBq is not None:
                value = figure.per_MBq * made.given_MBq[g]
            where = f"model:{figure.member}" if figure.region == "tumor" else figure.region
            own = f"bench/{figure.quantity}/{where}/bench/mouse/{arm}"
            if own not in known:  # not asked of this group, as a volume after resection
                continue
            region = where if figure.region == "tumor" else f"{where} of {figure.member}"
            ledger.number(
                "bench",
                figure.quantity,
                value or 0.0,
                origin="published",
                region=f"{region}, published",
                arm=arm,
                sources=ledger.cite([Citation(figure.source, text, doi)]),
                compare_with=(own,),
                flags=(figure.text,),
            )


def add_assumptions(study: BenchStudy, ledger: Ledger) -> None:
    """Note assumptions with their sources."""
    pooled, bench = pooled_growth(), study.file.bench

    def cite(keys: tuple[str, ...]) -> tuple[str, ...]:
        rows = [(key, *xenograft_source(key)) for key in keys]
        return ledger.cite(Citation(key, text, doi) for key, text, doi in rows)

    def assume(what: str, text: str, value: str, keys: tuple[str, ...] = ()) -> None:
        ledger.assume(Assumption(f"bench.{what}", text, value, cite(keys)))

    named = sum(not m.virtual for m in study.members)
    sources = tuple(dict.fromkeys(r.source for r in growth_records()))
    assume(
        "members",
        f"{len(study.members)} models, {named} of them named after published ones; the others are "
        "draws of an indication, of which nothing was measured.",
        f"{named} named",
    )
    assume(
        "growth",
        f"Growth of models without a record is drawn from {pooled.records_with_spread} records "
        f"with a spread between animals ({pooled.records} in all): exponential, then linear.",
        f"{np.exp(pooled.log_rate):.3g}/d, log SD {pooled.model_sd:.2g} between models and "
        f"{pooled.animal_sd:.2g} between animals",
        sources,
    )
    assume(
        "caliper",
        "Calipers err in proportion to the volume.",
        f"log SD {study.file.bench.design.caliper_log_sd or pooled.caliper_log_sd:.2g}",
    )
    for name in PRIORS:
        prior = xenograft_prior(name)
        assume(name, f"{prior.cell.text} ({prior.cell.origin}).", _value(name), prior.cell.sources)
    assume(
        "dilution",
        "The tumor's concentration is that of a tracer tumor of constant mass: growth does not "
        "thin it and shrinkage does not raise it.",
        "constant mass",
    )
    assume("density", "1 mm3 of tumor weighs 1 mg.", "1 g/mL")
    if bench.metastases is not None:
        assume(
            "metastases",
            "Number, size and growth of micrometastases, which hold the primary's concentration.",
            f"{bench.metastases.number:g} of {1000 * bench.metastases.radius:g} um",
        )
    for own in bench.model:
        text = f"Model '{own.name}': doubling time of {own.doubling / 24:g} d in {own.animals} mice"
        ledger.assume(Assumption(f"bench.model.{own.name}", f"{text}, from: {own.source}", "given"))
    if bench.leave_out is not None:
        assume(
            "leave_out",
            f"Neither the carrier's draws nor the models' own figures have seen the subjects "
            f"'{bench.leave_out}'. Spreads between models and animals stay as pooled.",
            bench.leave_out,
        )


def _value(name: str) -> str:
    prior = xenograft_prior(name)
    unit = "" if prior.unit == "1" else f" {prior.unit}"
    if prior.low is not None:
        return f"{prior.low:g} to {prior.high:g}{unit}"
    spread = f", log SD {prior.log_sd:g}" if prior.log_sd is not None else f", SD {prior.sd or 0:g}"
    return f"{prior.value:g}{unit}{spread}"
