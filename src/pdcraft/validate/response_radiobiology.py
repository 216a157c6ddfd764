"""Radiobiology against 30-digit arithmetic: BED, Lea-Catcheside factors, EUD, NTCP, TCP.

The same dose rate is given as terms and, for some, as dense samples: two routes to one number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.physics.control_probability import generalized_eud_Gy, lkb_ntcp, log_tcp
from pdcraft.physics.linear_quadratic import (
    bed_Gy,
    eqd2_Gy,
    fraction_bed_Gy,
    monoexponential_G,
    surviving_fraction,
)
from pdcraft.response.bed import biologically_effective_dose, lea_catcheside_G
from pdcraft.response.external_beam import Fractions, treatment_days
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["cases", "dose_volume_histogram", "log10_of"]

SUITE = "response"
SOURCE = "30-digit arithmetic (own computation)"
WHY_TERMS = "closed forms on both sides; rounding of a few sums"
WHY_DIGITS = "ten digits are printed"
ANY_ALPHA = 0.3  # a BED of given G and alpha/beta does not depend on it
FRACTION_Gy = 2.0
LN2 = math.log(2.0)
REPAIRED = 40.0  # repair half-lives: 1e-12 is left


def cases() -> Iterator[Case]:
    """Yield the cases of radiobiology."""
    yield from _bed_of_exponentials()
    yield from _factors_of_two_terms()
    yield from _two_administrations_and_a_beam()
    yield from _dose_distribution()


def _bed_of_exponentials() -> Iterator[Case]:
    """Take the whole table at once: the largest relative difference of every column."""
    rows = reference_rows("response", "bed_monoexp.csv")
    table = {key: np.array([float(r[key]) for r in rows]) for key in rows[0]}
    effective, repair = table["T_eff_h"], table["T_rep_h"]
    ratio, dose = table["alpha_beta_Gy"], table["D_Gy"]
    loss = np.log(2.0) / effective
    rate = DoseRate.of_terms((dose * loss)[:, None], loss[:, None])
    bed = biologically_effective_dose(Sensitivity.of(ANY_ALPHA, ratio, Repair.of(repair)), rate)
    plain = bed_Gy(dose, monoexponential_G(effective, repair), ratio)
    found = {
        "Lea-Catcheside factor": (lea_catcheside_G(rate, Repair.of(repair)), table["G"]),
        "BED": (bed.total_Gy, table["BED_Gy"]),
        "BED, single-exponential formula": (plain, table["BED_Gy"]),
        "EQD2": (eqd2_Gy(plain, ratio), table["EQD2_Gy"]),
    }
    for name, (value, want) in found.items():
        worst = float(np.max(np.abs(value / want - 1.0)))
        yield compare(
            SUITE,
            f"{name} of {len(rows)} exponential dose rates, largest relative difference",
            worst,
            0.0,
            SOURCE,
            absolute=1e-8,
            why=WHY_TERMS,
        )


def _factors_of_two_terms() -> Iterator[Case]:
    for row in reference_rows("response", "lea_catcheside_biexp.csv"):
        amplitude = np.array([float(row["A1"]), float(row["A2"])])
        loss = np.log(2.0) / np.array([float(row["T1_h"]), float(row["T2_h"])])
        rate = DoseRate.of_terms(amplitude, loss)
        value = lea_catcheside_G(rate, Repair.of(float(row["T_rep_h"])))
        terms = f"{row['A1']} ({row['T1_h']} h), {row['A2']} ({row['T2_h']} h)"
        name = f"{terms}, repair {row['T_rep_h']} h"
        yield compare(
            SUITE,
            f"G of two terms: {name}",
            float(value),
            float(row["G"]),
            SOURCE,
            rel=1e-8,
            why=WHY_TERMS,
        )


def _two_administrations_and_a_beam() -> Iterator[Case]:
    """Take uptake and loss, twice a week apart, with a beam: closed forms against quadrature."""
    from scipy import integrate

    amplitude, loss = np.array([-0.05, 0.05]), LN2 / np.array([6.0, 80.0])
    starts_h, repair_h, ratio = (0.0, 168.0), 1.5, 10.0
    rate = DoseRate.of_terms(amplitude, loss, starts_h)
    days = treatment_days(10, first_d=14.0)
    tissue = Sensitivity.of(ANY_ALPHA, ratio, Repair.of(repair_h))
    bed = biologically_effective_dose(tissue, rate, Fractions.of(FRACTION_Gy, days))

    def waiting(t: float, y: Floats) -> Floats:
        """Change of unrepaired dose and of the product: the definition as two equations."""
        given = float(rate.at(t))
        return np.array([given - LN2 / repair_h * y[0], 2.0 * given * y[0]])

    def follow(t0: float, t1: float, y: Floats) -> Floats:
        solved = integrate.solve_ivp(waiting, (t0, t1), y, "DOP853", rtol=1e-11, atol=1e-14)
        return solved.y[:, -1]

    state = follow(*starts_h, np.zeros(2))
    past, interplay = starts_h[1], 0.0
    kept = LN2 / repair_h
    for at_h in 24.0 * days:
        state = follow(past, float(at_h), state)
        ahead, _ = integrate.quad(
            lambda s, t=float(at_h): float(rate.at(s)) * np.exp(-kept * (s - t)),
            float(at_h),
            float(at_h) + REPAIRED * repair_h,
            epsabs=0,
            epsrel=1e-11,
        )
        interplay += 2.0 * FRACTION_Gy * (float(state[0]) + ahead) / ratio
        past = float(at_h)
    state = follow(past, 6000.0, state)
    for name, value, want in (
        ("quadratic part of two administrations, Gy", bed.quadratic_Gy, state[1] / ratio),
        ("interplay of their dose rate with ten fractions, Gy", bed.interplay_Gy, interplay),
    ):
        yield compare(
            SUITE, name, float(value), float(want), "two differential equations, order 8, 1e-11",
            rel=1e-8, why="the integrator's tolerance over some hundred steps",
        )  # fmt: skip


def dose_volume_histogram() -> tuple[Floats, Floats]:
    """Return doses, Gy, and volume fractions of the reference histogram."""
    rows = reference_rows("response", "eud_lkb_tcp_dvh.csv")
    dose = np.array([float(r["dose_Gy"]) for r in rows])
    return dose, np.array([float(r["frac_volume"]) for r in rows])


def log10_of(text: str) -> float:
    """Decadic logarithm of a number that may be far below the smallest float."""
    return float(Decimal(text).log10())


def _dose_distribution() -> Iterator[Case]:
    dose, volume = dose_volume_histogram()
    for row in reference_rows("response", "eud_lkb_tcp.csv"):
        p = [float(row[key]) for key in ("p1", "p2", "p3") if row[key]]
        if row["model"] == "gEUD":
            name, value = f"EUD, a = {p[0]:g}, Gy", float(generalized_eud_Gy(dose, volume, p[0]))
            want, rel = float(row["value"]), 1e-9
        elif row["model"] == "LKB":
            name = f"NTCP (LKB), n = {p[0]:g}, m = {p[1]:g}, TD50 = {p[2]:g} Gy"
            value, want = float(lkb_ntcp(dose, volume, *p)), float(row["value"])
            rel = 1e-8
        else:
            name = f"log10 TCP, alpha {p[0]:g} per Gy, alpha/beta {p[1]:g} Gy, {p[2]:.0e} clonogens"
            bed = fraction_bed_Gy(dose / FRACTION_Gy, FRACTION_Gy, p[1])
            survival = surviving_fraction(bed, p[0])
            value = float(log_tcp(p[2], survival, volume)) / math.log(10.0)
            want, rel = log10_of(row["value"]), 1e-9
        yield compare(SUITE, name, value, want, SOURCE, rel=rel, absolute=1e-12, why=WHY_DIGITS)
