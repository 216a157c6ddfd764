"""Scenes mangled at random: each is read and can be used, or is refused as a user's error."""

import random
import re
import warnings

import numpy as np
import pytest

from pdcraft.errors import StudyError
from pdcraft.optics.scene_draws import scene_priors
from pdcraft.optics.scene_nodes import scene_nodes
from pdcraft.optics.scene_read import read_scene
from pdcraft.optics.scene_volume import scene_domain, scene_medium

VALUES = (
    *("0", "-1", "1", "2", "0.5", "1e9", "1e-9", "nan", "inf", "-inf", "true", "[]", "{}", '""'),
    *('"0 mm"', '"-3 mm"', '"1e6 mm"', '"1 nm"', '"5 nM"', '"brain"', '"x"', '"nan mm"', '"1 mm'),
    *('["1 mm"]', '["1 mm","1 mm","1 mm"]', '["a","b"]', '"800 nm"', '"0.001 mm"', '"{}"', '"é"'),
    *('"500 nm"', '"1e3 /mm"', '"0 nM"', '"1 e"', "99", "{a = 1}", "1979-05-27", '"plate"', "[[]]"),
)
ROWS = (
    *('shape = "box"', 'size = ["2 mm","2 mm","2 mm"]', 'axis = "y"', 'length = "3 mm"'),
    *('kind = "height_map"', 'kind = "mouse"', 'name = "custom"', 'tissue = "skin"', "fat = 0.9"),
    *(
        "[dye]",
        "[[inclusion]]",
        "[materials.other]",
        'file = "no.csv"',
        'fwhm = "30 nm"',
        "g = 0.0",
    ),
    *('excitation = "760 nm"', 'emission = "820 nm"', "priority = 3", 'preset = "open-field"', "]"),
)


def mangled(text, rng):
    """Change one or two things of a file."""
    lines = text.splitlines()
    for _ in range(rng.randint(1, 2)):
        i = rng.randrange(len(lines))
        what = rng.randrange(7)
        if what == 0:
            del lines[i]
        elif what == 1:
            lines.insert(i, lines[rng.randrange(len(lines))])
        elif what == 2 and "=" in lines[i]:
            lines[i] = lines[i].split("=")[0] + "= " + rng.choice(VALUES)
        elif what == 3:
            lines.insert(i, rng.choice(ROWS))
        elif what == 4:
            numbers = [*re.finditer(r"\d+\.?\d*", lines[i])]
            if numbers:
                hit = rng.choice(numbers)
                new = f"{float(hit[0]) * rng.choice([-1, 0, 0.01, 0.5, 1.01, 3, 1000]):g}"
                lines[i] = lines[i][: hit.start()] + new + lines[i][hit.end() :]
        elif what == 5 and lines[i]:
            at = rng.randrange(len(lines[i]))
            lines[i] = lines[i][:at] + rng.choice("abz=[]\"'{}#. \t\x00") + lines[i][at + 1 :]
        else:
            j = rng.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
        if not lines:
            lines = [""]
    return "\n".join(lines) + "\n"


def check(path):
    """Read; use what was read. Returns whether it was accepted."""
    refusal = None
    try:
        scene = read_scene(path)
    except StudyError as error:
        refusal = error
    if refusal is not None:
        assert refusal.problems
        assert all(p.message for p in refusal.problems)
        return False
    if scene.domain.kind == "slab":
        domain = scene_domain(scene)
        medium = scene_medium(scene, scene.illumination.wavelength_nm, scene.concentrations())
        assert domain.largest_label < medium.labels
        assert np.all(medium.mua_per_mm >= 0.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = scene_nodes(scene)
        assert np.all(nodes.excitation.weight >= 0.0)
    for prior in scene_priors(scene):
        assert prior.quantile(0.1) <= prior.quantile(0.9)
    return True


@pytest.mark.parametrize("seed", range(40))
def test_a_mangled_scene_is_read_or_refused(seed, scene_file):
    path = scene_file()
    rng = random.Random(seed)
    path.write_text(mangled(path.read_text(), rng))
    check(path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_thousands_of_mangled_scenes_are_read_or_refused(seed, scene_file):
    path = scene_file()
    text = path.read_text()
    rng = random.Random(1000 + seed)
    accepted = 0
    for _ in range(500):
        path.write_text(mangled(text, rng))
        accepted += check(path)
    assert 10 < accepted < 490  # both answers are given often
