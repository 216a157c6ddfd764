"""The optional ICRP-107 data: what is said when they are absent, how their files are read.

The files here are made up: the real ones never come with pdcraft.
"""

import json
import sys

import numpy as np
import pytest

from pdcraft.data import emissions, icrp107
from pdcraft.data.nuclides import nuclide, nuclide_name
from pdcraft.errors import DataError
from pdcraft.physics.beta import mean_energy_keV, spectrum_per_keV

KINDS = "alpha beta- beta+ gamma X neutron auger IE annihilation betaD fission b-spectra".split()


def cobalt_like():
    """A made-up emitter of electrons and positrons of equal end point, in the files' own units."""
    energy_MeV = np.append(
        0.6 * np.linspace(0.0, 1.0, 200) ** 2, 0.6
    )  # the last node twice, as there
    kinetic_keV = 1e3 * energy_MeV
    density = np.zeros_like(energy_MeV)
    rows = {}
    for charge, key, z, per_decay in (("minus", "beta-", 30, 0.4), ("plus", "beta+", 28, 0.2)):
        shape = spectrum_per_keV(kinetic_keV, 600.0, z, 64, charge)
        density += 1.03 * per_decay * shape / np.trapezoid(shape, kinetic_keV) * 1e3  # 3% too much
        rows[key] = [[1e-3 * mean_energy_keV(600.0, z, 64, charge), per_decay]]
    return {
        "name": "Cu-64",
        "half_life": 30.0,
        "time_unit": "m",
        "emissions": {kind: [] for kind in KINDS}
        | rows
        | {
            "b-spectra": np.column_stack((energy_MeV, density)).tolist(),
            "gamma": [[1.0, 0.5]],
            "X": [[1.36e-5, 20.0], [0.0075, 0.1]],
            "auger": [[0.0065, 0.2]],
            "IE": [[0.99, 0.01]],
            "annihilation": [[0.511, 0.4]],
        },
    }


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Stand-in for the optional package, with two files."""
    folder = tmp_path / "icrp107_database" / "icrp107"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    alpha = cobalt_like() | {"name": "Ac-225"}
    alpha["emissions"] = alpha["emissions"] | {"alpha": [[5.8, 1.0]]}
    for name, entry in (("Cu-64", cobalt_like()), ("Zn-63", cobalt_like()), ("Ac-225", alpha)):
        (folder / f"{name}.json").write_text(json.dumps(json.dumps(entry)))  # encoded twice
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "icrp107_database", raising=False)
    icrp107.icrp107_nuclide.cache_clear()
    yield
    icrp107.icrp107_nuclide.cache_clear()
    sys.modules.pop("icrp107_database", None)


@pytest.fixture
def nothing(monkeypatch):
    """No such package, also where someone has it."""
    monkeypatch.setattr(icrp107, "PACKAGE", "no_such_package_of_decay_data")
    icrp107.icrp107_nuclide.cache_clear()


@pytest.mark.usefixtures("nothing")
def test_without_the_extra_its_name_and_terms_are_said():
    with pytest.raises(DataError, match=r"pip install pdcraft\[icrp107\].*not-for-profit use"):
        nuclide("I-131", "none", "icrp107")
    with pytest.raises(DataError, match=r"Sm-153.*pip install pdcraft\[icrp107\].*--spectra"):
        nuclide_name("Sm-153")


@pytest.mark.usefixtures("database")
def test_what_only_the_extra_has_is_said_to_be_there():
    with pytest.raises(DataError, match="'Zn-63' is not in pdcraft's own tables; the ICRP-107"):
        nuclide("Zn-63")
    assert nuclide("63Zn", spectra="icrp107").name == "Zn-63"
    with pytest.raises(DataError, match="ICRP-107 data have no nuclide 'Zn-62'"):
        nuclide("Zn-62", spectra="icrp107")


@pytest.mark.usefixtures("database")
def test_a_file_becomes_a_nuclide():
    source = nuclide("Cu-64", "none", "icrp107")
    assert source.half_life_h == pytest.approx(0.5, rel=1e-12, abs=0)  # 30 min
    assert "not-for-profit" in source.notice
    by_kind = emissions.energy_by_kind_keV(source)
    assert by_kind["gamma"] == pytest.approx(500.0, rel=1e-12, abs=0)
    assert by_kind["annihilation"] == pytest.approx(0.4 * 511.0, rel=1e-12, abs=0)
    # 20 quanta of 13.6 eV refill the valence shell: absorbed on the spot, no photons
    assert by_kind["X"] == pytest.approx(0.1 * 7.5, rel=1e-12, abs=0)
    assert source.soft_keV == pytest.approx(20 * 0.0136, rel=1e-12, abs=0)


@pytest.mark.usefixtures("database")
def test_a_merged_beta_spectrum_is_split_and_scaled():
    source = nuclide("Cu-64", "none", "icrp107")
    for charge, z, per_decay in (("minus", 30, 0.4), ("plus", 28, 0.2)):
        energy, density = emissions.beta_spectrum(source, charge)
        assert np.trapezoid(density, energy) == pytest.approx(per_decay, rel=1e-12, abs=0)
        mean = np.trapezoid(density * energy, energy) / per_decay
        # the made-up spectra are pdcraft's own on 200 nodes: trapezoids there are good to 1e-3
        own = mean_energy_keV(600.0, z, 64, charge)
        assert mean == pytest.approx(own, rel=2e-3, abs=0)
        by_kind = emissions.energy_by_kind_keV(source)[f"beta {charge}"]
        assert by_kind == pytest.approx(per_decay * own, rel=2e-3, abs=0)


@pytest.mark.usefixtures("database")
def test_what_cannot_be_counted_is_refused():
    with pytest.raises(DataError, match="Ac-225 of ICRP 107 emits alpha, which this version"):
        nuclide("Ac-225", "none", "icrp107")
    with pytest.raises(DataError, match="'equilibrium': the ICRP-107 data hold no decay chains"):
        nuclide("Cu-64", "equilibrium", "icrp107")
    with pytest.raises(DataError, match="spectra 'all' are not available; there are own, icrp107"):
        nuclide("Cu-64", "none", "all")
