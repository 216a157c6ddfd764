"""No region holds more than was administered, and none longer than for ever."""

import numpy as np
import pytest

from pdcraft.data.nuclides import half_life_h
from pdcraft.errors import DataError
from pdcraft.io.biodist import read_biodist
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.population import fit_biodist
from pdcraft.kinetics.region_fit import FitOptions

TIMES = (1, 4, 24, 48, 96, 144)
# T1/2 / ln 2 of I-131 with 8.025 d: 277.9 h
FOREVER_h = half_life_h("I-131") / np.log(2)


def file_of(folder, curves, unit="%IA", sd=None, subjects=("",)):
    """Write a file; `curves` maps regions to functions of time."""
    rows = ["region,subject,time_h,value,sd,unit"]
    for region, curve in curves.items():
        for subject in subjects:
            for t in TIMES:
                error = "" if sd is None else f"{sd:.6g}"
                rows.append(f"{region},{subject},{t},{curve(t):.6g},{error},{unit}")
    path = folder / "b.csv"
    path.write_text("\n".join(rows) + "\n")
    return read_biodist(path)


def fit(data, **known):
    return fit_biodistribution(data, "I-131", options=FitOptions(draws=100), **known)


def test_five_times_what_was_administered_is_refused_by_line(tmp_path):
    data = file_of(tmp_path, {"liver": lambda t: 500 * np.exp(-0.001 * t)})
    with pytest.raises(DataError) as caught:
        fit(data)
    problems = caught.value.problems
    assert [p.line for p in problems] == [2, 3, 4, 5, 6, 7]
    assert problems[0].file == "b.csv"
    assert "liver at 1 h holds 499.5 % of the administered amount" in problems[0].message
    assert "%IA/g" in problems[0].hint


def test_the_population_fit_refuses_it_as_well(tmp_path):
    curve = {"liver": lambda t: 500 * np.exp(-0.01 * t)}
    with pytest.raises(DataError, match="holds 495 % of the administered"):
        fit_biodist(file_of(tmp_path, curve, subjects=("a", "b", "c")), "I-131")
    two = dict.fromkeys(("liver", "kidneys"), lambda t: 70 * np.exp(-0.01 * t))
    with pytest.raises(DataError, match="subject a, 1 h: liver, kidneys together hold"):
        fit_biodist(file_of(tmp_path, two, subjects=("a", "b", "c")), "I-131")


def test_concentrations_have_no_such_limit(tmp_path):
    data = file_of(tmp_path, {"tumor": lambda t: 500 * np.exp(-0.01 * t)}, unit="%IA/g")
    assert fit(data).region("tumor").model == "exp1"


@pytest.mark.parametrize(("value", "sd", "refused"), [
    (109, 1, False), (113, None, True), (113, 1, True), (113, 7, False),
])  # fmt: skip
def test_values_may_lie_above_by_a_tenth_or_two_errors(tmp_path, value, sd, refused):
    # at the first time, 1 h, the value is 1% less
    data = file_of(tmp_path, {"total_body": lambda t: value * np.exp(-0.01 * t)}, sd=sd)
    if refused:
        with pytest.raises(DataError, match="line 2"):
            fit(data)
    else:
        assert fit(data).region("total_body").model


def test_activities_are_limited_by_the_administered_one(tmp_path):
    data = file_of(tmp_path, {"liver": lambda t: 30 * np.exp(-0.01 * t)}, unit="MBq")
    with pytest.raises(DataError, match=r"holds 297 % .*30|297"):
        fit(data, administered_MBq=10.0)
    assert fit(data, administered_MBq=40.0).region("liver").model


def test_regions_apart_hold_no_more_than_all_together(tmp_path):
    def most(t):
        return 70 * np.exp(-0.01 * t)

    with pytest.raises(DataError) as caught:
        fit(file_of(tmp_path, {"liver": most, "kidneys": most}))
    message = caught.value.problems[0].message
    assert message.startswith("1 h: liver, kidneys together hold 138.6 % of the administered")
    # what lies in another region, in organs (blood), or in a measured whole body, is no sum
    for two in (("kidneys", "left_kidney"), ("liver", "blood"), ("liver", "lesion:a"),
                ("small_intestine_wall", "intestine"), ("skeleton", "red_marrow")):  # fmt: skip
        assert fit(file_of(tmp_path, dict.fromkeys(two, most))).regions
    with_body = {"liver": most, "kidneys": most, "total_body": lambda t: 100 * np.exp(-0.01 * t)}
    assert fit(file_of(tmp_path, with_body)).regions


def test_the_sum_is_one_of_each_subject(tmp_path):
    def half(t):
        return 40 * np.exp(-0.01 * t)

    data = file_of(tmp_path, {"liver": half, "kidneys": half}, subjects=("a", "b"))
    assert fit(data).regions  # 80% in each, 160% in both


def test_draws_above_for_ever_are_flagged_not_refused(tmp_path):
    # a whole body that keeps all: some of what fits it lies above, by its errors, and more of it
    # below, since a carrier may leave but not grow
    rng = np.random.default_rng(3)
    data = file_of(tmp_path, {"total_body": lambda _: 100 + rng.standard_normal()}, sd=1)
    one = fit(data).region("total_body")
    assert one.tiac_h.mean() == pytest.approx(FOREVER_h, rel=0.05, abs=0)
    assert 0 < one.share_above_limit < 1
    (flag,) = (f for f in one.flags if f.startswith("exceeds physical limit"))
    assert f"{FOREVER_h:.4g} h" in flag
    # of a nuclide of 64 h the same draws are measured against its own limit
    assert "92." in next(
        f for f in one.integrated(64.05, "fitted").flags if f.startswith("exceeds")
    )


def test_an_integral_beyond_for_ever_is_refused(tmp_path):
    # each value is within its stated error, the curve through all of them is not
    data = file_of(tmp_path, {"total_body": lambda _: 125}, sd=13)
    with pytest.raises(
        DataError, match=r"integral of total_body is 3\d\d.* h, above T1/2 / ln 2 = 27"
    ):
        fit(data)
