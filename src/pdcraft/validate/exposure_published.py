"""Published paclitaxel: what was fitted is shown, what was not is judged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pdcraft.data.files import load_toml
from pdcraft.exposure.albumin import albumin_bound
from pdcraft.exposure.chain import conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugCourse, DrugDose
from pdcraft.exposure.delivery import clr1603, delivery_ratios
from pdcraft.exposure.linker import Linker
from pdcraft.exposure.numeric import simulate
from pdcraft.exposure.paclitaxel import paclitaxel
from pdcraft.numerics.inputs import stream
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "exposure"
DRAWS, SEED = 41, 20261121
#: mg/m2, h, patients, Cmax ng/mL, AUC ng h/mL: US prescribing information of paclitaxel injection.
LABEL = (
    (135.0, 24.0, 2, 195.0, 6300.0),
    (175.0, 24.0, 4, 365.0, 7993.0),
    (135.0, 3.0, 7, 2170.0, 7952.0),
    (175.0, 3.0, 5, 3650.0, 15007.0),
)
UNBOUND = (0.036, 0.079)
WITHIN = 0.3


def cases() -> Iterator[Case]:
    """Yield the cases."""
    drug = paclitaxel("human", DRAWS, SEED)
    mass = drug.free.molar_mass_g_per_mol
    surface = load_toml("exposure", "paclitaxel.toml")["human"]["body_surface_m2"]
    for dose, hours, n, cmax, auc in LABEL:
        course = _taxol(dose * surface * 1e6 / mass, hours)
        label = f"prescribing information, mean of {n}"
        what = f"paclitaxel {dose:g} mg/m2 over {hours:g} h"
        got = float(np.median(course.auc("plasma_total"))) * mass
        rule = "information: binding was fitted to the four AUCs"
        yield Case(SUITE, f"AUC of {what}, ng h/mL", got, auc, rule, label, None)
        peak = float(np.median(course.cmax("plasma_total"))) * mass
        name = f"Cmax of {what}, ng/mL"
        if n < 5:
            rule = f"information: a mean of {n} patients decides nothing"
            yield Case(SUITE, name, peak, cmax, rule, label, None)
        else:
            why = "30 % between patients, few of them, and a typical body surface"
            yield compare(SUITE, name, peak, cmax, label, rel=WITHIN, why=why)
    yield _unbound(surface, mass)
    yield from _albumin()
    yield _tumor_ratio()
    yield from _delivered()


def _taxol(nmol: float, hours: float) -> DrugCourse:
    drug = paclitaxel("human", DRAWS, SEED)
    times = np.concatenate([np.linspace(0.0, hours, 13), np.geomspace(hours + 0.1, 200.0, 30)])
    return simulate(
        drug.plain,
        drug.tumor,
        drug.marrow,
        [DrugDose(nmol, 0.0, hours)],
        times,
        vehicle=drug.vehicle,
    )


def _unbound(surface: float, mass: float) -> Case:
    course = _taxol(175.0 * surface * 1e6 / mass, 3.0)
    at = int(np.searchsorted(course.times_h, 3.0))
    share = course.curve("plasma_unbound")[:, at] / course.curve("plasma_total")[:, at]
    got = float(np.median(share))
    low, high = UNBOUND
    return Case(
        SUITE,
        "Unbound fraction at the end of 175 mg/m2 over 3 h",
        got,
        float(np.sqrt(low * high)),
        f"inside {low:g} to {high:g}, the range printed for 135 to 225 mg/m2",
        "Brouwer 2000, 3 patients",
        bool(low <= got <= high),
    )


def _albumin() -> Iterator[Case]:
    course = albumin_bound([260.0], 0.5, [0.0, 0.25, 0.5, 1.0, 24.0, 72.0, 400.0])
    why = "information: the dose behind the printed means (SD 2710 and 3430) is not told"
    source = "60 patients with breast cancer, Chin J Mod Appl Pharm, 20242011"
    for name, got, want in (
        ("Cmax, ng/mL", course.cmax_ng_per_mL[0], 13100.0),
        ("AUC, ng h/mL", course.auc_ng_h_per_mL[0], 13600.0),
    ):
        yield Case(
            SUITE,
            f"Albumin-bound paclitaxel 260 mg/m2 over 0.5 h: {name}",
            float(got),
            want,
            why,
            source,
            None,
        )


def _tumor_ratio() -> Case:
    """Check that the permeability gives the published ratio of AUCs in every draw."""
    drug = paclitaxel("mouse", DRAWS, SEED)
    chain = plain_chain(drug.plain, drug.tumor, drug.marrow)
    dose, until = [DrugDose(1.0)], [8.0]
    ratio = chain.area_until("tumor_total", dose, until) / chain.area_until(
        "plasma_total", dose, until
    )
    spread = drug.inputs["exposure.tumor.auc_ratio"] / 0.7
    return compare(
        SUITE,
        "Tumor over plasma, AUC of total paclitaxel to 8 h in mice, without the drawn spread",
        float(np.median(ratio[:, 0] / spread)),
        0.7,
        "Chiang 2014, table 2 (calibrated to)",
        rel=1e-6,
        why="a tumor that takes nothing away",
    )


def _delivered() -> Iterator[Case]:
    """Where the one published ratio lies among linkers from hours to weeks."""
    carrier, _ = carrier_parameters("mouse", DRAWS, SEED)
    drug = paclitaxel("mouse", DRAWS, SEED)
    rng = stream(SEED, "validate.exposure.linker")
    plasma, tissue, tumor = np.exp(rng.uniform(np.log(4.0), np.log(400.0), (3, DRAWS)))
    network = carrier_network("mouse", carrier, tumor_g=0.3)
    linker = Linker.of_half_lives(plasma, tissue, tumor)
    chain = conjugate_chain(network, linker, drug.free, drug.tumor, drug.marrow)
    times = np.concatenate([[0.0], np.geomspace(0.1, 240.0, 60)])
    one = [DrugDose(770.0)]
    plain = plain_chain(drug.plain, drug.tumor, drug.marrow).course(one, times)
    figure = clr1603()
    for name, ratio in delivery_ratios(chain.course(one, times), plain).items():
        low, high = np.quantile(ratio, [0.025, 0.975])
        inside = "inside" if low <= figure.center <= high else "outside"
        yield Case(
            SUITE,
            f"Tumor drug over that of plain paclitaxel, {name}, linkers of 4 to 400 h",
            float(np.median(ratio)),
            figure.center,
            f"information: {inside} 95 % of {low:.2g} to {high:.2g}; time, dose and kind not told",
            "Cellectar 2016, CLR 1603 in one xenograft, 20 to 30",
            None,
        )
