"""Other Auger and conversion electrons of a decay, for the spread of doses at the scale of cells.

Cascades of one atom agree in energy within some per cent and differ by half in the number of the
softest electrons; evaluations differ in conversion coefficients. The alternatives stand for that:
the energies of ICRP 107 in five bands (`pdcraft.data.auger_sums`; numbers scaled band by band), and
all Auger electrons below 1 keV left where they start, whatever their number.

The differences from ICRP 107 have either sign. Where more energy at one end of the spectrum makes
up for less at the other, both give a target the same dose by chance, which is no knowledge of the
dose. So its energies count below and above 10 keV alone too: above are conversion and K Auger
electrons, below is the cascade that the outer shells share.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.data.auger_sums import band_edges_keV, other_bands_keV
from pdcraft.data.radiation import Nuclide

__all__ = ["auger_models"]

SOFT_BELOW_keV = 1.0
CASCADE_BELOW_keV = 10.0  # an edge of the bands
AUGER, CONVERSION = "Auger electron", "conversion electron"


def auger_models(source: Nuclide) -> dict[str, Nuclide]:
    """Return the alternatives of a decay's electrons, by name; none where it has no such.

    Parameters
    ----------
    source : Nuclide
        With or without progeny; the energies of ICRP 107 need them for each nuclide in it, and are
        left out for spectra that are those of ICRP 107 already.
    """
    if not any(x.kind in (AUGER, CONVERSION) for x in source.electrons):
        return {}
    out: dict[str, Nuclide] = {}
    soft = [x for x in source.electrons if x.kind == AUGER and x.energy_keV < SOFT_BELOW_keV]
    if soft:
        out["soft Auger electrons on the spot"] = replace(
            source,
            electrons=tuple(x for x in source.electrons if x not in soft),
            soft_keV=source.soft_keV + sum(x.energy_keV * x.per_decay for x in soft),
        )
    known = other_bands_keV()
    if len(source.includes) == 1 and source.name in known and not source.notice:
        low = band_edges_keV() < CASCADE_BELOW_keV
        for words, bands in (
            ("energies of ICRP 107", np.ones_like(low)),
            ("energies of ICRP 107 below 10 keV alone", low),
            ("energies of ICRP 107 above 10 keV alone", ~low),
        ):
            out[words] = _in_bands(source, known[source.name], bands)
    return out


def _in_bands(source: Nuclide, want_keV: Floats, bands: NDArray[np.bool_]) -> Nuclide:
    """Scale numbers of electrons in some bands; a band without electrons stays empty."""
    energy = np.array([x.energy_keV for x in source.electrons])
    carried = energy * np.array([x.per_decay for x in source.electrons])
    band = np.searchsorted(band_edges_keV(), energy, side="right") - 1
    own = np.bincount(band, carried, want_keV.size)
    own[0] += source.soft_keV
    factor = np.divide(want_keV, own, out=np.ones_like(own), where=bands & (own > 0.0))
    electrons = (
        replace(x, per_decay=x.per_decay * float(factor[k]))
        for x, k in zip(source.electrons, band, strict=True)
    )
    return replace(source, electrons=tuple(electrons), soft_keV=source.soft_keV * float(factor[0]))
