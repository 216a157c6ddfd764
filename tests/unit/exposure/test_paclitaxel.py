"""Paclitaxel's draws: published kinetics come back, calibrations hold, forms differ as told."""

import numpy as np
import pytest
from scipy.optimize import minimize

from pdcraft.data.files import load_toml
from pdcraft.exposure.albumin import albumin_bound
from pdcraft.exposure.chain import plain_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.drug import FreeDrug
from pdcraft.exposure.numeric import simulate
from pdcraft.exposure.paclitaxel import paclitaxel, paclitaxel_citations
from pdcraft.exposure.vehicle import Vehicle

TABLE = load_toml("exposure", "paclitaxel.toml")
MASS = TABLE["molar_mass_g_per_mol"]
# mg/m2, h, patients, AUC ng h/mL: US prescribing information of paclitaxel injection
LABEL = ((135.0, 24.0, 2, 6300.0), (175.0, 24.0, 4, 7993.0), (135.0, 3.0, 7, 7952.0),
         (175.0, 3.0, 5, 15007.0))  # fmt: skip


def test_the_mouse_s_total_kinetics_are_the_published_ones():
    """AUC = dose / (V k10) and C0 = dose / V, whatever is bound."""
    drug = paclitaxel("mouse", 20, 3)
    chain = plain_chain(drug.plain, drug.tumor, drug.marrow)
    scale = drug.inputs["exposure.mouse.clearance"]
    auc = chain.area("plasma_total") * scale
    want = 1.0 / (0.022 * 810.0 * 0.868)
    np.testing.assert_allclose(auc, want, rtol=1e-8)
    first = chain.course([DrugDose(1.0)], [0.0, 1.0]).curve("plasma_total")[:, 0]
    np.testing.assert_allclose(first, 1.0 / (0.022 * 810.0), rtol=1e-10)


def test_without_the_vehicle_less_is_bound_and_unbound_drug_is_the_same():
    drug = paclitaxel("mouse", 400, 3)
    plain = plain_chain(drug.plain, drug.tumor, drug.marrow)
    albumin = plain_chain(drug.free, drug.tumor, drug.marrow, gain=drug.albumin_gain)
    np.testing.assert_allclose(plain.area("plasma_unbound"), albumin.area("plasma_unbound"))
    ratio = plain.area("plasma_total") / albumin.area("plasma_total")
    assert np.median(ratio) == pytest.approx(2.6, rel=0.1)  # 400 draws, log SD 0.5
    more = albumin.area("tumor_total") / plain.area("tumor_total")
    assert np.median(more) == pytest.approx(1.33, rel=0.05)  # published: a third more


def test_permeability_gives_the_published_ratio_in_every_draw():
    drug = paclitaxel("mouse", 30, 3)
    chain = plain_chain(drug.plain, drug.tumor, drug.marrow)
    one, to = [DrugDose(1.0)], [8.0]
    ratio = chain.area_until("tumor_total", one, to) / chain.area_until("plasma_total", one, to)
    np.testing.assert_allclose(ratio[:, 0], drug.inputs["exposure.tumor.auc_ratio"], rtol=1e-9)
    held = np.log(2) / drug.tumor.out_per_h
    np.testing.assert_allclose(held, drug.inputs["exposure.tumor.half_life"], rtol=1e-9)
    assert np.all(np.asarray(drug.tumor.bound_per_free) > 1)


def test_draws_do_not_depend_on_their_number_or_the_other_species():
    few, many = paclitaxel("human", 5, 7), paclitaxel("human", 50, 7)
    assert few.inputs.keys() == many.inputs.keys()
    mouse = paclitaxel("mouse", 50, 7)
    np.testing.assert_array_equal(
        mouse.tumor.permeability_mL_per_g_h, many.tumor.permeability_mL_per_g_h
    )


def taxol_auc(dose, hours, ratio, per_vehicle):
    """AUC of total drug by the typical patient's numbers, without pdcraft's draws."""
    row, given = TABLE["human"], TABLE["vehicle"]
    typical = paclitaxel("human", 1, 0)
    free = FreeDrug("paclitaxel", "human", MASS, 290e3, 285e3, 204e3, 995e3, ratio)
    vehicle = Vehicle(
        given["uL_per_mg"] * MASS / 1e6, given["volume_mL"], tuple(given["infusion_h"]),
        tuple(1.8 * c for c in given["clearance_mL_per_h_m2"]), row["plasma_mL"], per_vehicle,
    )  # fmt: skip
    doses = [DrugDose(dose * 1.8e6 / MASS, 0.0, hours)]
    times = np.concatenate([[0.0, hours], np.geomspace(hours + 1.0, 150.0, 8)])
    course = simulate(free, typical.tumor, typical.marrow, doses, times, vehicle=vehicle)
    return float(course.auc("plasma_total")[0]) * MASS


@pytest.mark.slow
def test_binding_in_man_is_the_fit_that_the_table_says():
    def misfit(logs):
        ratio, per_vehicle = np.exp(logs)
        rows = sum(
            n * (np.log(taxol_auc(d, h, ratio, per_vehicle) / auc) / 0.3) ** 2
            for d, h, n, auc in LABEL
        )
        return rows + ((logs[0] - np.log(10.0)) / 0.5) ** 2

    start = np.log([6.0, 1.5])
    found = minimize(misfit, start, method="Nelder-Mead", options={"xatol": 3e-3, "fatol": 1e-3})
    binding = TABLE["binding"]["human"]
    want = [binding["total_per_unbound"], binding["per_vehicle_mL_per_uL"]]
    np.testing.assert_allclose(np.exp(found.x), want, rtol=0.03)  # flat minimum, log SD 0.23


def test_a_longer_infusion_of_the_same_dose_binds_less():
    """Printed: 15007 and 7993 ng h/mL after 3 and 24 h of 175 mg/m2."""
    binding = TABLE["binding"]["human"]
    parts = binding["total_per_unbound"], binding["per_vehicle_mL_per_uL"]
    short, long = taxol_auc(175.0, 3.0, *parts), taxol_auc(175.0, 24.0, *parts)
    assert 1.2 < short / long < 1.9


def test_albumin_bound_conserves_and_saturates():
    times = [0.0, 0.25, 0.5, 1.0, 4.0, 24.0, 72.0, 600.0]
    course = albumin_bound([1e-3, 80.0, 260.0], 0.5, times)
    dose_ug = np.array([1e-3, 80.0, 260.0]) * 1.9 * 1000
    # far below saturation: AUC = dose / (Vmax/Km), 8070/40.2 L/h
    assert course.auc_ng_h_per_mL[0] == pytest.approx(dose_ug[0] / (8070 / 40.2), rel=2e-3)
    clearance = dose_ug / course.auc_ng_h_per_mL
    assert clearance[0] > clearance[1] > clearance[2]
    # clearance between the 10 and 30 L/h/m2 that labels of 80 to 300 mg/m2 have
    assert np.all((clearance[1:] / 1.9 > 10) & (clearance[1:] / 1.9 < 30))


def test_every_source_is_told():
    keys = {c.key for c in paclitaxel_citations()}
    used = {row["source"] for row in TABLE.values() if isinstance(row, dict) and "source" in row}
    assert used <= keys
    assert {"gardner2008", "chiang2014", "friberg2002"} <= keys
