"""The carrier as a network of sites: its own model without a linker, and its factors."""

import numpy as np
import pytest

from pdcraft.exposure.chain import conjugate_chain
from pdcraft.exposure.linker import Linker
from pdcraft.exposure.paclitaxel import paclitaxel
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import host
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters

DRAWS = 5


@pytest.mark.parametrize("species", ["mouse", "human"])
def test_without_a_linker_it_is_the_carrier_s_own_model(species):
    parameters, inputs = carrier_parameters(species, DRAWS, 3)
    drug = paclitaxel(species, DRAWS, 3)
    chain = conjugate_chain(
        carrier_network(species, parameters), Linker("stable"), drug.free, drug.tumor, drug.marrow
    )
    seen = observe(host(species), parameters)
    for name, region in (
        ("plasma_conjugate", "plasma"),
        ("tumor_conjugate", "tumor"),
        ("marrow_conjugate", "red_marrow"),
    ):
        np.testing.assert_allclose(chain.area(name), seen.integral(region), rtol=1e-8)
    assert not any("glioma" in name or "injected" in name for name in inputs)


def test_sites_and_what_is_outside():
    parameters, _ = carrier_parameters("mouse", DRAWS, 3)
    network = carrier_network("mouse", parameters, tumor_g=0.3)
    assert set(network.sites) == set(network.system.states)
    assert network.sites["tumor_retained"] == "tumor"
    assert network.sites["liver_processing"] == "tissue"
    assert network.uncleaved == {"body_membrane", "tumor_membrane"}
    assert float(network.size("tumor")) == 0.3


def test_uptake_of_another_tumor_model_scales_its_conjugate():
    parameters, _ = carrier_parameters("mouse", DRAWS, 3)
    drug = paclitaxel("mouse", DRAWS, 3)

    def area(uptake):
        network = carrier_network("mouse", parameters, uptake=uptake)
        parts = (drug.free, drug.tumor, drug.marrow)
        return conjugate_chain(network, Linker("stable"), *parts).area("tumor_conjugate")

    factors = np.array([0.5, 1.0, 2.0, 4.0, 8.0])
    # a tumor that takes nothing away: a millionth of the body
    np.testing.assert_allclose(area(factors) / area(1.0), factors, rtol=1e-4)


def test_the_payload_s_factors_are_wide_and_can_be_left_out():
    with_drug, inputs = carrier_parameters("mouse", 400, 3)
    without, _ = carrier_parameters("mouse", 400, 3, scaled=False)
    ratio = with_drug["tumor_trapping_mL_per_g_h"] / without["tumor_trapping_mL_per_g_h"]
    np.testing.assert_allclose(ratio, inputs["kinetics.payload.uptake"], rtol=1e-12)
    assert np.std(np.log(ratio)) == pytest.approx(1.0, rel=0.1)  # 400 draws
