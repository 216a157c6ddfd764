"""The carrier in a mouse of the bench: concentrations, dose rates in tumor, marrow and metastases.

One set of draws for all models: a model's raft share and uptake multiply the tumor's. The tumor is
a tracer; its growth does not thin what it holds, and it does not take from the body (assumed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.data.nuclides import half_life_h
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.dosimetry.phantom import MOUSE, phantom
from pdcraft.dosimetry.sphere_regions import SphereRegion, with_spheres
from pdcraft.dosimetry.spheres import mass_g_of, sphere_S
from pdcraft.dosimetry.tiac import REMAINDER, source_weights
from pdcraft.kinetics.carrier.observe import Observables, observe
from pdcraft.kinetics.carrier.parameters import host
from pdcraft.kinetics.carrier.payload import PayloadKind, payload_effect, with_payload
from pdcraft.study.kinetics.shipped import shipped_draws
from pdcraft.study.recipes.bench_agents import BenchAgent

__all__ = ["Tracer", "sphere_factor", "tracer"]

SECONDS_PER_HOUR, mGy_PER_Gy = 3600.0, 1000.0
LN2 = float(np.log(2.0))
MARROW_g = 0.3  # of the mouse: assumed, as in the carrier's calibration
SOURCES = ("tumor", "liver", "red_marrow", REMAINDER)
RADII_um = (15.0, 25.0, 40.0, 60.0, 100.0, 160.0, 250.0, 400.0, 650.0, 1000.0, 2000.0)


@dataclass(frozen=True, slots=True, eq=False)
class Tracer:
    """An agent in draws.

    Parameters
    ----------
    agent : BenchAgent
    seen : Observables
        Concentrations per amount given, without decay.
    decay_per_h : float
        0 for what does not decay.
    S_Gy_per_MBq_h : mapping of target to mapping of source to float
        Empty for what does not radiate.
    mass_g : mapping of source to float
    """

    agent: BenchAgent
    seen: Observables
    decay_per_h: float
    S_Gy_per_MBq_h: Mapping[str, Mapping[str, float]]
    mass_g: Mapping[str, float]

    def concentration_per_g(self, region: str, time_h: Floats) -> Floats:
        """Share of what was given per g (mL of plasma), with decay, shape (draws, times)."""
        return self.seen.concentration(region, time_h) * np.exp(-self.decay_per_h * time_h)

    def dose_rate(self, target: str, starts_h: Sequence[float], MBq: Sequence[float]) -> DoseRate:
        """Dose rate in a target of unit uptake, leading axis (draws,).

        Parameters
        ----------
        target : {"tumor", "red_marrow"}
        starts_h, MBq : sequences
            Of the administrations.
        """
        total: Floats = np.zeros(1)
        for source, gray in self.S_Gy_per_MBq_h[target].items():
            total = total + gray * self._amount_terms(source)
        rates = self.seen.rates_per_h + self.decay_per_h
        shape = (total.shape[0], len(MBq))
        return DoseRate.of_terms(
            total,
            np.maximum(rates, 1e-9),
            np.broadcast_to(np.asarray(starts_h, dtype=float), shape),
            np.broadcast_to(np.asarray(MBq, dtype=float), shape),
        )

    def _amount_terms(self, source: str) -> Floats:
        if source != REMAINDER:
            return self.mass_g[source] * self.seen.terms(source)
        states = self.seen.model.system.states
        inside = [
            i
            for i, s in enumerate(states)
            if s != "urine" and not s.startswith(("tumor", "glioma"))
        ]
        rest = self.seen.coefficients[:, inside].sum(axis=1)
        for name in SOURCES[1:-1]:
            rest = rest - self.mass_g[name] * self.seen.terms(name)
        return rest


def tracer(
    agent: BenchAgent,
    *,
    draws: int,
    seed: int,
    body_g: float,
    tumor_g: float,
    without: str | None = None,
) -> Tracer:
    """Set an agent up in a mouse.

    Parameters
    ----------
    agent : BenchAgent
        Not a drug: see `bench_drug`.
    draws, seed : int
    body_g, tumor_g : float
        For the dose; kinetics are of the calibrated mouse.
    without : str, optional
        Subjects that the carrier's draws have not seen.
    """
    parameters = shipped_draws("mouse", draws, seed, without)
    kind: PayloadKind = agent.label if agent.kind == "radionuclide" else "dye"
    parameters = with_payload(parameters, payload_effect(kind).draw(seed, draws))
    label = "metal" if kind == "metal" else "iodine"
    mouse = host("mouse")
    seen = observe(mouse, parameters, label=label, blocked=0.0 if label == "iodine" else None)
    mass = {"tumor": tumor_g, "liver": mouse.region_g["liver"], "red_marrow": MARROW_g}
    if agent.kind != "radionuclide":
        return Tracer(agent, seen, 0.0, {}, mass)
    values = _S(agent.nuclide, body_g, tumor_g)
    return Tracer(agent, seen, LN2 / half_life_h(agent.nuclide), values, mass)


def _S(nuclide: str, body_g: float, tumor_g: float) -> dict[str, dict[str, float]]:
    """S values of tumor and marrow, in Gy/(MBq h), by source."""
    body, fractions = phantom(MOUSE, body_g)
    spheres = [
        SphereRegion("tumor", tumor_g, REMAINDER),
        SphereRegion("red_marrow", MARROW_g, REMAINDER),
    ]
    S = with_spheres(organ_S(body, fractions, nuclide), spheres)
    weight = source_weights(S, SOURCES)
    scale = SECONDS_PER_HOUR / mGy_PER_Gy
    return {
        target: dict(
            zip(SOURCES, (scale * weight @ S.total[S.targets.index(target)]).tolist(), strict=True)
        )
        for target in ("tumor", "red_marrow")
    }


def sphere_factor(nuclide: str, radius_um: Floats, tumor_g: float) -> Floats:
    """Self-dose of small spheres over that of the tumor at one concentration.

    Parameters
    ----------
    nuclide : str
    radius_um : ndarray, any shape
        Between the ends of a table from 15 um to 2 mm it is followed on a logarithmic scale; a
        smaller one counts as 15 um, a larger one as 2 mm. 0 (no metastasis) gives 0.
    tumor_g : float
    """
    values = [
        sphere_S(nuclide, radius_mm=r / 1000.0).total * mass_g_of(r / 1000.0) for r in RADII_um
    ]
    whole = sphere_S(nuclide, mass_g=tumor_g).total * tumor_g
    clipped = np.clip(radius_um, RADII_um[0], RADII_um[-1])
    factor = np.exp(np.interp(np.log(clipped), np.log(RADII_um), np.log(values))) / whole
    return np.where(radius_um > 0, factor, 0.0)
