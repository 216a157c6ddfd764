"""Write the emissions that PENELOPE is fed with: pdcraft's own tables as a list of energies.

``python tests/penelope/declare_emissions.py`` (needs pdcraft) writes ``emissions.csv`` beside it.
What is below 1 keV, and the soft rest of the atomic cascade, is one row of energy absorbed locally.
Annihilation photons are not listed: they follow from the positrons.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

NUCLIDES = ("I-124", "I-125", "I-131", "Lu-177", "Y-90")
CUTOFF_keV = 1.0
LEAST_PER_DECAY = 1e-7
HEADER = """\
# Emissions per decay that the PENELOPE references were made with: beta branches as nodes.
# radiation "local": energy_keV times per_decay is absorbed where it is born (below 1 keV).
# Annihilation photons follow from the positrons. From pdcraft's tables of 2026-11-21.
nuclide,radiation,energy_keV,per_decay
"""


def rows(name: str) -> list[tuple[str, float, float]]:
    """Radiation, energy in keV and yield per decay."""
    from pdcraft.data.nuclides import nuclide
    from pdcraft.physics.beta import spectrum_nodes

    source = nuclide(name)
    out: list[tuple[str, float, float]] = []
    local_keV = source.soft_keV
    for branch in source.beta:
        radiation = "electron" if branch.charge == "minus" else "positron"
        nodes = spectrum_nodes(
            branch.end_point_keV, source.daughter_z, source.a, branch.charge, branch.shape
        )
        for energy, weight in zip(*nodes, strict=True):
            out.append((radiation, float(energy), branch.per_decay * float(weight)))
    out += [("electron", line.energy_keV, line.per_decay) for line in source.electrons]
    out += [
        ("photon", line.energy_keV, line.per_decay)
        for line in source.photons
        if line.kind != "annihilation"
    ]
    kept = [r for r in out if r[1] >= CUTOFF_keV and r[2] >= LEAST_PER_DECAY]
    local_keV += sum(e * n for kind, e, n in out if e < CUTOFF_keV and kind != "positron")
    return [*sorted(kept, key=lambda r: (r[0], r[1])), ("local", local_keV, 1.0)]


def main() -> None:
    """Write the list."""
    text = HEADER
    for name in NUCLIDES:
        for radiation, energy, per_decay in rows(name):
            text += f"{name},{radiation},{np.float64(energy):.6g},{np.float64(per_decay):.6g}\n"
    Path(__file__).with_name("emissions.csv").write_text(text)


if __name__ == "__main__":
    main()
