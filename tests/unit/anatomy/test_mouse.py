"""The stylised mouse against the volumes of its atlas and isometric scaling."""

import numpy as np
import pytest

from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.mouse import mouse_body
from pdcraft.anatomy.volumes import box_points, region_volumes_cm3
from pdcraft.errors import DataError

#: Digimouse label volumes, cm3 (Dogdas 2007): both of a pair, walls with contents.
ATLAS_cm3 = {
    "liver": 2.008,
    "kidneys": 0.4954,
    "spleen": 0.1392,
    "pancreas": 0.044,
    "stomach": 0.2255,
    "urinary_bladder": 0.1898,
    "heart_wall": 0.2228,
    "brain": 0.4163,
    "testes": 0.149,
    "adrenals": 0.0058,
    "lungs": 0.4171,
    "skeleton": 1.1815,
}
ATLAS_BODY_cm3, ATLAS_BODY_g = 22.387, 23.3975


def volumes(body):
    own = dict(zip(body.regions, body.volume_cm3, strict=True))
    for name in ("stomach", "urinary_bladder"):
        own[name] = own[f"{name}_wall"] + own[f"{name}_contents"]
    return own


def test_organs_have_the_volumes_of_the_atlas():
    body = mouse_body(25.0)
    factor = 25.0 / body.own_mass_g.sum()
    assert factor == pytest.approx(1.0, rel=1e-12, abs=0)
    # the stylised body weighs what the atlas's labels weigh: volume and mass match together
    per_volume = ATLAS_BODY_cm3 * 25.0 / ATLAS_BODY_g
    assert body.volume_cm3.sum() == pytest.approx(per_volume, rel=2e-3, abs=0)
    own = volumes(body)
    for region, volume in ATLAS_cm3.items():
        want = volume * 25.0 / ATLAS_BODY_g
        assert own[region] == pytest.approx(want, rel=5e-3, abs=0), region  # the fit of the factors


def test_shipped_volumes_are_those_of_the_shipped_solids():
    body = mouse_body(23.4)
    got = region_volumes_cm3(body, 14)
    # Sobol points: 5 % of the thinnest (adrenals, walls), and of no more than one in ten thousand
    assert got == pytest.approx(body.volume_cm3, rel=0.06, abs=0)
    assert got[body.index("liver")] == pytest.approx(
        body.volume_cm3[body.index("liver")], rel=0.01, abs=0
    )


def test_masses_are_isometric():
    light, heavy = mouse_body(20.0), mouse_body(35.0)
    assert heavy.volume_cm3 == pytest.approx(light.volume_cm3 * 1.75, rel=1e-12, abs=0)
    span = [np.diff(b.bounds_cm, axis=0)[0] for b in (light, heavy)]
    assert span[1] == pytest.approx(span[0] * 1.75 ** (1 / 3), rel=1e-9, abs=0)
    rng = np.random.default_rng(1)
    points = rng.uniform(*light.bounds_cm, (5000, 3))
    assert np.array_equal(region_of(light, points), region_of(heavy, points * 1.75 ** (1 / 3)))


def test_reference_masses_are_in_proportion_to_the_body():
    body = mouse_body(30.0)
    table = body.mass_table()
    assert table.name == "RADAR 30 g"
    assert table.mass_g("kidneys") == pytest.approx(0.374, rel=1e-9, abs=0)  # Keenan 2010
    assert mouse_body(24.0).mass_table().mass_g("liver") == pytest.approx(
        2.15 * 0.8, rel=1e-9, abs=0
    )
    assert sum(table.mass_g(r) for r in body.regions) == pytest.approx(30.0, rel=1e-12, abs=0)


def test_left_right_front_back():
    body = mouse_body()
    points = box_points(body.bounds_cm, 16)
    where = region_of(body, points)

    def center(region):
        return points[where == body.index(region)].mean(axis=0)

    assert center("spleen")[0] > 0.5
    assert center("stomach_wall")[0] > 0.4
    assert center("kidneys")[1] > 0.3 > 0 > center("urinary_bladder_wall")[1]
    assert center("brain")[2] > center("heart_wall")[2] > center("liver")[2] > center("testes")[2]


@pytest.mark.parametrize("mass_g", [19.9, 35.1, float("nan")])
def test_other_masses_are_refused(mass_g):
    with pytest.raises(DataError, match="20 to 35 g"):
        mouse_body(mass_g)
