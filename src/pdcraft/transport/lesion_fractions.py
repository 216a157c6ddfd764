"""Fractions of a body with lesions in it, from the body's own: only the lesions are transported.

A lesion is run as a source. What other sources give to it follows by reciprocity: a specific
absorbed fraction is nearly the same when source and target change places. From bones, where it is
not, that is an approximation of the order of the photons' 5 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.core.body_fractions import BodyFractions, Fractions, MarrowKerma
from pdcraft.errors import DataError
from pdcraft.transport.bodies import MARROW, SKELETON
from pdcraft.transport.body_fractions import Histories, compute_fractions

__all__ = ["LESION_HISTORIES", "lesion_fractions"]

LESION_HISTORIES = Histories(30_000, 5_000, 4_000)


def lesion_fractions(
    body: Body,
    base: BodyFractions,
    histories: Histories = LESION_HISTORIES,
    *,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> BodyFractions:
    """Add a body's lesions, as sources and as targets, to the fractions of the body without them.

    Parameters
    ----------
    body : Body
        With tumors by `pdcraft.anatomy.with_tumor`.
    base : BodyFractions
        Of the same body without them. What it says of other pairs is kept.
    histories : Histories
        Per lesion and energy.

    Raises
    ------
    DataError
        If the body has no region beyond those of ``base``, or lacks one of them.
    """
    lesions = tuple(r for r in body.regions if r not in base.targets)
    missing = [r for r in base.targets if r not in body.regions]
    if not lesions or missing:
        said = f"lacks {', '.join(missing)}" if missing else "has no lesion"
        raise DataError(
            f"{body.name} {said}: give the body of the fractions with its tumors inserted"
        )
    own = compute_fractions(
        body, histories, sources=lesions, seed=seed, threads=threads, progress=progress
    )
    order = [own.targets.index(t) for t in (*base.targets, *lesions)]

    def joined(with_lesion: Fractions, without: Fractions) -> Fractions:
        value, error = (
            _square(base, body, from_lesion[:, :, order], to_others)
            for from_lesion, to_others in (
                (with_lesion.per_g, without.per_g),
                (with_lesion.std_err_per_g, without.std_err_per_g),
            )
        )
        return Fractions(without.energy_keV, value, error)

    marrow = base.marrow
    if marrow is not None and own.marrow is not None:
        marrow = MarrowKerma(
            marrow.bin_keV,
            np.concatenate([marrow.per_g, own.marrow.per_g], axis=1),
            np.concatenate([marrow.std_err_per_g, own.marrow.std_err_per_g], axis=1),
        )
    return replace(
        base,
        body=body.name,
        sources=(*base.sources, *own.sources),
        targets=(*base.targets, *lesions),
        target_mass_g=np.append(base.target_mass_g, own.source_mass_g),
        source_mass_g=np.append(base.source_mass_g, own.source_mass_g),
        photon=joined(own.photon, base.photon),
        electron=joined(own.electron, base.electron),
        marrow=marrow,
        made_by=f"{base.made_by}; {', '.join(lesions)}: {own.made_by}",
    )


def _square(base: BodyFractions, body: Body, from_lesion: Floats, others: Floats) -> Floats:
    """Join (energies, lesions, targets with lesions) to (energies, sources, targets)."""
    n = len(base.targets)
    back: Floats = np.stack(
        [_towards(base, body, source, from_lesion[:, :, :n]) for source in base.sources], axis=1
    )
    upper = np.concatenate([others, back], axis=2)
    return np.concatenate([upper, from_lesion], axis=1)


def _towards(base: BodyFractions, body: Body, source: str, from_lesion: Floats) -> Floats:
    """Fractions from a source to the lesions, (energies, lesions), by those the other way."""
    if source in base.targets:
        return from_lesion[:, :, base.targets.index(source)]
    if source == MARROW:
        weights = dict(body.red_marrow)
    else:
        weights = {r: body.volume_cm3[body.index(r)] for r in body.groups[SKELETON]}
    total = sum(weights.values())
    out: Floats = np.zeros(from_lesion.shape[:2])
    for region, weight in weights.items():
        out = out + weight / total * from_lesion[:, :, base.targets.index(region)]
    return out
