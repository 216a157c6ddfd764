"""Free drug: balance of matter, limits and other integrators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pdcraft.exposure.chain import conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugCourse, DrugDose
from pdcraft.exposure.linker import FirstOrder, Linker, Saturable
from pdcraft.exposure.numeric import simulate
from pdcraft.exposure.paclitaxel import DrugDraws, paclitaxel
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import host
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "exposure"
DRAWS, SEED = 5, 20261121
TUMOR_g = 0.3
DOSES = (DrugDose(770.0, 0.0, 0.5), DrugDose(385.0, 30.0))
INFUSED = (DrugDose(770.0, 0.0, 0.5), DrugDose(385.0, 30.0, 0.5))  # no instant on the carrier
TIMES_h = np.linspace(0.0, 120.0, 61)
BALANCE = 1e-9
OWN = "identity: what is given is there, released, eliminated or lost"
ROUNDING = "rounding of the eigenvalues' route"


def cases() -> Iterator[Case]:
    """Yield balance of matter, limits, then other integrators."""
    carrier, _ = carrier_parameters("mouse", DRAWS, SEED)
    drug = paclitaxel("mouse", DRAWS, SEED)
    yield from _balance(carrier, drug)
    yield from _limits(carrier, drug)
    yield from _other_routes(carrier, drug)


def _linear(
    carrier: dict[str, np.ndarray],
    drug: DrugDraws,
    linker: Linker,
    doses: Sequence[DrugDose] = DOSES,
) -> DrugCourse:
    network = carrier_network("mouse", carrier, tumor_g=TUMOR_g)
    chain = conjugate_chain(network, linker, drug.free, drug.tumor, drug.marrow)
    return chain.course(doses, TIMES_h)


def _stepped(carrier: dict[str, np.ndarray], drug: DrugDraws, linker: Linker) -> DrugCourse:
    return simulate(
        drug.free,
        drug.tumor,
        drug.marrow,
        DOSES,
        TIMES_h,
        network=carrier_network("mouse", carrier, tumor_g=TUMOR_g),
        linker=linker,
    )


def _enzyme(half_at_uM: float) -> Linker:
    """Make a linker cleaved in plasma by an enzyme; 6 h where nothing saturates."""
    rate = np.log(2.0) / 6.0
    return Linker(
        "enzyme",
        (Saturable(rate * half_at_uM, half_at_uM),),
        (FirstOrder(200.0),),
        (FirstOrder(20.0),),
    )


def _balance(carrier: dict[str, np.ndarray], drug: DrugDraws) -> Iterator[Case]:
    for name, course in (
        ("first-order linker", _linear(carrier, drug, Linker.of_half_lives(6.0, 200.0, 20.0))),
        ("enzyme that saturates", _stepped(carrier, drug, _enzyme(50.0))),
    ):
        yield compare(
            SUITE,
            f"Drug and conjugate, {name}: largest share of the dose missing at any time",
            course.balance_error,
            0.0,
            OWN,
            absolute=BALANCE,
            why="the issue's own limit; rounding gives 1e-13",
        )
    course = _linear(carrier, drug, Linker.of_half_lives(6.0, 200.0, 20.0))
    released = sum(course.shares[f"released in {s}"] for s in ("plasma", "tissue", "tumor"))
    yield compare(
        SUITE,
        "To infinity: released and lost on the carrier, share of the dose",
        float(np.max(np.abs(released + course.shares["lost on the conjugate"] - 1.0))),
        0.0,
        OWN,
        absolute=BALANCE,
        why="one linear solve",
    )


def _limits(carrier: dict[str, np.ndarray], drug: DrugDraws) -> Iterator[Case]:
    stable = _linear(carrier, drug, Linker("stable"))
    seen = observe(host("mouse"), carrier, tumor_mass_g=TUMOR_g)
    given = sum(d.payload_nmol for d in DOSES)
    for name, region in (("plasma_conjugate", "plasma"), ("tumor_conjugate", "tumor")):
        want = given * seen.integral(region)
        yield compare(
            SUITE,
            f"No release: AUC of the conjugate in {region} over the carrier's own",
            float(np.max(np.abs(stable.auc(name) / want - 1.0))),
            0.0,
            "the carrier model without a linker",
            absolute=1e-9,
            why="two routes to one integral",
        )
    yield compare(
        SUITE,
        "No release: largest unbound drug anywhere, umol/L",
        float(max(stable.cmax(n).max() for n in ("plasma_unbound", "tumor_free", "marrow_free"))),
        0.0,
        "no source of free drug",
        absolute=1e-12,
        why=ROUNDING,
    )
    instant = _linear(carrier, drug, Linker("instant", (FirstOrder(1e-9),)), INFUSED)
    plain = plain_chain(drug.free, drug.tumor, drug.marrow, tumor_g=TUMOR_g)
    same = plain.course(INFUSED, TIMES_h)
    for name in ("plasma_unbound", "tumor_free", "marrow_free"):
        yield compare(
            SUITE,
            f"Instant release in plasma: {name.replace('_', ' ')} over that of plain drug, curve",
            float(np.max(np.abs(instant.curve(name) - same.curve(name))) / same.cmax(name).max()),
            0.0,
            "the same drug given as such",
            absolute=1e-7,
            why="what escapes into tissue within 1e-9 h",
        )


def _other_routes(carrier: dict[str, np.ndarray], drug: DrugDraws) -> Iterator[Case]:
    from scipy.linalg import expm

    linker = Linker.of_half_lives(6.0, 200.0, 20.0)
    network = carrier_network("mouse", carrier, tumor_g=TUMOR_g)
    chain = conjugate_chain(network, linker, drug.free, drug.tumor, drug.marrow)
    one = chain.course([DrugDose(770.0)], TIMES_h)
    start = np.zeros(len(chain.system.states))
    start[chain.system.index(chain.start)] = 770.0
    worst = 0.0
    for draw in range(3):
        for i in (1, 12, 60):
            there = expm(chain.system.matrix_per_h[draw] * TIMES_h[i]) @ start
            for name in ("plasma_unbound", "tumor_free", "plasma_conjugate"):
                want = float(chain.weights[name][draw] @ there)
                worst = max(worst, abs(one.curve(name)[draw, i] / want - 1.0))
    yield compare(
        SUITE,
        "Linear chain: curves over scipy's matrix exponential, largest relative difference",
        worst,
        0.0,
        "scipy.linalg.expm of the same rates",
        absolute=1e-8,
        why="rounding where a concentration has fallen by decades",
    )
    linear, stepped = _linear(carrier, drug, linker), _stepped(carrier, drug, linker)
    yield _apart("Steps in time against the linear system", linear, stepped, 1e-5, "step error")
    wide = _stepped(carrier, drug, _enzyme(1e7))
    yield _apart(
        "Enzyme far from saturation against first order", linear, wide, 2e-4,
        "concentration over Km is 1e-4",
    )  # fmt: skip
    yield _by_lsoda(carrier, drug)


def _apart(name: str, one: DrugCourse, two: DrugCourse, allowed: float, why: str) -> Case:
    worst = max(
        float(np.max(np.abs(one.curve(k) - two.curve(k))) / one.cmax(k).max())
        for k in ("plasma_unbound", "tumor_free", "tumor_equivalent", "marrow_conjugate")
    )
    return compare(
        SUITE,
        f"{name}: largest difference over the largest value",
        worst,
        0.0,
        "two engines of one model",
        absolute=allowed,
        why=why,
    )


def _by_lsoda(carrier: dict[str, np.ndarray], drug: DrugDraws) -> Case:
    """One draw with an enzyme that saturates, written again for scipy's LSODA."""
    from scipy.integrate import solve_ivp

    half_at = 50.0
    dose = (DrugDose(770.0),)
    network = carrier_network("mouse", carrier, tumor_g=TUMOR_g)
    course = simulate(
        drug.free, drug.tumor, drug.marrow, dose, TIMES_h, network=network, linker=_enzyme(half_at)
    )
    matrix = network.system.matrix_per_h[0]
    states, ln2 = network.system.states, np.log(2.0)
    rate = {"body_retained": ln2 / 200, "liver_processing": ln2 / 200, "tumor_retained": ln2 / 20}

    def value(item: object) -> float:
        return float(np.ravel(np.asarray(item))[0])

    v1, cl = value(drug.free.central_mL), value(drug.free.clearance_mL_per_h)
    q, v2 = value(drug.free.exchange_mL_per_h), value(drug.free.tissue_mL)
    p, e = value(drug.tumor.permeability_mL_per_g_h), value(drug.tumor.efflux_mL_per_g_h)
    b = value(drug.tumor.bound_per_free)

    def slope(_: float, y: np.ndarray) -> np.ndarray:
        n = len(states)
        out = np.zeros_like(y)
        out[:n] = matrix @ y[:n]
        freed = dict.fromkeys(("plasma", "tissue", "tumor"), 0.0)
        for i, state in enumerate(states):
            k = rate.get(state, 0.0)
            if state == "plasma":
                k = ln2 / 6.0 * half_at / (half_at + y[i] / 1.1)
            out[i] -= k * y[i]
            freed[network.sites[state]] += k * y[i]
        unbound, free = y[n] / v1, y[n + 2] / TUMOR_g / (1.0 + b)
        body = q * (unbound - y[n + 1] / v2)
        tumor = TUMOR_g * (p * unbound - (p + e) * free)
        out[n] = freed["plasma"] - cl * unbound - body - tumor
        out[n + 1], out[n + 2] = freed["tissue"] + body, freed["tumor"] + tumor
        return out

    start = np.zeros(len(states) + 3)
    start[states.index("plasma")] = 770.0
    found = solve_ivp(slope, (0, 120), start, "LSODA", TIMES_h, rtol=1e-10, atol=1e-12)
    want = found.y[len(states) + 2] / TUMOR_g / (1.0 + b)
    got = course.curve("tumor_free")[0]
    return compare(
        SUITE,
        "Enzyme that saturates: free drug in tumor over scipy's LSODA, largest difference",
        float(np.max(np.abs(got - want)) / want.max()),
        0.0,
        "the equations written again, LSODA at 1e-10",
        absolute=1e-6,
        why="step error of Runge-Kutta",
    )
