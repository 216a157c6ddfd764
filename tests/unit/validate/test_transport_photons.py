"""The photon part of ``pdcraft validate transport`` passes and covers what is promised."""

from pdcraft.validate.transport_photons import cases


def test_every_photon_case_passes():
    table = list(cases())
    assert [c.name for c in table if c.passed is False] == []
    assert all(c.suite == "transport" for c in table)
    # seven mixtures, 16 energies to 1 MeV and 5 above, two coefficients; pairs of six elements
    assert len(table) == 7 * 21 * 2 + 3 * 6
