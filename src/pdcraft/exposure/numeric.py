"""The same chain where something saturates or a vehicle holds drug: stepped in time.

The state holds, beside the amounts, what was released where, what was lost and the running
integrals, so that a Runge-Kutta step keeps the balance of matter to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.exposure.chain import TRACER_g
from pdcraft.exposure.course import OBSERVED, DrugCourse, DrugDose, total_nmol
from pdcraft.exposure.drug import FreeDrug, TissueExchange
from pdcraft.exposure.linker import SITES, Linker
from pdcraft.exposure.network import ConjugateNetwork
from pdcraft.exposure.tissue_lag import lagged
from pdcraft.exposure.vehicle import Vehicle
from pdcraft.numerics.ode import rk4

__all__ = ["simulate"]

STABLE = 0.25  # step times the fastest rate: errors of some 1e-5 of a peak
LONGEST_h = 0.25
MOST_STEPS = 60_000
COUNTED = tuple(name for name in OBSERVED if name != "marrow_free")  # that follows at the end
FLOWS = (*(f"released in {s}" for s in SITES), "lost on the conjugate", "eliminated")


@dataclass(slots=True)
class _Chain:
    """What the rates need, broadcast to shape (draws,)."""

    network: ConjugateNetwork | None
    linker: Linker
    drug: FreeDrug
    tumor: TissueExchange
    marrow: TissueExchange
    tumor_g: Floats
    gain: Floats
    vehicle: Vehicle | None
    doses: Sequence[DrugDose]
    draws: int

    @property
    def n(self) -> int:
        """Number of the conjugate's states."""
        return 0 if self.network is None else len(self.network.system.states)

    def observed(self, time_h: float, state: Floats) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Concentrations and flows, nmol/h, at a state of shape (states, draws)."""
        n, drug = self.n, self.drug
        level = 0.0 if self.vehicle is None else float(self.vehicle.level(self.doses, time_h))
        held = np.zeros(()) if self.vehicle is None else level * np.asarray(
            self.vehicle.per_vehicle_mL_per_uL
        )  # fmt: skip
        in_plasma = 0.0 if self.vehicle is None else self.vehicle.plasma_mL
        unbound = state[n] / (np.asarray(drug.central_mL) + in_plasma * held)
        total = state[n + 2] / self.tumor_g
        free = self.tumor.free_uM(total)
        zero = np.zeros(self.draws)
        see = {
            "plasma_unbound": unbound,
            "plasma_total": unbound * (np.asarray(drug.total_per_unbound) + held),
            "tumor_total": total,
            "tumor_free": free,
            "tumor_equivalent": unbound * self.gain,
            "marrow_equivalent": unbound,
        }
        flow: dict[str, Floats] = {name: zero for name in FLOWS}
        flow["eliminated"] = unbound * np.asarray(drug.clearance_mL_per_h)
        see |= {f"{site}_conjugate": zero for site in ("plasma", "tumor", "marrow")}
        net = self.network
        if net is None:
            return see, flow
        for site in SITES:
            amount = state[list(net.of_site(site))].sum(axis=0)
            inside = state[list(net.cleaved(site))].sum(axis=0)
            rate = self.linker.first_order_per_h(site)
            for enzyme in self.linker.saturable(site):
                rate = rate + enzyme.rate_at(np.maximum(inside, 0.0) / net.size(site))
            flow[f"released in {site}"] = rate * inside
            if site in ("plasma", "tumor"):
                see[f"{site}_conjugate"] = amount / net.size(site)
            if site == "tissue":
                for name, per_g in net.marrow_per_g.items():
                    here = state[net.system.index(name)] * per_g
                    see["marrow_conjugate"] = see["marrow_conjugate"] + here
                    if name not in net.uncleaved:
                        freed = rate * here / np.asarray(self.marrow.permeability_mL_per_g_h)
                        see["marrow_equivalent"] = see["marrow_equivalent"] + freed
        freed = flow["released in tumor"] / self.tumor_g
        see["tumor_equivalent"] = see["tumor_equivalent"] + freed / np.asarray(
            self.tumor.permeability_mL_per_g_h
        )
        return see, flow

    def rates(self) -> Callable[[float, Floats, Floats], None]:
        """Make the function of rates."""
        n, drug, tumor, net = self.n, self.drug, self.tumor, self.network
        two = bool(np.all(np.asarray(drug.exchange_mL_per_h) > 0))
        matrix = None
        gone = np.zeros((n, self.draws))
        if net is not None:
            shape = (self.draws, n, n)
            matrix = np.ascontiguousarray(np.broadcast_to(net.system.matrix_per_h, shape))
            gone = np.broadcast_to(net.system.elimination_per_h, (self.draws, n)).T

        def step(time_h: float, state: Floats, out: Floats) -> None:
            see, flow = self.observed(time_h, state)
            out[:] = 0.0
            if matrix is not None and net is not None:
                out[:n] = np.einsum("dij,jd->id", matrix, state[:n])
                flow["lost on the conjugate"] = (gone * state[:n]).sum(axis=0)
                for site in SITES:
                    places = list(net.cleaved(site))
                    inside = state[places].sum(axis=0)
                    share = flow[f"released in {site}"] / np.where(inside > 0, inside, 1.0)
                    out[places] -= share * state[places]
            unbound = see["plasma_unbound"]
            to_body = np.asarray(drug.exchange_mL_per_h) * (
                unbound - state[n + 1] / np.asarray(drug.tissue_mL)
            )
            p = np.asarray(tumor.permeability_mL_per_g_h)
            back = (p + np.asarray(tumor.efflux_mL_per_g_h)) * see["tumor_free"]
            to_tumor = self.tumor_g * (p * self.gain * unbound - back)
            out[n] = -flow["eliminated"] - to_body - to_tumor + flow["released in plasma"]
            out[n + 1] = to_body
            out[n + 1 if two else n] += flow["released in tissue"]
            out[n + 2] = to_tumor + flow["released in tumor"]
            first = n + 3
            for k, name in enumerate(FLOWS):
                out[first + k] = flow[name]
            for k, name in enumerate(COUNTED):
                out[first + len(FLOWS) + k] = see[name]
            for d in self.doses:
                if d.duration_h > 0 and d.at_h <= time_h < d.at_h + d.duration_h:
                    out[self.start] += d.payload_nmol / d.duration_h

        return step

    @property
    def start(self) -> int:
        """Place of the state that receives a dose."""
        return 0 if self.network is None else self.network.system.index(self.network.start)

    def fastest_per_h(self) -> float:
        """Bound on the rates."""
        drug, tumor = self.drug, self.tumor
        p = np.asarray(tumor.permeability_mL_per_g_h)
        out = np.asarray(drug.clearance_mL_per_h) + np.asarray(drug.exchange_mL_per_h)
        found = [
            (out + self.tumor_g * p * self.gain) / np.asarray(drug.central_mL),
            np.asarray(drug.exchange_mL_per_h) / np.asarray(drug.tissue_mL),
            p + np.asarray(tumor.efflux_mL_per_g_h),
        ]
        if tumor.is_linear:
            found[-1] = tumor.out_per_h
        if self.network is not None:
            cleavage = max(
                float(np.max(self.linker.first_order_per_h(s)))
                + sum(float(np.max(e.rate_at(np.zeros(())))) for e in self.linker.saturable(s))
                for s in SITES
            )
            diagonal = -np.einsum("...ii->...i", self.network.system.matrix_per_h)
            found.append(np.asarray(diagonal.max() + cleavage))
        return max(float(np.max(f)) for f in found)


def simulate(
    drug: FreeDrug,
    tumor: TissueExchange,
    marrow: TissueExchange,
    doses: Sequence[DrugDose],
    times_h: ArrayLike,
    *,
    network: ConjugateNetwork | None = None,
    linker: Linker | None = None,
    tumor_g: ArrayLike = TRACER_g,
    gain: ArrayLike = 1.0,
    vehicle: Vehicle | None = None,
    step_h: float | None = None,
) -> DrugCourse:
    """Follow doses of a conjugate (with a network and a linker) or of plain drug.

    Parameters
    ----------
    times_h : array_like, shape (times,)
        Increasing, from 0 h. Areas go to the last of them.
    tumor_g, gain
        Of plain drug, as in `pdcraft.exposure.chain.plain_chain`.
    step_h : float, optional
        By default from the fastest rate.

    Returns
    -------
    DrugCourse

    Raises
    ------
    DataError
        Without a dose, or if the rates are too fast to step over the times.
    """
    times = frozen(times_h, "times (h)")
    total_nmol(doses)  # refuses none
    if (network is None) != (linker is None):
        raise DataError("exposure: a conjugate has a network and a linker; give both or neither")
    chain = _chain(drug, tumor, marrow, doses, network, linker, tumor_g, gain, vehicle)
    step = step_h or min(LONGEST_h, STABLE / chain.fastest_per_h())
    if (times[-1] - times[0]) / step > MOST_STEPS:
        raise DataError(
            f"exposure: rates of {chain.fastest_per_h():.3g} per h over {times[-1]:g} h need more "
            f"than {MOST_STEPS} steps; shorten the times, give step_h, or use a linker that does "
            "not saturate (pdcraft.exposure.chain)"
        )
    state = np.zeros((chain.n + 3 + len(FLOWS) + len(COUNTED), chain.draws))
    found = np.empty((times.size, *state.shape))
    _follow(chain, state, times, step, found)
    return _course(chain, times, found)


def _chain(
    drug: FreeDrug,
    tumor: TissueExchange,
    marrow: TissueExchange,
    doses: Sequence[DrugDose],
    network: ConjugateNetwork | None,
    linker: Linker | None,
    tumor_g: ArrayLike,
    gain: ArrayLike,
    vehicle: Vehicle | None,
) -> _Chain:
    linker = linker or Linker("none")
    mass = np.asarray(tumor_g if network is None else network.tumor_g, dtype=float)
    shapes = [mass.shape, np.shape(gain)]
    shapes += [np.shape(getattr(drug, f)) for f in ("central_mL", "clearance_mL_per_h")]
    shapes += [np.shape(drug.total_per_unbound), np.shape(drug.tissue_mL)]
    shapes += [np.shape(t.permeability_mL_per_g_h) for t in (tumor, marrow)]
    shapes += [np.shape(linker.first_order_per_h(s)) for s in SITES]
    shapes += [() if vehicle is None else np.shape(vehicle.per_vehicle_mL_per_uL)]
    shapes += [() if network is None else network.system.batch]
    draws = int(np.prod(np.broadcast_shapes(*shapes), dtype=int))
    return _Chain(
        network, linker, drug, tumor, marrow, mass, np.asarray(gain, float), vehicle, doses, draws
    )


def _follow(chain: _Chain, state: Floats, times: Floats, step: float, found: Floats) -> None:
    """Step from one bolus to the next."""
    boluses = sorted(
        ((d.at_h, d.payload_nmol) for d in chain.doses if d.duration_h == 0), key=lambda b: b[0]
    )
    turns = [e for d in chain.doses for e in (d.at_h, d.at_h + d.duration_h)]
    rates = chain.rates()
    knots = sorted({float(times[0]), float(times[-1]), *(t for t in turns if t < times[-1])})
    knots = [k for k in knots if k >= times[0]]
    for nmol in (n for t, n in boluses if t == knots[0]):
        state[chain.start] += nmol
    found[0] = state
    for a, b in pairwise(knots):
        inside = times[(times > a) & (times < b)]
        ends = np.concatenate([[a], inside, [b]])
        course = rk4(rates, state, ends, step=step)
        rows = np.searchsorted(times, inside)
        found[rows] = course[1:-1]
        state[:] = course[-1]
        for nmol in (n for t, n in boluses if t == b):
            state[chain.start] += nmol
        row = int(np.searchsorted(times, b))
        if row < times.size and times[row] == b:
            found[row] = state


def _course(chain: _Chain, times: Floats, found: Floats) -> DrugCourse:
    n, given = chain.n, chain.doses
    seen = [chain.observed(float(t), found[i])[0] for i, t in enumerate(times)]
    names = seen[0].keys()
    curves = {
        k: np.stack([np.broadcast_to(s[k], (chain.draws,)) for s in seen], axis=-1) for k in names
    }
    curves["marrow_free"] = lagged(times, curves["marrow_equivalent"], chain.marrow)
    last = found[-1]
    scale = total_nmol(given) or 1.0
    shares = {name: last[n + 3 + k] / scale for k, name in enumerate(FLOWS)}
    areas = {name: last[n + 3 + len(FLOWS) + k] for k, name in enumerate(COUNTED)}
    areas["marrow_free"] = np.trapezoid(curves["marrow_free"], times, axis=-1)
    out = found[:, n + 3 + len(SITES)] + found[:, n + 4 + len(SITES)]
    entered = np.sum([d.entered_nmol(times) for d in given], axis=0)
    missing = found[:, : n + 3].sum(axis=1) + out - entered[:, None]
    worst = float(np.abs(missing).max()) / scale
    return DrugCourse(times, curves, areas, float(times[-1]), shares, worst)
