"""Every way of getting a scene wrong is refused, with its line and the way out; all at once."""

import nibabel
import numpy as np
import pytest
import tifffile

from pdcraft.errors import StudyError
from pdcraft.optics.scene_read import read_scene

SPHERE = """[[inclusion]]
name = "second"
material = "brain"
shape = "sphere"
centre = ["2 mm","0 mm","3.5 mm"]
radius = "1 mm"
"""
CUSTOM = 'name = "custom"\nexcitation = "760 nm"\nemission = "810 nm"'

# what changes in the example, what comes after it, where the fault is, what it says
FAULTS = {
    # spelling, kinds, units
    "schema": (('"pdcraft.scene/1"', '"pdcraft.scene/2"'), "", "schema", "is not one of"),
    "name with a slash": (('"b1"', '"b/1"'), "", "name", "is no name here"),
    "unknown key": (("voxel =", "voxle ="), "", "domain.voxle", "did you mean 'voxel'"),
    "unknown key of a material": (
        ('mua = "0.02 /mm"', 'muaa = "0.02 /mm"'),
        "",
        "materials.brain.muaa",
        "did you mean 'mua'",
    ),
    "unknown table": (("", ""), "\n[lamp]\nx = 1\n", "lamp", "unknown key"),
    "unknown kind": (('kind = "slab"', 'kind = "slub"'), "", "domain.kind", "did you mean 'slab'"),
    "bare length": (('voxel = "0.2 mm"', "voxel = 0.2"), "", "domain.voxel", "needs a unit"),
    "wrong dimension": (('"0.2 mm"', '"0.2 nM"'), "", "domain.voxel", "takes a length"),
    "unknown unit": (('"760 nm"', '"760 nn"'), "", "illumination.wavelength", "unknown unit 'nn'"),
    "text for a number": (("g = 0.9", 'g = "0.9"'), "", "materials.brain.g", "number"),
    "two lengths of three": (
        ('["20 mm","20 mm","10 mm"]', '["20 mm","20 mm"]'),
        "",
        "domain.size.2",
        "is missing",
    ),
    # domain
    "voxel does not divide": (('"0.2 mm"', '"0.3 mm"'), "", "domain.size", "no whole number"),
    "too many voxels": (('"0.2 mm"', '"0.01 mm"'), "", "domain.voxel", "voxels are more than"),
    "negative voxel": (('"0.2 mm"', '"-0.2 mm"'), "", "domain.voxel", "greater than 0"),
    "index outside below 1": (("n_outside = 1.0", "n_outside = 0.9"), "", "domain.n_outside", ""),
    "key of another kind": (
        ("n_outside = 1.0", "n_outside = 1.0\nformat = 96"),
        "",
        "domain.format",
        "belongs to plate",
    ),
    "size is missing": (('size = ["20 mm","20 mm","10 mm"]', ""), "", "domain", "size is missing"),
    # materials
    "negative absorption": (('"0.02 /mm"', '"-0.02 /mm"'), "", "materials.brain.mua", "negative"),
    "negative scattering": (('"10 /mm"', '"-1 /mm"'), "", "materials.brain.mus", "negative"),
    "g of 1": (("g = 0.9", "g = 1.0"), "", "materials.brain.g", "less than 1"),
    "g of -1": (("g = 0.9", "g = -1"), "", "materials.brain.g", "greater than -1"),
    "n below 1": (("n = 1.4", "n = 0.99"), "", "materials.brain.n", "greater than or equal to 1"),
    "n is nan": (("n = 1.4", "n = nan"), "", "materials.brain.n", ""),
    "mus and musp": (("g = 0.9", 'g = 0.9\nmusp = "1 /mm"'), "", "materials.brain", "keep one"),
    "no scattering": (('mus = "10 /mm"', ""), "", "materials.brain", "mus is missing"),
    "no g": (("g = 0.9", ""), "", "materials.brain", "g is missing"),
    "no absorption": (('mua = "0.02 /mm"', ""), "", "materials.brain", "mua is missing"),
    "absorption twice": (
        ("n = 1.4", "n = 1.4\nblood_volume = 0.03"),
        "",
        "materials.brain",
        "both given",
    ),
    "negative autofluorescence": (
        ('autofluorescence = "0 nM"', 'autofluorescence = "-1 nM"'),
        "",
        "materials.brain.autofluorescence",
        "greater than or equal to 0",
    ),
    "wavelength outside a stated table": (
        (
            'mua = "0.02 /mm"',
            'mua = [{wavelength = "700 nm", value = "0.02 /mm"}, '
            '{wavelength = "780 nm", value = "0.02 /mm"}]',
        ),
        "",
        "materials.brain",
        "its table covers 700 to 780 nm",
    ),
    "wavelengths fall": (
        (
            'mua = "0.02 /mm"',
            'mua = [{wavelength = "900 nm", value = "0.02 /mm"}, '
            '{wavelength = "700 nm", value = "0.02 /mm"}]',
        ),
        "",
        "materials.brain.mua",
        "must increase",
    ),
    "unknown tissue": (
        ('mua = "0.02 /mm"', 'tissue = "brian"'),
        "",
        "materials.brain.tissue",
        "did you mean 'brain'",
    ),
    # layers
    "layer of no material": (
        ('material = "brain"\nname = "background"', 'material = "brian"\nname = "background"'),
        "",
        "layer.0.material",
        "did you mean 'brain'",
    ),
    "last layer with thickness": (
        ('name = "background"', 'name = "background"\nthickness = "2 mm"'),
        "",
        "layer.0.thickness",
        "fills the depth",
    ),
    "layers deeper than the domain": (
        ('name = "background"', 'name = "top"\nthickness = "12 mm"\n[[layer]]\nmaterial = "brain"'),
        "",
        "layer.1",
        "leave nothing",
    ),
    "first layer without thickness": (
        ('name = "background"', 'name = "top"\n[[layer]]\nmaterial = "brain"'),
        "",
        "layer.0",
        "thickness is missing",
    ),
    # inclusions
    "inclusion above the surface": (
        ('"3.5 mm"', '"1.4 mm"'),
        "",
        "inclusion.0",
        "leaves the domain: z from -0.1",
    ),
    "inclusion beyond the side": (
        ('centre = ["0 mm","0 mm","3.5 mm"]', 'centre = ["9 mm","0 mm","3.5 mm"]'),
        "",
        "inclusion.0",
        "leaves the domain: x",
    ),
    "inclusion below the bottom": (('"3.5 mm"', '"9 mm"'), "", "inclusion.0", "z from 7.5 to 10.5"),
    "inclusion of no size": (('"1.5 mm"', '"0 mm"'), "", "inclusion.0.radius", "greater than 0"),
    "overlap without an order": (
        ("priority = 1", "priority = 0"),
        SPHERE,
        "inclusion.1",
        "overlap and have the same priority, 0",
    ),
    "covered whole": (
        ("priority = 1", "priority = 1"),
        SPHERE.replace('"2 mm"', '"0 mm"'),
        "inclusion.1",
        "nothing of 'second' is left",
    ),
    "one region of two materials": (
        ("", ""),
        SPHERE.replace('"second"', '"background"').replace("brain", "other").replace("2 mm", "6 mm")
        + '[materials.other]\ntissue = "brain"\n',
        "inclusion.1.name",
        "is made of",
    ),
    "sphere with radii": (
        ('radius = "1.5 mm"\npriority', 'radii = ["1 mm","1 mm","1 mm"]\npriority'),
        "",
        "inclusion.0.radii",
        "does not belong to a sphere",
    ),
    "cylinder without axis": (
        ('shape = "sphere"', 'shape = "cylinder"'),
        "",
        "inclusion.0",
        "axis is missing",
    ),
    "axis of no direction": (
        ('shape = "sphere"', 'shape = "cylinder"\nlength = "2 mm"\naxis = [0, 0, 0]'),
        "",
        "inclusion.0.axis",
        "is no axis",
    ),
    # dye
    "unknown dye": (('"CLR 1502"', '"CLR 15O2"'), "", "dye.name", "CLR 1502"),
    "yield above 1": (("quantum_yield = 0.08", "quantum_yield = 1.2"), "", "dye.quantum_yield", ""),
    "negative yield": (
        ("quantum_yield = 0.08", "quantum_yield = -0.1"),
        "",
        "dye.quantum_yield",
        "",
    ),
    "negative extinction": (('"200000 L', '"-200000 L'), "", "dye.epsilon", "greater than 0"),
    "custom dye without spectrum": (
        ('name = "CLR 1502"', 'name = "custom"'),
        "",
        "dye",
        "a dye has a spectrum",
    ),
    "custom dye without extinction": (
        ('name = "CLR 1502"\nepsilon = "200000 L/mol/cm"', CUSTOM),
        "",
        "dye",
        "epsilon is missing",
    ),
    "lamp where the dye is dark": (
        ('wavelength = "760 nm"', 'wavelength = "500 nm"'),
        "",
        "dye",
        "does not absorb at 500 nm",
    ),
    "missing file of a spectrum": (
        ("quantum_yield = 0.08", 'quantum_yield = 0.08\nemission = "no.csv"'),
        "",
        "dye.emission",
        "there is no file 'no.csv'",
    ),
    "line away from the lamp": (
        ("quantum_yield = 0.08", 'quantum_yield = 0.08\nexcitation = "660 nm"'),
        "",
        "dye.excitation",
        "excitation_width",
    ),
    # concentration
    "unknown region": (
        ('tumour = "1000 nM"', 'tumor = "1000 nM"'),
        "",
        "concentration.tumor",
        "did you mean 'tumour'",
    ),
    "negative concentration": (('"1000 nM"', '"-1 nM"'), "", "concentration.tumour", "negative"),
    "bare concentration": (('"1000 nM"', "1000"), "", "concentration.tumour", "needs a unit"),
    "concentration by mass": (('"1000 nM"', '"1 mg"'), "", "concentration.tumour", "takes a molar"),
    "missing table": (
        ('background = "200 nM"\ntumour = "1000 nM"', 'file = "no.csv"'),
        "",
        "concentration.file",
        "there is no such file",
    ),
    # lamp
    "no wavelength": (('wavelength = "760 nm"', "#"), "", "illumination", "neither is given"),
    "lamp inside the tissue": (
        ('"0 deg"', '"95 deg"'),
        "",
        "illumination.incidence",
        "inside the tissue",
    ),
    "lamp at no distance": (
        ('incidence = "0 deg"', 'distance = "0 mm"'),
        "",
        "illumination.distance",
        "inside the tissue",
    ),
    "spot without diameter": (('kind = "plane"', 'kind = "spot"'), "", "illumination", "diameter"),
    "plane with diameter": (
        ('incidence = "0 deg"', 'diameter = "5 mm"'),
        "",
        "illumination.diameter",
        "belongs to a spot",
    ),
    "no light": (('"10 mW/cm^2"', '"0 mW/cm^2"'), "", "illumination.irradiance", "greater than 0"),
    # camera
    "camera inside the tissue": (
        ('working_distance = "200 mm"', 'working_distance = "-5 mm"'),
        "",
        "camera.working_distance",
        "inside the tissue",
    ),
    "band over the lamp": (
        ('["800 nm","850 nm"]', '["750 nm","850 nm"]'),
        "",
        "camera.band",
        "passes the excitation",
    ),
    "band beside the emission": (
        ('["800 nm","850 nm"]', '["400 nm","450 nm"]'),
        "",
        "camera.band",
        "passes none of the light",
    ),
    "band upside down": (
        ('["800 nm","850 nm"]', '["850 nm","800 nm"]'),
        "",
        "camera",
        "the first is the lower",
    ),
    "camera lacks keys": (("f_number = 2.0", ""), "", "camera", "lacks f_number"),
    "no pixels": (("pixels = [64,64]", "pixels = [0,64]"), "", "camera", "1 or more"),
    "efficiency above 1": (("qe = 0.35", "qe = 1.35"), "", "camera.qe", "no share"),
    # regions of interest
    "empty region of interest": (
        ('radius = "1.5 mm"\n[[roi]]', 'radius = "0.001 mm"\n[[roi]]'),
        "",
        "roi.0",
        "holds no pixel",
    ),
    "region of interest outside": (
        (
            'shape = "disc"\ncentre = ["0 mm","0 mm"]',
            'shape = "disc"\ncentre = ["30 mm","0 mm"]',
        ),
        "",
        "roi.0",
        "holds no pixel",
    ),
    "annulus inside out": (('inner = "5 mm"', 'inner = "9 mm"'), "", "roi.1", "below the outer"),
    "two of one name": (('name = "bg"', 'name = "tumour"'), "", "roi.1.name", "two regions"),
    "unknown role": (
        ('role = "target"', 'role = "targt"'),
        "",
        "roi.0.role",
        "did you mean 'target'",
    ),
    "missing mask": (
        ('shape = "annulus"', 'shape = "mask"\nfile = "no.tif"'),
        "",
        "roi.1.inner",
        "does not belong to a mask",
    ),
    # run
    "unknown method": (
        ('method = "auto"', 'method = "auot"'),
        "",
        "run.method",
        "did you mean 'auto'",
    ),
    "unknown output": (
        ('["metrics","image"]', '["metrics","film"]'),
        "",
        "run.outputs.1",
        "is not one of",
    ),
    "no accuracy": (("target_rel_err = 0.05", "target_rel_err = 0"), "", "run.target_rel_err", ""),
    "half a draw": (("draws = 0", "draws = 0.5"), "", "run.draws", ""),
    "spread below zero": (("", ""), "\n[spread]\nmua = -0.1\n", "spread.mua", ""),
}


@pytest.mark.parametrize("case", FAULTS)
def test_refused_with_its_place_and_its_words(case, scene_file):
    change, extra, key, words = FAULTS[case]
    path = scene_file(*([change] if change[0] else []), extra=extra)
    with pytest.raises(StudyError) as caught:
        read_scene(path)
    problems = caught.value.problems
    assert all(p.file == "scene.toml" for p in problems)
    mine = [p for p in problems if (p.key or "") == key]
    assert mine, f"no fault at {key}: {[p.key for p in problems]}"
    assert any(words in f"{p.message} {p.hint}" for p in mine), [p.message for p in mine]
    lines = path.read_text().splitlines()
    for one in mine:
        assert one.line is not None
        assert one.source == lines[one.line - 1]


def test_all_faults_are_told_at_once(scene_file):
    path = scene_file(
        ('voxel = "0.2 mm"', 'voxle = "0.2 mm"'),  # a table that is wrong in itself
        ("g = 0.9", "g = 1.5"),
        ('"3.5 mm"', '"9.5 mm"'),  # needs the domain, which is wrong: not told
        ("quantum_yield = 0.08", "quantum_yield = 2.0"),
        ('incidence = "0 deg"', 'incidence = "120 deg"'),
        ('["800 nm","850 nm"]', '["850 nm","800 nm"]'),
        ('inner = "5 mm"', 'inner = "9 mm"'),
        ('method = "auto"', 'method = "magic"'),
    )
    with pytest.raises(StudyError) as caught:
        read_scene(path)
    keys = [p.key for p in caught.value.problems]
    assert keys == [
        "domain.voxle",
        "materials.brain.g",
        "dye.quantum_yield",
        "illumination.incidence",
        "camera",
        "roi.1",
        "run.method",
    ]
    assert [p.line for p in caught.value.problems] == sorted(
        p.line for p in caught.value.problems if p.line
    )


def test_faults_of_one_good_table_show_beside_those_of_a_bad_one(scene_file):
    path = scene_file(("g = 0.9", "g = 2"), ('"1000 nM"', '"-3 nM"'), ('"3.5 mm"', '"0.5 mm"'))
    with pytest.raises(StudyError) as caught:
        read_scene(path)
    assert [p.key for p in caught.value.problems] == [
        "materials.brain.g",
        "inclusion.0",
        "concentration.tumour",
    ]


def test_a_table_of_concentrations_must_hold_the_times(scene_file):
    change = ('background = "200 nM"\ntumour = "1000 nM"', 'file = "c.csv"')
    path = scene_file(change)
    path.with_name("c.csv").write_text("time_h,region,conc_nM\n0,tumour,1\n12,tumour,9\n")
    with pytest.raises(StudyError, match="table covers 0 to 12 h"):
        read_scene(path)
    path = scene_file(change, ('times = ["24 h"]', "times = []"))
    with pytest.raises(StudyError, match="times are missing"):
        read_scene(path)


def height_scene(scene_file, height, *changes):
    path = scene_file(
        ('kind = "slab"', 'kind = "height_map"\nfile = "h.tif"'),
        ('["20 mm","20 mm","10 mm"]', '["20 mm","10 mm","10 mm"]'),
        ('voxel = "0.2 mm"', 'voxel = "0.5 mm"'),
        *changes,
    )
    tifffile.imwrite(path.with_name("h.tif"), np.asarray(height, dtype=np.float32))
    return path


@pytest.mark.parametrize(
    ("height", "message"),
    [
        (np.zeros((40, 20)), "has 20 x 40 pixels; the domain has 40 x 20"),
        (np.full((20, 40), -0.1), "runs from -0.1"),
        (np.full((20, 40), 10.0), "lies between z = 0 and the depth"),
        (np.full((20, 40), np.nan), "not finite"),
        (np.zeros((2, 20, 40)), "one plane is wanted"),
        (np.full((20, 40), 6.0), "nothing of 'tumour' is left"),
    ],
)
def test_impossible_height_maps_are_refused(scene_file, height, message):
    with pytest.raises(StudyError, match=message):
        read_scene(height_scene(scene_file, height))


def test_thin_layers_below_a_curved_surface_are_refused(scene_file):
    layer = (
        'name = "background"',
        'name = "top"\nthickness = "1.9 mm"\n[[layer]]\nmaterial = "brain"\nname = "background"',
    )
    with pytest.raises(StudyError, match="under 4 voxels"):
        read_scene(height_scene(scene_file, np.zeros((20, 40)), layer))


def label_scene(scene_file, labels, mapping, edge=0.5):
    path = scene_file(
        ('kind = "slab"', f'kind = "labels"\nfile = "x.nii.gz"\nmap = {mapping}'),
        ('size = ["20 mm","20 mm","10 mm"]', ""),
        ('voxel = "0.2 mm"', ""),
        (
            '[[layer]]\nmaterial = "brain"\nname = "background"',
            "",
        ),
        ('background = "200 nM"\n', ""),
    )
    image = nibabel.Nifti1Image(np.asarray(labels, dtype=np.int16), np.diag([edge, edge, edge, 1]))
    image.header.set_xyzt_units("mm")
    nibabel.save(image, path.with_name("x.nii.gz"))
    return path


def test_labels_must_be_mapped_and_present_and_thick(scene_file):
    labels = np.ones((40, 40, 20))
    with pytest.raises(StudyError, match="has no label 1"):
        read_scene(label_scene(scene_file, labels, '{2 = "brain"}'))
    with pytest.raises(StudyError, match="an empty region"):
        read_scene(label_scene(scene_file, labels, '{1 = "brain", 2 = "brain"}'))
    labels[10:13, :, 5:9] = 2
    thin = '{1 = "brain", 2 = {material = "brain", name = "vessel"}}'
    with pytest.raises(StudyError, match="'vessel' is nowhere 4 voxels thick"):
        read_scene(label_scene(scene_file, labels, thin))
    labels[10:14, :, 5:9] = 2
    scene = read_scene(label_scene(scene_file, labels, thin))
    assert [r.name for r in scene.regions] == ["brain", "vessel", "tumour"]


def test_steps_of_index_between_voxels_are_refused(scene_file):
    labels = np.ones((40, 40, 20))
    labels[:, :, 10:] = 2
    path = label_scene(scene_file, labels, '{1 = "brain", 2 = "other"}')
    path.write_text(
        path.read_text() + '[materials.other]\nmua = "0.1 /mm"\nmus = "1 /mm"\ng = 0.9\nn = 1.33\n'
    )
    with pytest.raises(StudyError, match="refractive indices differ"):
        read_scene(path)


def test_a_file_that_is_no_scene():
    with pytest.raises(StudyError, match="there is no such file"):
        read_scene("/nowhere/scene.toml")


def test_wavelengths_outside_the_tables_of_tissue_stop(scene_file):
    path = scene_file(
        ('mua = "0.02 /mm"\nmus = "10 /mm"', 'tissue = "brain"'),
        ("quantum_yield = 0.08", 'quantum_yield = 0.08\nemission = "1040 nm"'),
        ('["800 nm","850 nm"]', '["1020 nm","1060 nm"]'),
    )
    with pytest.raises(StudyError, match="its table covers 380 to 1000 nm"):
        read_scene(path)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("g = 0.9", "g = 1.0", "materials.brain.g"),
        ("n = 1.4", "n = 0.9", "materials.brain.n"),
        ("quantum_yield = 0.08", "quantum_yield = 1.2", "dye.quantum_yield"),
        ('incidence = "0 deg"', 'incidence = "90 deg"', "illumination.incidence"),
        ('working_distance = "200 mm"', 'working_distance = "-2 mm"', "camera.working_distance"),
        ("bits = 12", "bits = 0", "camera.bits"),
        ("draws = 0", "draws = -1", "run.draws"),
    ],
)
def test_a_fault_shows_its_value_and_a_way_out_and_makes_no_second_one(old, new, key, scene_file):
    with pytest.raises(StudyError) as caught:
        read_scene(scene_file((old, new)))
    (fault,) = caught.value.problems
    assert fault.key == key
    assert fault.value == new.split(" = ")[1].strip('"')
    assert fault.hint
