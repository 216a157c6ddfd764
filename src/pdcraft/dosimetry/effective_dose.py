r"""Effective dose coefficient of ICRP 103, from doses of both stylised adults.

.. math:: E = \sum_T w_T\, \frac{H_T^{male} + H_T^{female}}{2}

Photons and electrons weigh 1, so mGy counts as mSv. It is a quantity of radiation protection for a
reference person, made for comparing procedures: never the risk of an individual. The bodies here
are stylised, not those of the reference (ICRP 110): the result is labeled so.

References
----------
.. [ICRP103] ICRP Publication 103, Ann. ICRP 37 (2-4), 2007.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.nuclides import Progeny, Spectra, nuclide
from pdcraft.data.tissue_weights import Sex, Tissue, tissue_source, tissues
from pdcraft.dosimetry.organ_dose import OrganDose
from pdcraft.dosimetry.organ_s import MARROW, TOTAL, OrganS
from pdcraft.dosimetry.tiac import REMAINDER
from pdcraft.errors import DataError

__all__ = [
    "ADULTS",
    "ALPHA_WORDS",
    "LABEL",
    "EffectiveDose",
    "effective_dose",
    "emits_alpha",
    "tiac_of_adult",
]

ADULTS: Mapping[Sex, str] = {"male": "adult-male", "female": "adult-female"}
LABEL = "non-reference phantom"
ALPHA_WORDS = (
    "{} emits alpha particles, which weigh 20 and are not kept apart from electrons in the doses "
    "of organs; there is no effective dose of it"
)


@dataclass(frozen=True, slots=True)
class EffectiveDose:
    """Effective dose per administered activity.

    Parameters
    ----------
    coefficient_mSv_per_MBq : ndarray, shape (draws,)
    std_err : float
        Monte Carlo error.
    by_tissue : mapping of str to float
        Mean share of each tissue, mSv/MBq; sums to the mean.
    surrogates : tuple of str
        Tissues that another region stands for, such as ``"salivary_glands: remainder"``.
    label, source : str
    """

    coefficient_mSv_per_MBq: Floats
    std_err: float
    by_tissue: Mapping[str, float]
    surrogates: tuple[str, ...]
    label: str
    source: str

    def __post_init__(self) -> None:
        values = frozen(self.coefficient_mSv_per_MBq, "effective dose")
        object.__setattr__(self, "coefficient_mSv_per_MBq", values)


def effective_dose(male: OrganDose, female: OrganDose) -> EffectiveDose:
    """Effective dose coefficient from doses of the two adults.

    Parameters
    ----------
    male, female : OrganDose
        Of the same nuclide and draws.

    Raises
    ------
    DataError
        For other bodies, different nuclides, emissions or draws, doses without red marrow, or an
        emitter of alpha particles.
    """
    if emits_alpha(male.S):
        raise DataError(f"effective dose: {ALPHA_WORDS.format(male.S.nuclide)}")
    both: tuple[tuple[Sex, OrganDose], ...] = (("male", male), ("female", female))
    for sex, dose in both:
        if dose.S.body != ADULTS[sex]:
            raise DataError(
                f"effective dose takes the doses of {ADULTS['male']} and {ADULTS['female']}, got "
                f"{dose.S.body} as the {sex} one"
            )
        if MARROW not in dose.targets:
            raise DataError(f"effective dose needs red marrow, which {dose.S.body} lacks here")
    one, two = (
        (d.S.nuclide, d.S.progeny, d.S.spectra, len(d.coefficient_mGy_per_MBq))
        for d in (male, female)
    )
    if one != two:
        raise DataError(
            f"effective dose takes one nuclide and one set of draws for both, got {one} and {two}"
        )
    total = np.zeros(one[3])
    variance = 0.0
    by_tissue: dict[str, float] = {}
    surrogates: dict[str, None] = {}
    for sex, dose in both:
        weight = np.zeros(len(dose.targets))
        for tissue in tissues(sex):
            part = 0.5 * tissue.weight * _shares(dose, tissue)
            weight += part
            mean = float(part @ dose.coefficient_mGy_per_MBq.mean(axis=0))
            by_tissue[tissue.name] = by_tissue.get(tissue.name, 0.0) + mean
            if tissue.surrogate:
                surrogates[f"{tissue.name} ({sex}): {', '.join(tissue.targets)}"] = None
        total += dose.coefficient_mGy_per_MBq @ weight
        variance += float((weight * dose.std_err) @ (weight * dose.std_err))
    return EffectiveDose(
        total,
        float(np.sqrt(variance)),
        MappingProxyType(by_tissue),
        tuple(surrogates),
        LABEL,
        tissue_source(),
    )


def emits_alpha(S: OrganS) -> bool:
    """Whether S values hold the energy of alpha particles."""
    return bool(nuclide(S.nuclide, cast(Progeny, S.progeny), cast(Spectra, S.spectra)).alpha)


def tiac_of_adult(
    S: OrganS, tiac_h: Mapping[str, Floats]
) -> tuple[Mapping[str, Floats], tuple[str, ...]]:
    """Activities of one adult for the other: what it has no organ for is in its remainder.

    Returns
    -------
    tiac_h : mapping of str to ndarray, shape (draws,)
    moved : tuple of str
        Names of these organs.
    """
    known = (*S.sources, *S.stands_for)
    out = {name: values for name, values in tiac_h.items() if name in known}
    moved = tuple(name for name in tiac_h if name not in known)
    if moved and TOTAL not in tiac_h:
        start = np.zeros_like(tiac_h[moved[0]])
        out[REMAINDER] = sum((tiac_h[m] for m in moved), start=out.get(REMAINDER, start))
    return out, moved


def _shares(dose: OrganDose, tissue: Tissue) -> Floats:
    """Weights of the targets in the mean dose of a tissue, by mass, shape (targets,)."""
    at = [dose.targets.index(t) for t in tissue.targets]
    out = np.zeros(len(dose.targets))
    out[at] = dose.S.target_mass_g[at]
    return out / out.sum()
