"""What the model says about each row of the evidence, in the row's base unit.

Doses are those of S values computed by pdcraft, of every source in the body; how the source's own
dose method may differ is an error in the likelihood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.evidence import EvidenceItem, carrier_evidence
from pdcraft.data.files import load_toml
from pdcraft.data.nuclides import half_life_h
from pdcraft.errors import DataError
from pdcraft.kinetics.carrier.dose import dose_Gy_per_MBq
from pdcraft.kinetics.carrier.likelihood import Likelihood, observations
from pdcraft.kinetics.carrier.model import Label
from pdcraft.kinetics.carrier.observe import Observables, observe
from pdcraft.kinetics.carrier.parameters import Species, host, priors
from pdcraft.kinetics.carrier.readings import assumed
from pdcraft.kinetics.carrier.target import Target

__all__ = ["INJECTED_MASS", "carrier_target", "fitted_items", "label_of", "predict_items"]

INJECTED_MASS = "injected_mass_ug"  # nuisance of the human plasma figures
NG_PER_UG = 1000.0
METALS = ("Lu", "Y")


def fitted_items(species: Species) -> tuple[EvidenceItem, ...]:
    """Rows of a species that enter the likelihood."""
    return tuple(i for i in carrier_evidence() if i.species == species and i.use == "fit")


def label_of(item: EvidenceItem) -> Label:
    """Return what breakdown does to the row's label: iodine leaves, a metal chelate stays."""
    return "metal" if item.nuclide and item.nuclide.split("-")[0] in METALS else "iodine"


def carrier_target(species: Species) -> Target:
    """Posterior density of the carrier's parameters in a species, under all its evidence."""
    items = fitted_items(species)
    prior = priors(species)
    names, log_median, log_sd = prior.names, prior.log_median, prior.log_sd
    if any(item.quantity.startswith("plasma_") for item in items):
        mass = load_toml("carrier", "likelihood.toml")["injected_mass"]
        names = (*names, INJECTED_MASS)
        log_median = np.append(log_median, np.log(mass["median"]))
        log_sd = np.append(log_sd, mass["log_sd"])

    def predict(parameters: Floats) -> Floats:
        named = {name: parameters[:, i] for i, name in enumerate(names)}
        return predict_items(items, species, named)

    likelihood = Likelihood(items, assumed())
    return Target(names, log_median, log_sd, predict, likelihood, observations(items))


def predict_items(
    items: Sequence[EvidenceItem], species: Species, parameters: Mapping[str, Floats]
) -> Floats:
    """Predict the typical subject of every row.

    Parameters
    ----------
    items : sequence of EvidenceItem
    species : {"mouse", "human"}
    parameters : mapping of str to ndarray, shape (n,)
        Those of the species; for figures of plasma mass also `INJECTED_MASS`.

    Returns
    -------
    ndarray, shape (n, items)
        Gy/MBq, h, ng/mL, ng h/mL, or a ratio.
    """
    model = {k: v for k, v in parameters.items() if k != INJECTED_MASS}
    n = len(next(iter(model.values())))
    seen: dict[Label, Observables] = {}
    out = np.empty((n, len(items)))
    for i, item in enumerate(items):
        label = label_of(item)
        if label not in seen:
            seen[label] = observe(host(species), model, label=label)
        out[:, i] = _predict(item, seen[label], parameters)
    return out


def _predict(item: EvidenceItem, seen: Observables, parameters: Mapping[str, Floats]) -> Floats:
    region = _region(item)
    times = np.asarray(item.time_h)
    if item.quantity == "dose_per_activity":
        return dose_Gy_per_MBq(seen, item.nuclide or "", region)
    if item.quantity == "concentration_ratio":
        ratio = seen.ratio(region, item.reference_region or "", times)
        return np.exp(np.log(ratio).mean(axis=-1))
    if item.quantity == "retained_share":
        decay = half_life_h(item.nuclide or "") if item.decay == "physical" else None
        return seen.retained_share(region, times, half_life_h=decay)[:, 0]
    if item.quantity == "plasma_half_life":
        return seen.plasma_half_life_h(times[0], times[-1])
    if item.quantity == "plasma_peak":
        return _injected_ng(parameters) * seen.plasma_per_mL(times)[:, 0]
    if item.quantity == "plasma_integral":
        return _injected_ng(parameters) * seen.integral("plasma", to_h=times[-1])
    raise DataError(f"item '{item.id}': the model has no {item.quantity}; exclude it")


def _injected_ng(parameters: Mapping[str, Floats]) -> Floats:
    return NG_PER_UG * parameters[INJECTED_MASS]


def _region(item: EvidenceItem) -> str:
    """Return the model's region; a brain tumor has its own."""
    return "glioma" if item.reference_region == "brain" else item.region
