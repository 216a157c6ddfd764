r"""Dose rate in the red marrow of many patients, from the carrier's calibrated kinetics.

A patient of mass ratio :math:`\rho` to the carrier model's reference body is that body blown up:
concentrations fall as :math:`1/\rho`, clearance grows as :math:`\rho^b` with the exponent
:math:`b = 0.74 \pm 0.16` that clearance has between species (taken over to patients: assumed), all
else keeps its time. Between patients of one mass clearance, partition, uptake and retention differ
as in `pdcraft.kinetics.carrier.population`.

The dose rate is :math:`\sum_S a_S(t) S`. Electrons of marrow in marrow depend on its concentration
alone; photons of marrow in marrow go with its concentration and the cube root of its mass, which
follows lean body mass. From elsewhere S of electrons falls as :math:`1/\rho`, of photons as
:math:`\rho^{-2/3}`, as in a body blown up, with :math:`\rho` to the body that S is of: women have
the female one. Excreta give the marrow nothing (assumed; they hold little of this carrier).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.nuclides import half_life_h
from pdcraft.kinetics.carrier.courses import time_courses
from pdcraft.kinetics.carrier.iodide import blocked_share
from pdcraft.kinetics.carrier.parameters import host
from pdcraft.kinetics.carrier.payload import payload_effect, with_payload
from pdcraft.kinetics.carrier.population import BETWEEN_CV, with_subjects
from pdcraft.kinetics.carrier.scaling import CLEARANCE_EXPONENT
from pdcraft.numerics.inputs import stream
from pdcraft.physics.body import lean_body_mass_kg
from pdcraft.study.kinetics.shipped import shipped_carrier

__all__ = ["MarrowRates", "TumorInMarrow", "marrow_rates", "marrow_source"]

TumorInMarrow = Literal["effect", "dose"]
NUCLIDE = "I-131"
MARROW, REMAINDER, TOTAL = "red_marrow", "remainder", "total_body"
SOURCES = (MARROW, "liver", "brain", "thyroid", "stomach_wall")
PER_GRAM = (MARROW, "liver", "brain")  # sources that the model knows by concentration
SECONDS_PER_HOUR, GRAY_PER_mGy = 3600.0, 1e-3
LN2 = float(np.log(2.0))
BODIES = ("adult-male", "adult-female")
#: Height, cm, and mass, kg, of the reference man and woman (ICRP 89; recalled, not verified).
REFERENCE = ((176.0, 73.0), (163.0, 60.0))
GRAMS_PER_KG = 1000.0
PHOTON_POWER = -2.0 / 3.0  # of body mass, in S of photons between regions of a body blown up
SCORED = {"uptake_score": "tumor_trapping_mL_per_g_h", "clearance_score": "clearance_mL_per_h"}


@dataclass(frozen=True, slots=True, eq=False)
class MarrowSource:
    """S values of one body's red marrow, mGy/(MBq s): its own, and of other sources by name."""

    marrow_g: float
    electron: float
    photon: float
    names: tuple[str, ...]
    other_electron: Floats
    other_photon: Floats


def marrow_source(body_name: str) -> MarrowSource:
    """S values of red marrow from the sources of the carrier model."""
    from pdcraft.dosimetry.organ_s import organ_S
    from pdcraft.dosimetry.phantom import phantom
    from pdcraft.dosimetry.tiac import source_weights

    body, fractions = phantom(body_name)
    S = organ_S(body, fractions, NUCLIDE)
    names = (*(s for s in SOURCES if s in S.sources), REMAINDER)
    row = S.targets.index(MARROW)
    weight = source_weights(S, names)
    column = S.sources.index(MARROW)
    return MarrowSource(
        float(S.target_mass_g[row]),
        float(S.electron[row, column]),
        float(S.photon[row, column]),
        names[1:],
        np.maximum(weight @ S.electron[row], 0.0)[1:],
        np.maximum(weight @ S.photon[row], 0.0)[1:],
    )


@dataclass(frozen=True, slots=True, eq=False)
class MarrowRates:
    """Everything that patients' dose rates have in common.

    Parameters
    ----------
    parameters : mapping of str to ndarray, shape (draw,)
        Of the carrier model, for the typical patient.
    exponent : ndarray, shape (draw,)
        Of clearance in body mass.
    mixed : ndarray, shape (draw,)
        Where between lying apart (0) and mixed within the electrons' range (1) tumor in marrow is.
    bodies : tuple of MarrowSource
        Of men and women.
    tumor_in_marrow : {"effect", "dose"}
        Whether tumor raises the dose of the marrow around it, or is left to the factor on the
        effect of the dose that the marrow model has for such patients.
    seed : int
    """

    parameters: Mapping[str, Floats]
    exponent: Floats
    mixed: Floats
    bodies: tuple[MarrowSource, MarrowSource]
    tumor_in_marrow: TumorInMarrow
    seed: int

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.exponent.size

    def scores(self, attributes: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return normal scores of the patients by parameter, each of shape (subject,).

        Those that the patients do not have are drawn once: a patient is the same in all draws.
        """
        n = attributes["age_years"].size
        known = {name: attributes[s] for s, name in SCORED.items() if s in attributes}
        drawn = {
            name: stream(self.seed, f"study.population.{name}").standard_normal(n)
            for name in BETWEEN_CV
            if name not in known
        }
        return known | drawn

    def marrow_mass_g(self, attributes: Mapping[str, Floats]) -> Floats:
        """Mass of red marrow with the tumor in it, by lean body mass, shape (subject,)."""
        from pdcraft.dosimetry.marrow_patient import scaled_marrow_mass_g

        woman = attributes["female"] > 0
        out = lean_body_mass_kg(woman, attributes["height_cm"], attributes["body_mass_kg"])
        for sex, body in enumerate(self.bodies):
            mine = woman == bool(sex)
            if mine.any():
                reference = float(lean_body_mass_kg(bool(sex), *REFERENCE[sex]))
                rule = "lean_body_mass"
                out[mine] = scaled_marrow_mass_g(body.marrow_g, rule, out[mine], reference)
        return out

    def terms(
        self, attributes: Mapping[str, Floats], scores: Mapping[str, Floats]
    ) -> tuple[Floats, Floats, Floats]:
        """Dose rate of red marrow per administered activity, as a sum of exponentials.

        Parameters
        ----------
        attributes : mapping of str to ndarray, shape (subject,)
        scores : mapping of str to ndarray, shape (subject,)

        Returns
        -------
        amplitude : ndarray, shape (draw, subject, terms)
            Gy/h per MBq, after one administration.
        rate_per_h : ndarray, shape (draw, subject, terms)
            With physical decay.
        tumor_h_per_g : ndarray, shape (draw, subject)
            Time-integrated activity per gram of tumor.
        """
        body = host("human")
        ratio = attributes["body_mass_kg"] * GRAMS_PER_KG / body.body_mass_g
        several = with_subjects(self.parameters, ratio.size, self.seed, scores=scores)
        several["clearance_mL_per_h"] = several["clearance_mL_per_h"] * ratio ** (
            self.exponent[:, None] - 1.0
        )
        courses = time_courses(body, several, "population", blocked=blocked_share())
        terms: dict[str, Floats] = {}
        rate = np.zeros(())
        for course in courses:
            if course.coefficients is None or course.rates_per_h is None:
                continue
            rate = course.rates_per_h[:, :, 0]
            for i, region in enumerate(course.regions):
                terms[region] = course.coefficients[:, :, i]
        rate = rate + LN2 / half_life_h(NUCLIDE)
        self_rate, others = self._by_source(attributes, terms, ratio)
        marrow_h, tumor_h = ((terms[r] / rate).sum(axis=-1) for r in (MARROW, "tumor"))
        if self.tumor_in_marrow == "dose":
            self_rate = self_rate * self._infiltrated(attributes, tumor_h / marrow_h)[..., None]
        unit = SECONDS_PER_HOUR * GRAY_PER_mGy
        return unit * (self_rate + others), rate, tumor_h / ratio

    def _by_source(
        self, attributes: Mapping[str, Floats], terms: Mapping[str, Floats], ratio: Floats
    ) -> tuple[Floats, Floats]:
        """Terms of the dose rate from marrow itself and from all else, mGy/(MBq s)."""
        woman = attributes["female"] > 0
        marrow_g = self.marrow_mass_g(attributes)
        mass_g = host("human").region_g
        amount = {r: terms[r] * (mass_g[r] if r in PER_GRAM else 1.0) for r in terms}
        per_concentration = np.empty(ratio.size)
        others = np.zeros_like(terms[MARROW])
        for sex, S in enumerate(self.bodies):
            mine = woman == bool(sex)
            larger = attributes["body_mass_kg"][mine] / REFERENCE[sex][1]
            photon = S.photon * np.cbrt(marrow_g[mine] / S.marrow_g)
            per_concentration[mine] = S.marrow_g * (S.electron + photon) / ratio[mine]
            listed = (MARROW, *(n for n in S.names if n != REMAINDER))
            rest = amount[TOTAL] - sum(amount[name] for name in listed)
            for name, electron, of_photons in zip(
                S.names, S.other_electron, S.other_photon, strict=True
            ):
                source = rest if name == REMAINDER else amount[name]
                value = electron / larger + of_photons * larger**PHOTON_POWER
                others[:, mine] += value[:, None] * source[:, mine]
        return terms[MARROW] * per_concentration[:, None], others

    def _infiltrated(self, attributes: Mapping[str, Floats], tumor_to_marrow: Floats) -> Floats:
        from pdcraft.dosimetry.marrow_patient import infiltrated_dose_factors

        share = np.broadcast_to(attributes["marrow_infiltration"], tumor_to_marrow.shape)
        apart, mixed = infiltrated_dose_factors(share, tumor_to_marrow, known="marrow")
        return apart + self.mixed[:, None] * (mixed - apart)


def marrow_rates(
    draws: int, *, seed: int, tumor_in_marrow: TumorInMarrow = "effect"
) -> MarrowRates:
    """Draw what patients have in common.

    Parameters
    ----------
    draws : int
        At most those that are shipped differ; more repeat them.
    seed : int
    tumor_in_marrow : {"effect", "dose"}
    """
    parameters = shipped_carrier("human", draws, seed)
    parameters = with_payload(parameters, payload_effect("iodine").draw(seed, draws))
    mean, sd = CLEARANCE_EXPONENT
    unit = stream(seed, "study.population.exponent").standard_normal(draws)
    return MarrowRates(
        parameters,
        mean + sd * unit,
        stream(seed, "study.population.mixed").random(draws),
        (marrow_source(BODIES[0]), marrow_source(BODIES[1])),
        tumor_in_marrow,
        seed,
    )
