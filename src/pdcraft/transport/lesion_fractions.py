"""Fractions of a body with lesions in it, from the body's own: only the lesions are transported.

A lesion is run as a source. What other sources give to it follows by reciprocity: the dose to soft
tissue is nearly the same when source and target change places. Bone absorbs more than soft tissue
in its place would, so the other way from bones is their kerma in soft tissue: that of red marrow
where the body has it, else by the ratio of the two tissues' kerma at the emitted energy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.core.body_fractions import BodyFractions, Fractions, MarrowKerma
from pdcraft.data.materials import material
from pdcraft.errors import DataError
from pdcraft.transport.bodies import CELLS_PER_EDGE, MARROW, SKELETON
from pdcraft.transport.body_fractions import Histories, compute_fractions
from pdcraft.transport.engine import prepare_photons

__all__ = ["LESION_HISTORIES", "lesion_fractions"]

SMALLEST_SHARE = 50.0  # a lesion fills at least this part of a coarse cell
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
    _check_size(body, lesions)
    own = compute_fractions(
        body, histories, sources=lesions, seed=seed, threads=threads, progress=progress
    )
    order = [own.targets.index(t) for t in (*base.targets, *lesions)]

    soft = _soft_over_bone(body, own)

    def joined(with_lesion: Fractions, without: Fractions, in_bone: Floats) -> Fractions:
        value, error = (
            _square(base, body, from_lesion[:, :, order], to_others, in_bone)
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
        photon=joined(own.photon, base.photon, soft),
        electron=joined(own.electron, base.electron, np.ones((1, 1))),
        marrow=marrow,
        made_by=f"{base.made_by}; {', '.join(lesions)}: {own.made_by}",
    )


def _check_size(body: Body, lesions: tuple[str, ...]) -> None:
    """Refuse what is so small that no place in it is found by drawing in the body's cells."""
    low, high = body.bounds_cm
    least = (float((high - low).max()) / CELLS_PER_EDGE) ** 3 / SMALLEST_SHARE
    for lesion in lesions:
        volume = float(body.volume_cm3[body.index(lesion)])
        if volume < least:
            raise DataError(
                f"{lesion}: {1000 * volume:.3g} mm³ is too small to be transported in "
                f"{body.name}, {1000 * least:.2g} mm³ at least; use 'pdcraft sphere' for its "
                "self-dose and a body without it for the rest"
            )


def _soft_over_bone(body: Body, own: BodyFractions) -> Floats:
    """Kerma in soft tissue over that in bone, in the skeleton, from each lesion's photons."""
    if own.marrow is not None and body.red_marrow:
        shares = np.array([body.red_marrow.get(r, 0.0) for r in own.targets])
        bone = own.photon.per_g @ shares
        return np.divide(
            own.marrow.per_g.sum(axis=-1), bone, out=np.ones_like(bone), where=bone > 0.0
        )
    bones = [body.materials[i] for i in body.members(SKELETON)]
    tissues = (material(body.materials[body.index("remainder")]), material(bones[0]))
    data = prepare_photons(tissues)
    kerma = [
        np.interp(np.log(own.photon.energy_keV), data.log_energy, data.kerma[:, m]) for m in (0, 1)
    ]
    return (kerma[0] / kerma[1])[:, None]


def _square(
    base: BodyFractions, body: Body, from_lesion: Floats, others: Floats, in_bone: Floats
) -> Floats:
    """Join (energies, lesions, targets with lesions) to (energies, sources, targets)."""
    n = len(base.targets)
    back: Floats = np.stack(
        [_towards(base, body, source, from_lesion[:, :, :n], in_bone) for source in base.sources],
        axis=1,
    )
    upper = np.concatenate([others, back], axis=2)
    return np.concatenate([upper, from_lesion], axis=1)


def _towards(
    base: BodyFractions, body: Body, source: str, from_lesion: Floats, in_bone: Floats
) -> Floats:
    """Fractions from a source to the lesions, (energies, lesions), by those the other way."""
    if source in base.targets:
        there = from_lesion[:, :, base.targets.index(source)]
        return there * in_bone if source == SKELETON else there
    if source == MARROW:
        weights = dict(body.red_marrow)
    else:
        weights = {r: body.volume_cm3[body.index(r)] for r in body.groups[SKELETON]}
    total = sum(weights.values())
    out: Floats = np.zeros(from_lesion.shape[:2])
    for region, weight in weights.items():
        out = out + weight / total * from_lesion[:, :, base.targets.index(region)]
    return out * in_bone
