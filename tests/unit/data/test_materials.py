"""Materials by name, against NIST's list, Geant4's and the reports' own I-values."""

import pytest

from pdcraft.core.material import Material
from pdcraft.data.materials import (
    atomic_number,
    bragg_mean_excitation_eV,
    material,
    material_names,
)
from pdcraft.errors import DataError

# names in xraylib's copy of NIST's list of compounds
NIST = {
    "water": "Water, Liquid",
    "air": "Air, Dry (near sea level)",
    "PMMA": "Polymethyl Methacralate (Lucite, Perspex)",
    "polystyrene": "Polystyrene",
    "soft tissue ICRP": "Tissue, Soft (ICRP)",
    "soft tissue, four components": "Tissue, Soft (ICRU four-component)",
    "cortical bone ICRP": "Bone, Cortical (ICRP)",
    "compact bone": "Bone, Compact (ICRU)",
}
# Geant4 11 (geant4-pybind 0.1.3), G4_BLOOD_ICRP, G4_MUSCLE_SKELETAL_ICRP, G4_ADIPOSE_TISSUE_ICRP
GEANT4 = {
    "blood": (1.06, {1: 0.102, 6: 0.110, 7: 0.033, 8: 0.745, 11: 0.001, 15: 0.001, 16: 0.002,
                     17: 0.003, 19: 0.002, 26: 0.001}),
    "skeletal muscle": (1.05, {1: 0.102, 6: 0.143, 7: 0.034, 8: 0.710, 11: 0.001, 15: 0.002,
                               16: 0.003, 17: 0.001, 19: 0.004}),
    "adipose": (0.95, {1: 0.114, 6: 0.598, 7: 0.007, 8: 0.278, 11: 0.001, 16: 0.001, 17: 0.001}),
}  # fmt: skip
# ESTAR's I-values, eV (ICRU 37), and its fractions by weight through xraylib
ESTAR_I = {
    "water": 75.0, "soft tissue ICRP": 72.3, "soft tissue, four components": 74.9,
    "cortical bone ICRP": 106.4, "compact bone": 91.9,
}  # fmt: skip


@pytest.mark.parametrize("name", NIST)
def test_compositions_are_nists(name):
    import xraylib

    nist = xraylib.GetCompoundDataNISTByName(NIST[name])
    own = material(name)
    # 1e-5: the list's last digit
    assert dict(own.mass_fractions) == pytest.approx(
        dict(zip(nist["Elements"], nist["massFractions"], strict=True)), rel=0, abs=1e-5
    )
    assert own.density_g_per_mL == pytest.approx(nist["density"], rel=1e-3, abs=0)


@pytest.mark.parametrize("name", GEANT4)
def test_tissues_are_geant4s(name):
    density, fractions = GEANT4[name]
    assert material(name).density_g_per_mL == density
    assert dict(material(name).mass_fractions) == pytest.approx(fractions, rel=1e-9, abs=0)


def test_key_I_values_are_icru_90s():
    assert [material(n).mean_excitation_eV for n in ("water", "air", "graphite")] == [
        78.0, 85.7, 81.1,
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "printed"), ESTAR_I.items())
def test_bragg_additivity_gives_estars_I_values(name, printed):
    # ESTAR's tissues were adjusted to water's measured value: 0.5%
    got = bragg_mean_excitation_eV(material(name).mass_fractions)
    assert got == pytest.approx(printed, rel=6e-3, abs=0)


@pytest.mark.parametrize("name", ["lung", "soft tissue", "cortical bone"])
def test_bragg_additivity_gives_icru_44s_I_values(name):
    own = material(name)
    # one decimal is printed
    computed = bragg_mean_excitation_eV(own.mass_fractions)
    assert computed == pytest.approx(own.mean_excitation_eV, rel=0, abs=0.05)


def test_older_codes_water():
    older = material("water", mean_excitation_eV=75)
    assert older.mean_excitation_eV == 75.0
    assert "caller" in older.source
    assert material("water").mean_excitation_eV == 78.0


def test_every_material_says_where_it_comes_from():
    assert material_names()[0] == "water"
    assert len(set(material_names())) == len(material_names()) >= 30
    for name in material_names():
        own = material(name)
        assert isinstance(own, Material)
        assert "; I-value: " in own.source
        assert sum(w for _, w in own.mass_fractions) == pytest.approx(1.0, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("spelling", "name"), [("Muscle", "skeletal muscle"), ("BONE", "cortical bone"),
                           ("soft-tissue", "soft tissue"), ("lung inflated", "lung")]
)  # fmt: skip
def test_names_in_other_spellings(spelling, name):
    assert material(spelling).name == name


def test_unknown_names_get_near_matches():
    with pytest.raises(DataError, match=r"no material is called 'livr'.*did you mean 'liver'"):
        material("livr")
    with pytest.raises(DataError, match="materials: water, air"):
        material("unobtainium")


@pytest.mark.parametrize("energy", [0.0, -75.0, float("nan")])
def test_refuses_impossible_I_values(energy):
    with pytest.raises(DataError, match="mean excitation energy"):
        material("water", mean_excitation_eV=energy)


def test_refuses_elements_without_data():
    assert atomic_number("Ca") == 20
    with pytest.raises(DataError, match="no material data for element 'Xx'"):
        atomic_number("Xx")
    with pytest.raises(DataError, match="Z = 79"):
        bragg_mean_excitation_eV(((79, 1.0),))
