"""Photon attenuation and energy absorption of the transport's tables, against NIST and XCOM."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.material import Material
from pdcraft.data.materials import material
from pdcraft.data.photon_elements import atomic_weight
from pdcraft.physics.constants import AVOGADRO_per_mol
from pdcraft.transport.photon_data import photon_data
from pdcraft.transport.radiated_share import radiated_share
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "transport"
NIST = "Hubbell & Seltzer, NISTIR 5632 (1995), doi:10.18434/T4D01F"
XCOM = "XCOM, doi:10.18434/T48G6X"
CM2_PER_G = 10.0  # from 1/mm per g/mL
WITHIN = 0.005
PAIR_WITHIN = 0.011
JUDGED_TO_keV = 1000.0  # the promise; above, cases are shown with the same rule
PAIR_Z_TO = 26


def cases() -> Iterator[Case]:
    """Yield the photon cases of the suite."""
    yield from _mixtures()
    yield from _pairs()


def _at(energy_keV: Floats, nodes: Floats, table: Floats) -> Floats:
    """Interpolate as the transport does."""
    return np.interp(np.log(energy_keV), nodes, table)


def _mixtures() -> Iterator[Case]:
    table = reference_rows("transport", "nist_photons.csv")
    for name, group in groupby(table, key=lambda row: row["material"]):
        rows = list(group)
        own = material(name)
        data = photon_data((own,), (radiated_share(own),))
        energy = np.array([float(row["energy_keV"]) for row in rows])
        mu = CM2_PER_G * _at(energy, data.log_energy, data.total[:, 0])
        mu_en = CM2_PER_G * _at(energy, data.log_energy, data.kerma[:, 0]) / energy
        for i, row in enumerate(rows):
            why = "the promise from 10 keV to 1 MeV"
            if energy[i] > JUDGED_TO_keV:
                why = "as promised to 1 MeV; pairs in the field of electrons are missing"
            for what, value, column in (
                ("attenuation", mu[i], "mu_cm2_per_g"),
                ("energy absorption", mu_en[i], "mu_en_cm2_per_g"),
            ):
                label = f"photon {what} in {name}, {energy[i]:g} keV, cm²/g"
                reference = float(row[column])
                yield compare(SUITE, label, float(value), reference, NIST, rel=WITHIN, why=why)


def _pairs() -> Iterator[Case]:
    for row in reference_rows("transport", "xcom_elements.csv"):
        z, reference = int(row["z"]), float(row["pair_nuclear_b"])
        if reference == 0.0 or z > PAIR_Z_TO:
            continue
        data = photon_data((Material(f"Z = {z}", ((z, 1.0),), 1.0, 100.0, "one element"),))
        pairs = (data.total - data.photo_compton_rayleigh)[:, 0]
        energy = float(row["energy_keV"])
        per_g = CM2_PER_G * float(_at(np.array([energy]), data.log_energy, pairs)[0])
        value = per_g * atomic_weight(z) / (AVOGADRO_per_mol * 1e-24)
        name = f"pair production in the field of nucleus Z = {z}, {energy:g} keV, b"
        why = "a fitted Coulomb correction"
        yield compare(SUITE, name, value, reference, XCOM, rel=PAIR_WITHIN, why=why)
