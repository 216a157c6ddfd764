"""Scenes as the transport takes them: labels, shapes, media with the dye's absorption."""

import math

import numpy as np
import pytest
import tifffile

from pdcraft.optics.scene_draws import scene_priors, scene_with
from pdcraft.optics.scene_read import read_scene
from pdcraft.optics.scene_volume import (
    beam_of,
    scene_domain,
    scene_medium,
    view_of,
)
from pdcraft.optics.solids import smooth_level_mm


def test_the_example_is_one_label_with_an_exact_sphere(scene_file):
    scene = read_scene(scene_file())
    domain = scene_domain(scene)
    assert np.all(domain.labels == 1)
    (ball,) = domain.shapes
    assert (ball.label, ball.center_mm, ball.half_mm) == (2, (0.0, 0.0, 3.5), (1.5, 1.5, 1.5))
    view = view_of(scene)
    assert (view.columns, view.rows, view.width_mm) == (64, 64, 16.0)
    assert beam_of(scene).distance_mm == math.inf


def test_media_hold_the_dyes_absorption_by_region(scene_file):
    scene = read_scene(scene_file())
    medium = scene_medium(scene, 760.0, scene.concentrations())
    added = math.log(10) * 2e5 * 1e-9 * 0.1 * np.array([0.0, 200.0, 1000.0])
    np.testing.assert_allclose(medium.mua_per_mm, [0.0, *(0.02 + added[1:])], rtol=1e-12)
    np.testing.assert_allclose(medium.n, [1.0, 1.4, 1.4], rtol=1e-12)
    bare = scene_medium(scene, 760.0)
    np.testing.assert_allclose(bare.mua_per_mm, [0.0, 0.02, 0.02], rtol=1e-12)
    # the dye absorbs again what it emits: 20 nm of Stokes shift
    again = scene_medium(scene, 800.0, scene.concentrations())
    assert 0.005 < again.mua_per_mm[2] - 0.02 < 0.04


def test_layers_are_exact_wherever_they_lie(scene_file):
    layers = '[[layer]]\nmaterial = "brain"\nname = "top"\nthickness = "0.33 mm"\n'
    scene = read_scene(scene_file(("[[layer]]", layers + "[[layer]]")))
    domain = scene_domain(scene)
    first, second = domain.shapes[:2]
    assert (first.label, second.label) == (1, 2)
    assert first.center_mm[2] + first.half_mm[2] == pytest.approx(0.33, rel=1e-12, abs=0)
    assert second.center_mm[2] - second.half_mm[2] == pytest.approx(0.33, rel=1e-12, abs=0)
    assert domain.labels[0, 0, 0] == 1
    assert domain.labels[0, 0, 2] == 2


def test_layers_below_a_height_map_follow_it(scene_file):
    layers = '[[layer]]\nmaterial = "brain"\nname = "top"\nthickness = "2 mm"\n'
    path = scene_file(
        ('kind = "slab"', 'kind = "height_map"\nfile = "h.tif"'),
        ('["20 mm","20 mm","10 mm"]', '["20 mm","10 mm","10 mm"]'),
        ('voxel = "0.2 mm"', 'voxel = "0.5 mm"'),
        ("[[layer]]", layers + "[[layer]]"),
    )
    height = np.zeros((20, 40), dtype=np.float32)
    height[:, 20:] = 3.0
    tifffile.imwrite(path.with_name("h.tif"), height)
    labels = scene_domain(read_scene(path)).labels
    assert labels[0, 0, :5].tolist() == [1, 1, 1, 1, 2]
    assert labels[30, 0, :12].tolist() == [0] * 6 + [1] * 4 + [2] * 2


def test_the_distance_to_a_ball_of_voxels():
    x = (np.arange(40) - 19.5) * 0.25
    r = np.sqrt(x[:, None, None] ** 2 + x[None, :, None] ** 2 + x[None, None, :] ** 2)
    got = smooth_level_mm(r < 3.0, (0.25, 0.25, 0.25))
    near = np.abs(r - 3.0) < 0.6
    # a voxel of 0.25 mm: half a voxel at most, a fifth on average
    assert np.abs(got - (3.0 - r))[near].max() < 0.125
    assert np.abs(np.mean((got - (3.0 - r))[near])) < 0.05


def test_draws_change_what_they_name_and_nothing_else(scene_file):
    plain = 'mua = "0.02 /mm"\nmus = "10 /mm"\ng = 0.9\nn = 1.4\nautofluorescence = "0 nM"'
    extra = "\n[spread]\nuptake = 0.3\nepsilon = 0.2\n"
    scene = read_scene(scene_file((plain, 'tissue = "brain"'), extra=extra))
    priors = {p.name: p for p in scene_priors(scene)}
    kinds = {p.kind for p in priors.values()}
    assert kinds == {"absorption", "scattering", "dye", "autofluorescence", "uptake"}
    more = scene_with(scene, {"material.brain.blood_volume": 0.06})
    old, new = scene_medium(scene, 760.0), scene_medium(more, 760.0)
    assert np.all(new.mua_per_mm[1:] > old.mua_per_mm[1:])
    np.testing.assert_array_equal(new.mus_per_mm, old.mus_per_mm)
    twice = scene_with(scene, {"uptake.tumour": 2.0})
    assert twice.concentrations() == {"background": 200.0, "tumour": 2000.0}
    brighter = scene_with(scene, {"dye.epsilon_factor": 1.5})
    assert float(brighter.dye.epsilon_at(760.0)) == pytest.approx(3e5, rel=1e-9, abs=0)
    all_low = scene_with(scene, {n: p.quantile(0.01) for n, p in priors.items()})
    assert scene_medium(all_low, 760.0, all_low.concentrations()).labels == 3


def test_a_lognormal_of_the_spread_has_its_coefficient_of_variation(scene_file):
    scene = read_scene(scene_file(extra="\n[spread]\nmua = 0.3\n"))
    (prior,) = [p for p in scene_priors(scene) if p.name == "material.brain.mua"]
    values = np.array([prior.quantile((i + 0.5) / 4000) for i in range(4000)])
    # 4000 midpoints lose some of the tails
    assert values.std() / values.mean() == pytest.approx(0.3, rel=0.02, abs=0)
    made = scene_with(scene, {prior.name: 1.5})
    assert scene_medium(made, 760.0).mua_per_mm[1] == pytest.approx(0.03, rel=1e-12, abs=0)
