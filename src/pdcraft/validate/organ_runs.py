"""Short runs in bodies: balance of energy, reciprocity, and scaling by mass against transport.

Part of the organs suite; the shipped tables join both directions of poor pairs, so reciprocity is
looked at in runs of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from pdcraft.anatomy import stylised_body, with_tumor
from pdcraft.core.body import Body
from pdcraft.transport.bodies import BodyTally, BodyTransport, prepare_body
from pdcraft.transport.body_fractions import settings_of
from pdcraft.transport.emissions import mono
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON
from pdcraft.validate.case import Case
from pdcraft.validate.decide import show

__all__ = ["cases", "reciprocity", "scaling"]

SUITE = "organs"
OWN = "own transport"
CRISTY = "reciprocity in a heterogeneous body: M. Cristy, Phys. Med. Biol. 28, 1289 (1983)"
HISTORIES, FULL_HISTORIES = 60_000, 1_000_000
BATCHES = 20
SOFT = ("liver", "kidneys", "spleen", "pancreas", "stomach_wall", "upper_large_intestine_contents")
MIXED = ("lungs", "skeleton")
ENERGIES_keV = (100.0, 500.0)
BALANCE, RECIPROCAL = 0.01, 0.03
OF_NORMAL = 0.67  # median of the size of a normal deviate
TUMOR_g, SHARES = 20.0, (0.5, 1.5)
TUMOR_CENTER_cm = (-8.0, 0.0, 34.0)  # in the liver
TUMOR_PHOTON_keV, TUMOR_ELECTRON_keV = (30.0, 100.0, 364.0), (200.0, 1000.0)


def _photons(body: BodyTransport, source: str, energy_keV: float, histories: int) -> BodyTally:
    return body.run(
        source,
        mono(PHOTON_PARTICLE, PHOTON, energy_keV),
        histories=histories,
        batches=BATCHES,
        settings=settings_of(body.body),
    )


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield balance and reciprocity of an adult and a child, then mass scaling of a tumor."""
    n = FULL_HISTORIES if full else HISTORIES
    for name in ("adult-male", "child-5y"):
        yield from reciprocity(stylised_body(name), n)
    yield from scaling(stylised_body("adult-male"), n)


def reciprocity(body: Body, histories: int) -> Iterator[Case]:
    """Run soft organs and those of other density; compare there with back."""
    prepared = prepare_body(body)
    names = (*SOFT, *MIXED)
    mass = {n: float(body.own_mass_g[list(body.members(n))].sum()) for n in names}
    for energy in ENERGIES_keV:
        runs = {n: _photons(prepared, n, energy, histories) for n in names}
        worst = max(names, key=lambda n: abs(_kept(runs[n]) - 1.0))
        yield Case(
            SUITE,
            f"photons of {energy:g} keV in {body.name}: absorbed and escaped over emitted energy, "
            f"farthest of {len(names)} sources",
            _kept(runs[worst]),
            1.0,
            f"{BALANCE:g} absolute: absorption is scored along tracks, escape by photons, each "
            f"with its chance; 0.1% of bremsstrahlung is in neither; farthest in {worst}",
            OWN,
            abs(_kept(runs[worst]) - 1.0) <= BALANCE,
        )
        for group, others in ((SOFT, "soft tissues"), (names, "lungs and bones with soft tissues")):
            logs: list[float] = []
            errors: list[float] = []
            for a, b in combinations(group, 2):
                if group is names and not {a, b} & set(MIXED):
                    continue
                there, back = _into(runs[a], body, b), _into(runs[b], body, a)
                if min(there[0], back[0]) > 0:
                    logs.append(math.log(there[0] / mass[b] / (back[0] / mass[a])))
                    errors.append(math.hypot(there[1] / there[0], back[1] / back[0]))
            median, chance = float(np.median(np.abs(logs))), OF_NORMAL * float(np.median(errors))
            name = (
                f"reciprocity of {others} in {body.name}, photons of {energy:g} keV: median of "
                "|ln| of there over back"
            )
            words = f"{len(logs)} pairs, bias {float(np.mean(logs)):+.3f}, chance {chance:.2g}"
            if group is SOFT:
                yield Case(
                    SUITE, name, median, 0.0,
                    f"{RECIPROCAL:g} and chance absolute ({words}): exact in one tissue without "
                    "edges",
                    CRISTY, median <= RECIPROCAL + chance,
                )  # fmt: skip
            else:
                yield show(SUITE, name, median, 0.0, words, CRISTY)


def _kept(tally: BodyTally) -> float:
    return (float(tally.energy_keV.sum()) + tally.escaped_keV) / tally.emitted_keV


def _into(tally: BodyTally, body: Body, name: str) -> tuple[float, float]:
    """Energy absorbed in a region or group, and its error."""
    members = list(body.members(name))
    return float(tally.energy_keV[members].sum()), float(
        np.hypot.reduce(tally.std_err_keV[members])
    )


def scaling(body: Body, histories: int) -> Iterator[Case]:
    """Compare self absorbed fractions of a tumor in the liver, at other masses, with the rule's."""
    lesion = "lesion:liver"
    kinds = [(PHOTON_PARTICLE, PHOTON, e, 1.0 / 3.0) for e in TUMOR_PHOTON_keV]
    kinds += [(ELECTRON, BETA, e, 0.0) for e in TUMOR_ELECTRON_keV]
    found: dict[float, list[tuple[float, float]]] = {}
    for share in (1.0, *SHARES):
        grown = with_tumor(body, TUMOR_CENTER_cm, share * TUMOR_g, lesion)
        prepared = prepare_body(grown)
        found[share] = []
        for particle, row, energy, _ in kinds:
            n = histories if particle == PHOTON_PARTICLE else max(2000, histories // 10)
            tally = prepared.run(
                lesion,
                mono(particle, row, energy),
                histories=n,
                batches=BATCHES,
                settings=settings_of(grown),
            )
            kept, error = _into(tally, grown, lesion)
            found[share].append((kept / energy, error / energy))
    for share in SHARES:
        for i, (particle, _, energy, power) in enumerate(kinds):
            (direct, error), (base, base_error) = found[share][i], found[1.0][i]
            ruled = base * share**power
            spread = math.hypot(error / direct, base_error / base)
            kind = "photons" if particle == PHOTON_PARTICLE else "electrons"
            yield show(
                SUITE,
                f"mass scaling, {kind} of {energy:g} keV in a tumor of {share * TUMOR_g:g} g from "
                f"{TUMOR_g:g} g: self absorbed fraction by the rule",
                ruled,
                direct,
                f"{ruled / direct - 1:+.1%} from direct transport (σ {spread:.1%})",
                OWN,
            )
