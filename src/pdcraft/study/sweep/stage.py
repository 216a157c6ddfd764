"""The sweep stage: payloads of one carrier over sizes of tumor, or members of a carrier series.

One tumor, one set of kinetic draws. Radionuclides: tumor dose over marrow dose, and whether the
marrow bears what the tumor needs. Positron emitters and dyes: how the tumor stands out.
Drugs: the therapeutic index, which knows no size. So each payload's range of sizes, depths and
marrow reserve stands on one page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption
from pdcraft.errors import StudyError
from pdcraft.study.recipes.payload_kinetics import payload_kinetics
from pdcraft.study.recipes.payload_size import size_dose
from pdcraft.study.sweep.notes import note_chains, note_payloads
from pdcraft.study.sweep.payloads import kinds_of

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile
    from pdcraft.study.sweep.payloads import Kinds
    from pdcraft.study.sweep.table import Sweep

__all__ = ["sweep_stage"]

STAGE = "sweep"
UM_PER_MM = 1000.0


def sweep_stage(
    study: StudyFile,
    folder: Path,
    conjugate: Conjugate,
    ledger: Ledger,
    progress: Callable[[float, str], None],
) -> None:
    """Run the stage.

    Raises
    ------
    StudyError, DataError
        For payloads without kinetics, or a carrier that is no member of a series.
    """
    said = study.sweep
    assert said is not None
    if said.payloads:
        kinds = kinds_of(said.payloads)
        radius_um = UM_PER_MM * np.geomspace(*said.radii, said.points)
        for i, name in enumerate(kinds.nuclides):
            progress(0.75 + 0.1 * i / len(kinds.nuclides), f"tumor sizes with {name}")
            _doses(study, said, folder, conjugate, name, radius_um, ledger)
        progress(0.86, "contrast")
        _contrasts(study, said, kinds, radius_um, ledger)
        if kinds.drugs:
            progress(0.88, "therapeutic index")
            _indices(study, said, ledger)
        note_payloads(study, said, kinds, ledger)
    if said.chain_lengths:
        _chains(said, conjugate, ledger)
    if said.agents:
        from pdcraft.study.sweep.portfolio import portfolio_rows

        assert said.at is not None
        portfolio_rows(said.agents, date.fromisoformat(said.at), ledger)
        ledger.assume(
            Assumption("sweep.at", "Days of protection are counted from this day.", said.at)
        )


def _doses(
    study: StudyFile,
    said: Sweep,
    folder: Path,
    conjugate: Conjugate,
    name: str,
    radius_um: Floats,
    ledger: Ledger,
) -> None:
    """Add tumor dose over marrow dose, and the share of draws in which the marrow bears it."""
    kinetics = payload_kinetics(study, folder, conjugate, name)
    size = size_dose(name, radius_um)
    per_marrow = kinetics.over_marrow(size.Gy_g_per_MBq_h)
    for j, radius in enumerate(radius_um):
        region = _sized(radius)
        _row(ledger, "tumor_over_marrow_dose", per_marrow[:, j], region, name)
        for borne in said.marrow_doses:
            share = float((borne * per_marrow[:, j] >= said.tumor_dose).mean())
            flags = ("share of draws in which the tumor gets its dose within this marrow dose",)
            _row(ledger, "probability", share, region, f"{name}, marrow bears {borne:g} Gy", flags)


def _contrasts(
    study: StudyFile, said: Sweep, kinds: Kinds, radius_um: Floats, ledger: Ledger
) -> None:
    """Add how the tumor stands out with positron emitters and dyes."""
    if not kinds.positrons and not kinds.dyes:
        return
    from pdcraft.study.recipes.seen_tumor import dye_contrast, held, pet_recovery

    species = study.host.species
    in_brain = species == "human" and study.lesion[0].site == "brain"
    radius_mm = radius_um / UM_PER_MM
    if kinds.positrons:
        found = held(
            species, study.draws, study.seed, said.imaging_at, in_brain=in_brain, label="iodine"
        )
        over = found.tumor_per_g / found.tissue_per_g - 1.0
        recovered = pet_recovery(radius_mm, said.pet_resolution)
        for name in kinds.positrons:
            _seen(said, radius_um, 1.0 + recovered[:, None] * over, f"{name} PET", ledger)
    if kinds.dyes:
        assert said.dye_amount is not None
        found = held(species, study.draws, study.seed, said.imaging_at, in_brain=in_brain)
        depths = np.array(said.depths)
        for name in kinds.dyes:
            contrast = dye_contrast(
                name, said.tissue, found, said.dye_amount, radius_mm, depths, study.seed
            )
            for depth, one in zip(said.depths, contrast, strict=True):
                _seen(said, radius_um, one, f"{name}, {depth:g} mm deep", ledger)


def _seen(said: Sweep, radius_um: Floats, contrast: Floats, arm: str, ledger: Ledger) -> None:
    flags = (f"share of draws with a contrast of {said.contrast:g} or more",)
    for radius, values in zip(radius_um, contrast, strict=True):
        _row(ledger, "image_contrast", values, _sized(radius), arm)
        share = float((values >= said.contrast).mean())
        _row(ledger, "probability", share, _sized(radius), arm, flags)


def _indices(study: StudyFile, said: Sweep, ledger: Ledger) -> None:
    """Add the index of paclitaxel on the carrier and of plain paclitaxel."""
    from pdcraft.exposure.paclitaxel import paclitaxel_citations
    from pdcraft.study.exposure.effect import indices
    from pdcraft.study.exposure.table import Exposure

    assert said.linker is not None
    sources = ledger.cite(paclitaxel_citations())
    own, plain = indices(study, Exposure(linker=said.linker, map=0))
    drug = "paclitaxel on the carrier"
    _row(ledger, "therapeutic_index", own.index, None, drug, sources=sources)
    _row(ledger, "therapeutic_index", plain.index, None, "plain paclitaxel", sources=sources)
    _row(ledger, "relative_index", own.index / plain.index, None, drug, sources=sources)
    better = float((own.index > plain.index).mean())
    flags = ("share of draws with an index above that of plain drug",)
    _row(ledger, "probability", better, None, drug, flags)


def _chains(said: Sweep, conjugate: Conjugate, ledger: Ledger) -> None:
    """Add descriptors of the carrier's series over chain lengths."""
    from pdcraft.chemistry.series import series

    if conjugate.payload is None or conjugate.payload.kind != "radionuclide":
        raise StudyError(
            f"sweep.chain_lengths: {conjugate.name} carries no radionuclide; the series keeps the "
            "payload on the ring of the carrier's template"
        )
    members = series("chain", said.chain_lengths, payload=conjugate.payload)
    for member in members:
        one = member.descriptors
        for kind, value in (
            ("molar_mass", one.molar_mass_g_per_mol),
            ("logP", one.logp_crippen),
            ("hlb", one.hlb_griffin),
            ("carrier_mass_per_activity", member.conjugate.carrier_free_ng_per_MBq),
        ):
            if value is not None:
                _row(ledger, kind, float(value), None, f"chain {member.label}")
    note_chains(ledger)


def _sized(radius_um: float) -> str:
    return f"tumor:{radius_um:.3g} um"


def _row(
    ledger: Ledger,
    kind: str,
    values: Floats | float,
    region: str | None,
    arm: str,
    flags: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> None:
    ledger.number(
        STAGE, kind, values, origin="computed", region=region, arm=arm, flags=flags, sources=sources
    )
