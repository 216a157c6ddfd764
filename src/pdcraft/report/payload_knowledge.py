"""What is known and what is assumed of each payload of a sweep, from the catalogue and the run."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pdcraft.core.run import Run
from pdcraft.data.catalogue import agent_records
from pdcraft.report.tables import Column, Group, Table

__all__ = ["knowledge"]

CONJUGATES = ("CLR", "NM600")


def knowledge(run: Run, arms: Sequence[str], *, drug: bool) -> Table:
    """Make a table of payloads: published facts, what pdcraft computes of them, what it assumes."""
    heads = list(dict.fromkeys(arm.split(",")[0] for arm in arms))
    said = {a.id for a in run.assumptions}
    body = [_row(head, said) for head in heads]
    if drug:
        body.append(
            (
                "paclitaxel on the carrier",
                _agents("paclitaxel") or "kinetics and effects of plain paclitaxel",
                "free drug, kill and marrow effect by the linker",
                "the linker's half-lives; kinetics of the carrier within a factor 7 (1 SD 2.7)",
            )
        )
    return Table(
        id="table-known",
        title="What is known, what is assumed",
        note="Known: published, with stage as the catalogue has it. Values of assumptions: below.",
        groups=(
            Group("", 1), Group("published", 1, "given"), Group("computed", 1, "computed"),
            Group("assumed", 1, "assumed"),
        ),
        columns=(
            Column("payload"), Column("known", "note"), Column("computed", "note"),
            Column("assumed", "note"),
        ),
        rows=tuple(body),
    )  # fmt: skip


def _row(head: str, said: Collection[str]) -> tuple[str, str, str, str]:
    name = head.removesuffix(" PET")
    shown = _agents(name)
    dye = f"sweep.dye.{name}"
    if dye in said:
        return (
            head,
            shown,
            "light in and out of tissue by diffusion, contrast in draws",
            "spectra, extinction, yield; kinetics of the carrier within a factor 5 (1 SD 2.2); "
            "tissue optics and autofluorescence",
        )
    if head.endswith(" PET"):
        return (
            head,
            shown,
            "tumor over tissue from the calibrated carrier, blurred by the scanner",
            "scanner's resolution; no noise, scatter or positron range",
        )
    if name.startswith("I-"):
        return (
            head,
            "; ".join(filter(None, ("emissions (ICRP 107)", shown))),
            "tumor and marrow dose from the calibrated carrier",
            "dose that a tumor needs and marrow bears; even activity",
        )
    return (
        head,
        "; ".join(filter(None, ("emissions (ICRP 107)", shown))),
        "tumor and marrow dose from the calibrated carrier",
        "a chelate on the carrier keeps its kinetics within a factor 2.7 (1 SD 1.65); dose that a "
        "tumor needs and marrow bears; even activity",
    )


def _agents(payload: str) -> str:
    """Agents of the catalogue with this payload, or of this name, with their stage."""
    out: list[str] = []
    for record in agent_records():
        named = record.name == payload
        carried = record.payload_name == payload
        if (named or carried) and any(word in record.name for word in CONJUGATES):
            out.append(f"{record.name}: {record.stage.text}" if record.stage else record.name)
    return "; ".join(out)
