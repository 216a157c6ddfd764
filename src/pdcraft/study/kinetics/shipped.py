"""The carrier's shipped draws in a study: draw i is the same sample in every stage."""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.kinetics.carrier.lesion import with_mouse_tumor
from pdcraft.kinetics.carrier.parameters import Species
from pdcraft.numerics.inputs import stream

__all__ = ["shipped_carrier", "shipped_draws"]


def shipped_draws(
    species: Species, n: int, seed: int, without: str | None = None
) -> dict[str, Floats]:
    """Take `n` of a species' shipped draws, in the seed's order; more than there are repeat.

    Parameters
    ----------
    species : {"mouse", "human"}
    n, seed : int
    without : str, optional
        Subjects that the draws have not seen.

    Returns
    -------
    dict of str to ndarray, shape (n,)

    Raises
    ------
    DataError
        If no draws left these subjects out, with near matches.
    """
    named = carrier_draws(species).named(without)
    size = next(iter(named.values())).size
    order = np.resize(stream(seed, f"kinetics.carrier.{species}").permutation(size), n)
    return {name: values[order] for name, values in named.items()}


def shipped_carrier(species: Species, n: int, seed: int) -> dict[str, Floats]:
    """Take `n` draws of the carrier model; in man the tumor is the mouse's, scaled in time."""
    own = shipped_draws(species, n, seed)
    if species == "mouse":
        return own
    return with_mouse_tumor(own, shipped_draws("mouse", n, seed), seed)
