"""A cohort of simulated patients with their response, progression and death: what a trial takes."""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.cohort import Cohort
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.patient_draws import PatientDraws
from pdcraft.response.patient_hazards import hazard_draws, sample_months
from pdcraft.response.patient_link import Link
from pdcraft.response.patient_simulate import Regimen, best_responses

__all__ = ["patient_outcomes", "resampled"]


def resampled(link: Link, draws: int, seed: int = 3) -> PatientDraws:
    """Draws that all weigh the same after the fit: systematic resampling.

    Parameters
    ----------
    link : Link
    draws : int
        Two or more; more than `link.effective_draws` repeats some.
    seed : int
    """
    if draws < 2:
        raise PhysicsRangeError(f"{draws} draws: two or more")
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    at = (np.arange(draws) + rng.uniform()) / draws
    rows = np.minimum(np.searchsorted(np.cumsum(link.weight), at), link.weight.size - 1)
    return link.who.taken(rng.permutation(rows))


def patient_outcomes(
    link: Link, regimen: Regimen, draws: int = 200, seed: int = 3
) -> tuple[Cohort, tuple[str, ...]]:
    """Outcomes of every patient under a regimen, in draws that the indication's trial weighed.

    Parameters
    ----------
    link : Link
        From `pdcraft.response.patient_link.fitted_link`.
    regimen : Regimen
    draws : int
    seed : int

    Returns
    -------
    cohort : Cohort
        Outcomes ``best_response`` (a code), ``progression_free_months``, ``overall_months``. The
        hazards behind the months are assumed.
    categories : tuple of str
        What the codes mean.
    """
    who = resampled(link, draws, seed)
    codes = best_responses(who, regimen)
    hazards = hazard_draws(who.rules.categories, draws)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    free, overall = sample_months(hazards, codes, rng)
    outcomes = {
        "best_response": codes.astype(np.float64),
        "progression_free_months": free,
        "overall_months": overall,
    }
    subjects = tuple(f"patient {i + 1}" for i in range(codes.shape[1]))
    activity: Floats = regimen.GBq_low + who.uniform[0] * (regimen.GBq_high - regimen.GBq_low)
    cohort = Cohort(subjects, {"activity_GBq": activity}, outcomes, f"{who.indication}:{seed}")
    return cohort, who.rules.categories
