"""The suite of exposure: it passes, it decides what it can, and it sees a fault."""

import dataclasses

import pytest

from pdcraft.exposure.drug import TissueExchange
from pdcraft.validate import exposure, exposure_effect, run_suites


@pytest.fixture(scope="module")
def cases():
    return list(run_suites(("exposure",)))


@pytest.mark.slow
def test_nothing_fails_and_much_is_decided(cases):
    assert [c.name for c in cases if c.passed is False] == []
    assert sum(c.passed is True for c in cases) >= 20
    assert all(c.source and c.tolerance for c in cases)


@pytest.mark.slow
def test_mass_balance_is_held_to_the_stated_limit(cases):
    balance = [c for c in cases if "missing" in c.name]
    assert len(balance) == 2
    assert all(c.value <= 1e-9 for c in balance)


@pytest.mark.slow
def test_the_published_delivery_decides_nothing(cases):
    delivered = [c for c in cases if "CLR 1603" in c.source]
    assert len(delivered) == 12
    assert all(c.passed is None for c in delivered)


def test_a_potency_that_is_not_rescaled_is_seen(monkeypatch):
    """Kill driven by free tumor drug itself, not by its plasma equivalent, misses the curve."""
    made = exposure_effect.plain_chain

    def faulty(*parts, **more):
        chain = made(*parts, **more)
        weights = dict(chain.weights)
        weights["tumor_equivalent"] = weights["tumor_free"]
        return dataclasses.replace(chain, weights=weights)

    monkeypatch.setattr(exposure_effect, "plain_chain", faulty)
    assert any(c.passed is False for c in exposure_effect._published_curve())


def test_a_leak_is_seen(monkeypatch):
    """A tumor that loses more than plasma gets back breaks the balance."""
    monkeypatch.setattr(
        TissueExchange, "free_uM", lambda self, total: total / (1.1 + self.bound_per_free)
    )
    carrier, _ = exposure.carrier_parameters("mouse", 1, 20261121)
    drug = exposure.paclitaxel("mouse", 1, 20261121)
    linker = exposure.Linker.of_half_lives(6.0, 200.0, 20.0)
    parts = (carrier, drug, linker)
    linear, stepped = exposure._linear(*parts), exposure._stepped(*parts)
    assert exposure._apart("", linear, stepped, 1e-5, "").passed is False
