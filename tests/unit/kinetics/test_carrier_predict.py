"""The model's side of each row against integration by hand, decay and units from outside."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate

from pdcraft.data.evidence import carrier_evidence
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError
from pdcraft.kinetics.carrier.model import build
from pdcraft.kinetics.carrier.parameters import host, priors
from pdcraft.kinetics.carrier.predict import (
    INJECTED_MASS,
    carrier_target,
    fitted_items,
    label_of,
    predict_items,
)

S_TABLE = load_toml("carrier", "s_values.toml")["value"]
ITEMS = {item.id: item for item in carrier_evidence()}
HALF_LIFE_h = {"Lu-177": 6.647 * 24, "I-125": 59.4 * 24, "I-131": 8.0252 * 24}


def one(name, nuclide_=None, **more):
    item = ITEMS[name]
    item = replace(item, nuclide=nuclide_) if nuclide_ else item
    parameters = {**priors(item.species).typical(), **more}
    return float(predict_items([item], item.species, parameters)[0, 0])


def curve(item, region, times, decay_per_h=0.0):
    """Fraction per g over time, by stepping the system itself with decay inside."""
    model = build(host(item.species), priors(item.species).typical(), label=label_of(item))
    amounts = model.system.curves(model.initial, times, decay_per_h=np.full(1, decay_per_h))
    if region == "plasma":
        return amounts[0, model.system.index("plasma")] / model.host.plasma_mL
    return np.einsum("s,st->t", model.weights(region)[0], amounts[0])


@pytest.mark.parametrize(
    ("name", "masses_g"),
    [
        ("clr125-tumor-dose", {"tumor": 0.3, "liver": 1.58}),
        ("clr125-marrow-dose", {"red_marrow": 0.3, "liver": 1.58}),
        ("nm600-liver-dose", {"liver": 1.58}),
        ("nm600-4t1-dose", {"tumor": 0.3, "liver": 1.58}),
        ("human-marrow-dose", {"red_marrow": 1170.0, "liver": 1800.0, "brain": 1450.0}),
    ],
)
def test_doses_are_decaying_curves_integrated_times_S_values(name, masses_g):
    """A sign fault in decay, a lost decay or an hour taken for a second each fail here."""
    item = ITEMS[name]
    times = np.concatenate([[0.0], np.geomspace(1e-3, 40_000.0, 6000)])
    decay = np.log(2) / HALF_LIFE_h[item.nuclide]
    hours = {
        source: mass * integrate.simpson(curve(item, source, times, decay), x=times)
        for source, mass in masses_g.items()
    }
    hours["remainder"] = whole_body_hours(item, times, decay) - sum(hours.values())
    row = next(r for r in S_TABLE if all(r[k] == v for k, v in key_of(item).items()))
    assert row["S_mGy_per_MBq_s"].keys() == hours.keys()
    want = sum(h * 3600 * row["S_mGy_per_MBq_s"][source] / 1000 for source, h in hours.items())
    # half-lives of two evaluations differ by 0.1%; steps of the curve: 1e-4
    assert one(name) == pytest.approx(want, rel=0.005, abs=0)


def key_of(item):
    return {"species": item.species, "nuclide": item.nuclide, "target": item.region}


def whole_body_hours(item, times, decay):
    model = build(host(item.species), priors(item.species).typical(), label=label_of(item))
    amounts = model.system.curves(model.initial, times, decay_per_h=np.full(1, decay))
    return integrate.simpson(amounts[0].sum(axis=0), x=times)


def test_most_of_a_dose_is_that_of_its_own_electrons():
    """The table against sums of ICRP 107: 147.9, 19.58 and 191.8 keV of electrons a decay."""
    local = {"Lu-177": 147.9, "I-125": 19.58, "I-131": 191.8}  # keV
    for row in S_TABLE:
        mass = row["mass_g"][row["target"]]
        share = row["S_mGy_per_MBq_s"][row["target"]] * mass / (local[row["nuclide"]] * 1.602177e-4)
        # spheres lose a few percent and I-125 gains its photons; in man's marrow fat cells and
        # trabeculae take half of what I-131 sets free there (0.57 by ICRP 133)
        low, high = (0.5, 0.65) if row["species"] == "human" else (0.92, 1.3)
        assert low < share < high, row


def test_a_dose_without_s_values_is_refused():
    with pytest.raises(DataError, match="no S values of mouse I-131 liver"):
        one("nm600-liver-dose", nuclide_="I-131")


def test_ratio_of_two_times_is_their_geometric_mean():
    item = ITEMS["nm294-tumor-blood"]
    times = np.array(item.time_h)
    blood = curve(item, "plasma", times) * 1.1 / 2.0  # plasma in the mouse's blood, mL
    want = np.sqrt(np.prod(curve(item, "tumor", times) / blood))
    assert one("nm294-tumor-blood") == pytest.approx(want, rel=1e-6, abs=0)


def test_a_brain_tumor_is_the_glioma_over_brain():
    item = ITEMS["glioma-ratio-24h"]
    ratio = curve(item, "glioma", [24.0]) / curve(item, "brain", [24.0])
    assert one("glioma-ratio-24h") == pytest.approx(ratio[0], rel=1e-6, abs=0)


def test_retained_share_counts_decay_of_the_label():
    item = ITEMS["clr125-blood-cleared"]
    decay = np.log(2) / HALF_LIFE_h["I-125"]
    want = curve(item, "plasma", [96.0], decay)[0] / curve(item, "plasma", [0.0])[0]
    assert one("clr125-blood-cleared") == pytest.approx(want, rel=1e-3, abs=0)


def test_plasma_mass_is_stable_and_scales_with_what_was_injected():
    mass = np.array([200.0])
    item = ITEMS["human-plasma-integral"]
    times = np.concatenate([[0.0], np.geomspace(1e-3, 1008.0, 4000)])
    want = 200_000 * integrate.simpson(curve(item, "plasma", times), x=times)  # ng h/mL
    assert one("human-plasma-integral", **{INJECTED_MASS: mass}) == pytest.approx(
        want, rel=1e-4, abs=0
    )
    peak = one("human-plasma-peak", **{INJECTED_MASS: mass})
    assert one("human-plasma-peak", **{INJECTED_MASS: 2 * mass}) == pytest.approx(
        2 * peak, rel=1e-12, abs=0
    )
    assert peak < 200_000 / 3000.0  # ng in the plasma's mL at time 0


def test_half_life_is_the_mean_slope_of_the_window():
    item = ITEMS["human-plasma-half-life"]
    first, last = curve(item, "plasma", np.array(item.time_h))
    want = np.log(2) * (1008.0 - 336.0) / np.log(first / last)
    assert one("human-plasma-half-life") == pytest.approx(want, rel=1e-6, abs=0)


def test_only_fitted_rows_enter_and_the_injected_mass_is_a_nuisance_of_man():
    for species in ("mouse", "human"):
        target = carrier_target(species)
        assert target.items == fitted_items(species)
        assert all(item.use == "fit" for item in target.items)
        assert (INJECTED_MASS in target.names) == (species == "human")


def test_a_quantity_the_model_lacks_is_refused():
    odd = replace(ITEMS["clr125-tumor-dose"], quantity="other")
    with pytest.raises(DataError, match="item 'clr125-tumor-dose': the model has no other"):
        predict_items([odd], "mouse", priors("mouse").typical())
