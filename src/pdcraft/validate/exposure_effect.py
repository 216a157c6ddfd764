"""Effects of free drug: the published curve, and the index where it is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pdcraft.data.files import load_toml
from pdcraft.exposure.chain import conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.linker import FirstOrder, Linker
from pdcraft.exposure.paclitaxel import paclitaxel
from pdcraft.response.concentration import DrugExposure
from pdcraft.response.tumor_simeoni import paclitaxel_a2780, simeoni
from pdcraft.study.exposure.drug_effect import equivalent_exposure
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters
from pdcraft.study.exposure.therapeutic_index import Goal, scaling, therapeutic_index
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "exposure"
DRAWS, SEED = 6, 20261121
MG_PER_KG, MOUSE_kg = 30.0, 0.022
DAYS = np.linspace(0.0, 21.0, 22)


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _published_curve()
    yield _index_of_plain()


def _published_curve() -> Iterator[Case]:
    """Plain arm through the tumor's equivalent, against its own plasma kinetics by hand."""
    table = load_toml("exposure", "paclitaxel.toml")
    row, mass = table["mouse"], table["molar_mass_g_per_mol"]
    out, there, back = row["out_per_h"], row["there_per_h"], row["back_per_h"]
    total = out + there + back
    root = np.sqrt(total**2 - 4.0 * out * back)
    fast, slow = 0.5 * (total + root), 0.5 * (total - root)
    start_ng_per_mL = 1e6 * MG_PER_KG / row["central_mL_per_kg"]
    shares = np.array([fast - back, back - slow]) / (fast - slow)
    parameters = paclitaxel_a2780()
    by_hand = DrugExposure.bolus(parameters.tag, start_ng_per_mL * shares, [fast, slow])
    want = simeoni(parameters, by_hand, DAYS).mass_g

    drug = paclitaxel("mouse", DRAWS, SEED)
    nmol = 1e6 * MG_PER_KG * MOUSE_kg / mass
    # the published clearance itself: a draw's own factor on it is divided out
    scale = drug.inputs["exposure.mouse.clearance"]
    published = type(drug.plain)(
        drug.plain.name, "mouse", mass, drug.plain.central_mL,
        np.asarray(drug.plain.clearance_mL_per_h) / scale, drug.plain.exchange_mL_per_h,
        drug.plain.tissue_mL, drug.plain.total_per_unbound,
    )  # fmt: skip
    chain = plain_chain(published, drug.tumor, drug.marrow)
    amount, rate = chain.terms("tumor_equivalent")
    worst = 0.0
    for draw in range(DRAWS):
        factor = nmol * float(np.asarray(published.total_per_unbound)[draw]) * mass
        keep = rate[draw] > 1e-12
        exposure = DrugExposure(
            parameters.tag, factor * amount[draw, keep], rate[draw, keep], np.zeros(keep.sum())
        )
        worst = max(
            worst, float(np.max(np.abs(simeoni(parameters, exposure, DAYS).mass_g / want - 1.0)))
        )
    yield compare(
        SUITE,
        "Plain paclitaxel through free drug in tumor: mass over the plasma-driven published model",
        worst,
        0.0,
        "Simeoni 2004 with its own kinetics, two exponentials by hand",
        absolute=1e-6,
        why="tumor of 1 ng in the chain, 1e-9 of the integrator",
    )
    stepped = equivalent_exposure(
        chain, [DrugDose(nmol)], parameters.tag, published, 24.0 * DAYS[-1]
    )
    coarse = simeoni(parameters, stepped, DAYS).mass_g
    yield compare(
        SUITE,
        "The same by steps with exact areas, as studies do",
        float(np.max(np.abs(coarse / want - 1.0))),
        0.0,
        "Simeoni 2004, as above",
        absolute=5e-3,
        why="48 steps; kill is right in area, late by less than a step",
    )


def _index_of_plain() -> Case:
    goal = Goal.shipped()
    scale = scaling(goal, DRAWS, SEED)
    chains = {}
    plain = {}
    reference = {}
    instant = Linker("instant", (FirstOrder(1e-6),))
    for species in ("mouse", "human"):
        carrier, _ = carrier_parameters(species, DRAWS, SEED)
        drug = paclitaxel(species, DRAWS, SEED)
        network = carrier_network(species, carrier)
        chains[species] = conjugate_chain(network, instant, drug.free, drug.tumor, drug.marrow)
        plain[species] = plain_chain(drug.plain, drug.tumor, drug.marrow)
        reference[species] = drug.plain
    one = therapeutic_index(
        chains["mouse"], reference["mouse"], chains["human"], reference["human"], goal, scale
    )
    two = therapeutic_index(
        plain["mouse"], reference["mouse"], plain["human"], reference["human"], goal, scale
    )
    return compare(
        SUITE,
        "Instant release in plasma: therapeutic index over that of plain drug, farthest from 1",
        float(np.max(np.abs(one.index / two.index - 1.0))),
        0.0,
        "the same drug given as such",
        absolute=1e-3,
        why="doses are found to 1e-4",
    )
