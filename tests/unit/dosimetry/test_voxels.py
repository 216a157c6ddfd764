"""Dose in voxels: units, masses and errors, with an engine that absorbs every decay on the spot.

What the engine itself gives is tested with it; here it is replaced by one whose dose is known:
each decay leaves 100 keV in its own voxel, 90 of beta and 10 of photons, ± 2%.
"""

import dataclasses

import numpy as np
import pytest

from pdcraft.core.grid import Field, Grid
from pdcraft.core.quantity import quantity
from pdcraft.data.nuclides import nuclide
from pdcraft.dosimetry.voxel_inputs import DEFAULT_LABELS, matter_of_ct, matter_of_labels
from pdcraft.dosimetry.voxel_inputs import region_masks as masks_of
from pdcraft.dosimetry.voxel_resume import fingerprint, read_tally, tally_bytes
from pdcraft.dosimetry.voxels import voxel_dose
from pdcraft.errors import DataError
from pdcraft.io.label_tables import LabelRow

TIA = quantity("time_integrated_activity_concentration")
RELATIVE = 0.02


def local(phantom, _groups, source, *, regions, seed, resume, **options):
    from pdcraft.transport.voxels import VoxelTally

    n = 1000 + (resume.histories if resume else 0)
    keV = 100.0 * source / source.sum()
    return VoxelTally(
        histories=n,
        batches=10,
        seed=seed,
        energy_keV={"photon": 0.1 * keV, "beta": 0.9 * keV},
        std_err_keV=RELATIVE * keV,
        region_keV={
            name: (keV[mask].sum(), RELATIVE * keV[mask].sum()) for name, mask in regions.items()
        },
        emitted_keV=125.0,
        escaped_keV=25.0,
        estimator=np.zeros(keV.shape, np.uint8),
        warnings=(),
    )


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    monkeypatch.setattr("pdcraft.transport.voxels.transport_voxels", local)


def grid(shape=(4, 5, 6), voxel=(2.0, 3.0, 5.0), first=(10.0, -20.0, 30.0)):
    affine = np.diag([*voxel, 1.0])
    affine[:3, 3] = first
    return Grid(shape, affine)


def water(g, density=1.0):
    values = np.ones(g.shape)
    return matter_of_labels(values, g, g, {1: LabelRow("water", density, 2)}).phantom


def activity(g, seed=1):
    return Field(g, np.random.default_rng(seed).uniform(0.5, 2.0, g.shape), TIA)


def test_dose_of_local_absorption_by_hand():
    # 1 MBq·h/mL of 100 keV in 1 g/mL: 3.6e9 decays * 100 keV * 1.602176634e-16 J/keV per gram,
    # 5.7678e-5 J/g = 57.678 mGy; the arithmetic is repeated here with numbers typed in
    g = grid()
    result = voxel_dose(Field(g, np.ones(g.shape), TIA), water(g), nuclide("I-131"))
    np.testing.assert_allclose(result.dose.values, 0.05767836, rtol=1e-6, atol=0)
    np.testing.assert_allclose(result.dose.std_err, 0.02 * 0.05767836, rtol=1e-6, atol=0)
    np.testing.assert_allclose(result.by_type()["beta"].values, 0.9 * 0.05767836, rtol=1e-6, atol=0)
    # 120 voxels of 0.03 mL
    assert result.tia_MBq_h == pytest.approx(3.6, rel=1e-12, abs=0)
    assert result.decays == pytest.approx(3.6 * 3.6e9, rel=1e-12, abs=0)
    assert result.energy_absorbed_J == pytest.approx(0.05767836e-3 * 3.6, rel=1e-6, abs=0)
    assert result.energy_emitted_J == pytest.approx(
        1.25 * result.energy_absorbed_J, rel=1e-9, abs=0
    )


def test_dose_follows_decays_over_mass_in_anisotropic_voxels():
    g = grid()
    tia = activity(g)
    density = np.random.default_rng(2).uniform(0.3, 1.9, g.shape)
    phantom = dataclasses.replace(water(g), density_g_per_mL=density.astype(np.float32))
    dose = voxel_dose(tia, phantom, nuclide("I-131")).dose.values
    np.testing.assert_allclose(
        dose, 0.05767836 * tia.values / density, rtol=1e-6, atol=0
    )  # float32


def test_mean_dose_of_a_region_is_its_energy_over_its_mass():
    g = grid()
    tia = activity(g)
    density = np.ones(g.shape)
    density[:2] = 4.0
    phantom = dataclasses.replace(water(g), density_g_per_mL=density.astype(np.float32))
    whole = np.ones(g.shape, bool)
    one = voxel_dose(tia, phantom, nuclide("I-131"), regions={"all": whole}).regions["all"]
    energy_per_mL = 0.05767836 * tia.values.mean()
    assert one.mass_g == pytest.approx(120 * 0.03 * 2.5, rel=1e-9, abs=0)
    assert one.mean_Gy == pytest.approx(energy_per_mL / 2.5, rel=1e-6, abs=0)
    assert one.std_err_Gy == pytest.approx(0.02 * one.mean_Gy, rel=1e-9, abs=0)
    assert one.voxels == 120


def test_a_region_that_no_history_reached_has_no_error_rather_than_zero():
    g = grid()
    values = activity(g).values.copy()
    values[0] = 0.0
    cold = np.zeros(g.shape, bool)
    cold[0] = True
    result = voxel_dose(Field(g, values, TIA), water(g), nuclide("I-131"), regions={"cold": cold})
    assert result.regions["cold"].mean_Gy == 0.0
    assert result.regions["cold"].std_err_Gy is None
    assert result.relative_error == np.inf


def test_a_run_that_stopped_early_says_so():
    g = grid()
    regions = {"all": np.ones(g.shape, bool)}
    loose = voxel_dose(activity(g), water(g), nuclide("I-131"), regions=regions, precision=0.03)
    tight = voxel_dose(activity(g), water(g), nuclide("I-131"), regions=regions, precision=0.01)
    assert loose.warnings == ()
    assert "relative standard error of 0.02; 0.01 was asked for" in tight.warnings[0]


def test_decays_in_air_are_pointed_at():
    g = grid()
    labels = np.ones(g.shape)
    labels[0] = 0
    phantom = matter_of_labels(labels, g, g, None).phantom
    result = voxel_dose(Field(g, np.ones(g.shape), TIA), phantom, nuclide("I-131"), precision=0.5)
    assert result.warnings[0].startswith("25% of the decays lie in air")
    assert np.all(result.dose.values[0] > 700 * result.dose.values[1])  # 1/0.0012, not left out


BAD_ACTIVITY = {
    "none": (np.zeros((4, 5, 6)), "all voxels are 0"),
    "negative": (np.where(np.arange(120).reshape(4, 5, 6) == 7, -0.5, 1.0), "1 of 120 voxels are"),
}


@pytest.mark.parametrize(("values", "words"), BAD_ACTIVITY.values(), ids=list(BAD_ACTIVITY))
def test_bad_activity_is_refused(values, words):
    with pytest.raises(DataError, match=words):
        voxel_dose(Field(grid(), values, TIA), water(grid()), nuclide("I-131"))


def test_what_does_not_fit_is_refused():
    g = grid()
    with pytest.raises(DataError, match="bring both onto one grid"):
        voxel_dose(activity(g), water(grid(voxel=(2.0, 3.0, 6.0))), nuclide("I-131"))
    with pytest.raises(DataError, match="absorbed dose, Gy; it must be"):
        voxel_dose(Field(g, np.ones(g.shape), quantity("absorbed_dose")), water(g), nuclide("Y-90"))
    with pytest.raises(DataError, match="precision 0"):
        voxel_dose(activity(g), water(g), nuclide("I-131"), precision=0.0)
    empty = dataclasses.replace(water(g), density_g_per_mL=np.zeros(g.shape, np.float32))
    with pytest.raises(DataError, match="120 voxels have density 0"):
        voxel_dose(activity(g), empty, nuclide("I-131"))


# -- matter of images ----------------------------------------------------------------------


def half_body(g, at_mm=0.0):
    """CT numbers: air where x < at_mm, soft tissue of 40 HU elsewhere."""
    index = np.stack(np.meshgrid(*map(np.arange, g.shape), indexing="ij"), axis=-1)
    return np.where(g.to_mm(index)[..., 0] < at_mm, -1000.0, 40.0)


@pytest.mark.parametrize("flip", [(1, 1, 1), (-1, -1, 1), (-1, 1, -1)], ids=str)
def test_a_ct_stored_in_another_direction_gives_the_same_matter(flip):
    target = grid((8, 4, 4), (4.0, 4.0, 4.0), (-14.0, -6.0, -6.0))
    n = np.array([40, 24, 24])
    affine = np.diag([*np.array(flip, float), 1.0])
    affine[:3, 3] = -0.5 * np.array(flip) * (n - 1)
    ct = Grid(tuple(n), affine)
    matter = matter_of_ct(half_body(ct), ct, target, np.ones(target.shape))
    density = matter.phantom.density_g_per_mL
    assert np.all(density[:4] < 0.002)  # left of x = 0
    assert np.all(density[4:] > 1.0)
    assert matter.voxels == {"CT air": 64, "CT soft tissue": 64}
    assert matter.samples_per_voxel == 64
    assert len(matter.phantom.materials) == 2


def test_a_turned_ct_gives_the_same_matter():
    # the same body scanned with the head turned by 20°: only the border voxels may differ
    target = grid((8, 4, 4), (4.0, 4.0, 4.0), (-14.0, -6.0, -6.0))
    c, s = np.cos(np.radians(20)), np.sin(np.radians(20))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    affine = np.eye(4)
    affine[:3, :3] = turn
    n = np.array([60, 60, 30])
    affine[:3, 3] = -0.5 * turn @ (n - 1)
    ct = Grid(tuple(n), affine)
    density = matter_of_ct(half_body(ct), ct, target, np.ones(target.shape)).phantom
    assert np.all(density.density_g_per_mL[:3] < 0.002)
    assert np.all(density.density_g_per_mL[5:] > 1.0)


def test_a_ct_that_is_too_small_says_how_much_is_missing():
    target = grid((8, 4, 4), (4.0, 4.0, 4.0), (-14.0, -6.0, -6.0))
    tia = np.zeros(target.shape)
    tia[0, 0, 0], tia[7, 0, 0] = 1.0, 3.0
    ct = grid((24, 24, 24), (1.0, 1.0, 1.0), (-11.5, -11.5, -11.5))  # x from -12 to 12 mm
    with pytest.raises(
        DataError, match=r"cover 32 of the activity's 128 .* 2 of them .* 100% of all"
    ):
        matter_of_ct(half_body(ct), ct, target, tia)
    matter = matter_of_ct(half_body(ct), ct, target, tia, outside="air")
    assert matter.outside == 32
    assert np.all(matter.phantom.density_g_per_mL[7] < 0.002)
    assert np.all(matter.phantom.density_g_per_mL[6] > 1.0)


def one_padded(hu):
    hu[30, 12, 12] = -3024.0
    return hu


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda hu: hu + 1024, "offset .* not to be applied"),
        (lambda hu: np.where(hu < 0, -3024, hu), "voxels lie outside"),
        (one_padded, "1 of 23040 voxels lie outside"),  # its mean with others would be tissue
    ],
    ids=["offset", "padding", "one padded"],
)
def test_values_that_are_no_hounsfield_units_are_refused(change, words):
    target = grid((8, 4, 4), (4.0, 4.0, 4.0), (-14.0, -6.0, -6.0))
    ct = grid((40, 24, 24), (1.0, 1.0, 1.0), (-19.5, -11.5, -11.5))
    with pytest.raises(DataError, match=words):
        matter_of_ct(change(half_body(ct)), ct, target, np.ones(target.shape))


def test_labels_become_materials_with_their_own_density():
    g = grid()
    labels = np.arange(120).reshape(g.shape) % 3 + 5
    rows = {5: LabelRow("Lung", None, 2), 6: LabelRow("bone", 1.8, 3), 7: LabelRow("lung", 0.3, 4)}
    matter = matter_of_labels(labels, g, g, rows)
    assert matter.voxels == {"lung": 80, "cortical bone": 40}
    density = {n: float(matter.phantom.density_g_per_mL[labels == n].mean()) for n in (5, 6, 7)}
    assert density == pytest.approx({5: 0.26, 6: 1.8, 7: 0.3}, rel=1e-6, abs=0)  # float32
    names = [m.name for m in matter.phantom.materials]
    assert names[matter.phantom.material[labels == 6][0]] == "cortical bone"


def test_default_labels_are_materials_that_exist():
    g = grid((6, 1, 1))
    matter = matter_of_labels(np.arange(6.0).reshape(6, 1, 1), g, g, None)
    assert list(matter.voxels) == list(DEFAULT_LABELS.values())
    np.testing.assert_array_equal(matter.phantom.material.ravel(), range(6))


FAULTY_LABELS = {
    "no default": (9.0, None, "without a material: 9; give --material-map MAP.csv"),
    "not in the map": (2.0, {1: LabelRow("water", None, 2)}, "without a material: 2; add them"),
    "unknown material": (1.0, {1: LabelRow("watr", None, 2)}, "did you mean 'water'"),
    "no whole number": (1.5, None, "value 1.5 is no label"),
    "negative": (-1.0, None, "value -1 is no label"),
}


@pytest.mark.parametrize(
    ("value", "rows", "words"), FAULTY_LABELS.values(), ids=list(FAULTY_LABELS)
)
def test_faulty_labels_are_refused(value, rows, words):
    g = grid()
    with pytest.raises(DataError, match=words):
        matter_of_labels(np.full(g.shape, value), g, g, rows, "map.csv")


def test_region_masks_and_their_names():
    g = grid()
    labels = np.zeros(g.shape)
    labels[0], labels[1, 0] = 1, 4
    assert {k: int(m.sum()) for k, m in masks_of(labels, g, g, None)[0].items()} == {
        "label 1": 30,
        "label 4": 6,
    }
    rows = {
        1: LabelRow("Kidney", None, 2),
        4: LabelRow("lesion:flank", None, 3),
        5: LabelRow("Liver", None, 4),
    }
    masks, notes = masks_of(labels, g, g, rows)
    assert list(masks) == ["kidneys", "lesion:flank"]
    assert notes == ("region liver: no voxel has its label 5",)
    with pytest.raises(DataError, match="names no region for the labels 4"):
        masks_of(labels, g, g, {1: rows[1]})
    with pytest.raises(DataError, match="kidneys stands twice"):
        masks_of(labels, g, g, {1: rows[1], 4: LabelRow("kidneys", None, 3)})
    with pytest.raises(DataError, match="no region is called 'kidnee'"):
        masks_of(labels, g, g, {1: LabelRow("kidnee", None, 2), 4: rows[4]})
    with pytest.raises(DataError, match="all voxels are 0"):
        masks_of(np.zeros(g.shape), g, g, None)


# -- resuming ------------------------------------------------------------------------------


def test_scores_come_back_from_their_file_to_the_bit(tmp_path):
    g = grid()
    tia, phantom, source = activity(g), water(g), nuclide("I-131")
    regions = {"all": np.ones(g.shape, bool)}
    tally = voxel_dose(tia, phantom, source, regions=regions, precision=0.5).tally
    mark = fingerprint(tia, phantom, source, regions, 1)
    path = tmp_path / "scores.npz"
    path.write_bytes(tally_bytes(tally, mark))
    assert path.read_bytes() == tally_bytes(tally, mark)
    found = read_tally(path, mark)
    for name in ("histories", "batches", "seed", "region_keV", "emitted_keV", "escaped_keV"):
        assert getattr(found, name) == getattr(tally, name), name
    assert list(found.energy_keV) == list(tally.energy_keV)
    for name, energy in tally.energy_keV.items():
        np.testing.assert_array_equal(found.energy_keV[name], energy)
    np.testing.assert_array_equal(found.std_err_keV, tally.std_err_keV)
    np.testing.assert_array_equal(found.estimator, tally.estimator)


def test_another_run_has_another_fingerprint(tmp_path):
    g = grid()
    tia, phantom, source = activity(g), water(g), nuclide("I-131")
    other_region = {"all": np.arange(120).reshape(g.shape) > 3}
    marks = {
        fingerprint(tia, phantom, source, {}, 1),
        fingerprint(activity(g, 2), phantom, source, {}, 1),
        fingerprint(tia, water(g, 1.01), source, {}, 1),
        fingerprint(tia, phantom, nuclide("I-131", "equilibrium"), {}, 1),
        fingerprint(tia, phantom, source, {}, 2),
        fingerprint(tia, phantom, source, other_region, 1),
        fingerprint(tia, phantom, source, {"all": ~other_region["all"]}, 1),
    }
    assert len(marks) == 7
    tally = voxel_dose(tia, phantom, source, precision=0.5).tally
    path = tmp_path / "scores.npz"
    path.write_bytes(tally_bytes(tally, "this"))
    with pytest.raises(DataError, match="is of another run"):
        read_tally(path, "that")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="or damaged"):
        read_tally(path, "this")
    path.write_text("hello")
    with pytest.raises(DataError, match="or damaged"):
        read_tally(path, "this")


@pytest.mark.slow
def test_yttrium_deep_inside_a_uniform_body_gives_its_equilibrium_dose(monkeypatch):
    # the real engine. 932.9 keV of beta a decay (ICRP 107) absorbed where the decays are uniform:
    # 0.05767836 Gy per 100 keV and MBq·h/g. Bremsstrahlung that leaves takes 0.3%; 1.5% allows for
    # that, for three standard errors and for half a percent between evaluations of the spectrum
    monkeypatch.undo()
    g = grid((16, 16, 16), (5.0, 5.0, 5.0))
    inner = np.zeros(g.shape, bool)
    inner[4:12, 4:12, 4:12] = True  # 20 mm from the faces, the betas run 11 mm
    result = voxel_dose(
        Field(g, np.ones(g.shape), TIA),
        water(g),
        nuclide("Y-90"),
        regions={"inner": inner},
        precision=0.003,
        max_histories=2_000_000,
    )
    one = result.regions["inner"]
    assert one.std_err_Gy < 0.0031 * one.mean_Gy
    assert one.mean_Gy == pytest.approx(9.329 * 0.05767836, rel=0.015, abs=0)


def test_radiation_above_the_tables_is_said():
    g = grid((3, 3, 3), (4.0, 4.0, 4.0))
    tia = Field(g, np.ones(g.shape), TIA)
    words = voxel_dose(tia, water(g), nuclide("Y-86")).warnings
    assert any("0.31% of the photon energy lies above 3 MeV" in w for w in words), words
