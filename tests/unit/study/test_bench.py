"""A bench study from its file to its rows: groups, payloads, bad input."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pdcraft.errors import StudyError
from pdcraft.study.recipes.bench import run_bench
from pdcraft.study.recipes.bench_agents import bench_agent
from pdcraft.study.recipes.bench_power import significant
from pdcraft.study.recipes.bench_tracer import tracer

EXAMPLES = Path(__file__).parents[3] / "examples"
HEAD = 'schema = "pdcraft.study/1"\nname = "t"\nseed = 3\ndraws = 40\n[bench]\n'
DESIGN = '[bench.design]\nper_group = 6\nuntil = "70 d"\n'
VEHICLE = '[[bench.group]]\nname = "vehicle"\n'


def treated(name, agent, amount, at="0 d", extra=""):
    return (
        f'[[bench.group]]\nname = "{name}"\nagent = "{agent}"\n{extra}'
        f'[[bench.group.administration]]\namount = "{amount}"\nat = "{at}"\n'
    )


@pytest.fixture
def bench(tmp_path):
    def run(text, **options):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return run_bench(path, **options)

    return run


def value(result, kind, model, group):
    row = result.run.row(f"bench/{kind}/model:{model}/bench/mouse/{group}")
    return row.summary["value"]


def test_more_activity_means_more_dose_and_longer_survival(bench):
    text = HEAD + 'models = ["PC3"]\n' + DESIGN + VEHICLE
    text += treated("low", "CLR 131", "1 MBq") + treated("high", "CLR 131", "10 MBq")
    got = bench(text)
    low, high = (value(got, "absorbed_dose", "PC3", g) for g in ("low", "high"))
    assert high == pytest.approx(10 * low, rel=0.02, abs=0)  # animals differ between the groups
    days = [value(got, "mean_survival", "PC3", g) for g in ("vehicle", "low", "high")]
    assert days[0] < days[2]
    assert days[1] < days[2]
    delay = value(got, "growth_delay", "PC3", "high")
    assert delay == pytest.approx(days[2] - days[0], rel=1e-9, abs=0)


def test_a_group_that_starts_larger_ends_sooner(bench):
    text = HEAD + 'models = ["PC3"]\n' + DESIGN + VEHICLE
    text += '[[bench.group]]\nname = "large"\nstart_volume = "600 mm^3"\n'
    got = bench(text)
    days = [value(got, "mean_survival", "PC3", g) for g in ("vehicle", "large")]
    # four times the default volume: two doublings, 6 to 30 days in all but the rarest draws
    assert 4.0 < days[0] - days[1] < 40.0


def test_tumor_dose_rate_is_that_of_its_decaying_content():
    found = tracer(bench_agent("CLR 131"), draws=20, seed=1, body_g=20.0, tumor_g=0.15)
    time = np.array([24.0, 200.0, 400.0])
    rate = found.dose_rate("tumor", [0.0], [1.0]).at(time)
    content = found.mass_g["tumor"] * found.concentration_per_g("tumor", time)
    own = found.S_Gy_per_MBq_h["tumor"]["tumor"] * content
    # gamma rays from elsewhere add a little
    assert np.all(rate >= own * (1.0 - 1e-9))
    assert np.all(rate < 1.5 * own)


def test_censored_animals_are_no_events_of_the_planned_test():
    # both leave on the same days; those of the treated group for another reason than volume
    day = np.tile(np.arange(10.0, 22.0), (1, 2, 1))
    event = np.ones((1, 2, 12), dtype=bool)
    options = {"test": "log-rank", "alpha": 0.05, "visit": 0}
    same = SimpleNamespace(removed=SimpleNamespace(day=day, event=event))
    assert significant(same, 1, 0, 12, **options).tolist() == [0.0]
    event = event.copy()
    event[:, 1] = False
    lost = SimpleNamespace(removed=SimpleNamespace(day=day, event=event))
    assert significant(lost, 1, 0, 12, **options).tolist() == [1.0]


def test_an_empty_treatment_is_the_control(bench):
    text = HEAD + 'models = ["virtual-004"]\n' + DESIGN + VEHICLE
    text += treated("none", "CLR 131", "1e-6 MBq")
    got = bench(text, draws=400)
    numbers = got.numbers[0].by_kind["mean_survival"]
    difference = numbers[:, 1] - numbers[:, 0]
    error = difference.std() / np.sqrt(400)
    assert abs(difference.mean()) < 4 * error  # false alarm 6e-5; sees 3 days
    # a test at 5 %: 20 expected of 400, up to 4 standard errors more
    assert got.numbers[0].by_kind["statistical_power"][:, 1].mean() < 0.05 + 4 * 0.011


def test_all_payloads_share_a_bench(bench):
    linker = 'linker = { plasma = "200 h", tissue = "100 h", tumor = "24 h" }\n'
    text = HEAD + 'models = ["A2780"]\n' + DESIGN + 'imaging = ["24 h", "96 h"]\n'
    text += 'compare_at = "10 d"\n' + VEHICLE
    text += treated("radio", "CLR 131", "7.4 MBq") + treated("dye", "CLR 1502", "50 nmol")
    text += treated("plain", "paclitaxel", "0.6 mg")
    text += "".join(
        f'[[bench.group.administration]]\namount = "0.6 mg"\nat = "{d} d"\n' for d in (4, 8)
    )
    text += treated("conjugate", "CLR 1603-PTX", "700 nmol", extra=linker)
    got = bench(text)
    # a dye does not treat, and shows contrast
    dye, plain = np.log(got.numbers[0].by_kind["treated_over_control"][:, 2:4]).T
    error = dye.std() / np.sqrt(dye.size)
    assert abs(dye.mean()) < 4 * error
    assert error < 0.15
    assert plain.mean() < -4 * error
    row = got.run.row("bench/ratio/model:A2780/bench/mouse/dye/96")
    assert row.summary["value"] > 1.0


def test_resection_and_metastases(bench):
    text = HEAD + 'models = ["MDA-MB-231"]\nleave_out = "mouse-clr125-tnbc"\n' + DESIGN
    text += '[bench.metastases]\nnumber = 5.0\nradius = "100 um"\n' + VEHICLE
    text += '[[bench.group]]\nname = "surgery"\nresection = "7 d"\n'
    text += treated("adjuvant", "CLR 125", "74 MBq", "14 d", 'resection = "7 d"\n')
    got = bench(text)
    assert value(got, "relapse_free_probability", "MDA-MB-231", "adjuvant") > value(
        got, "relapse_free_probability", "MDA-MB-231", "surgery"
    )
    # nothing grows after resection: no event of volume
    assert value(got, "mean_survival", "MDA-MB-231", "surgery") == pytest.approx(
        70, rel=0.01, abs=0
    )
    # the primary is gone before the dose: it has none, and no picture; metastases have
    ids = {row.id for row in got.run.results}
    assert not [i for i in ids if "adjuvant" in i and ("absorbed_dose/model" in i or "per_g" in i)]


def test_a_primary_has_its_dose_until_resection(bench):
    text = HEAD + 'models = ["MDA-MB-231"]\n' + DESIGN
    text += '[bench.metastases]\nnumber = 2.0\nradius = "40 um"\n' + VEHICLE
    text += treated("before", "CLR 125", "10 MBq", extra='resection = "7 d"\n')
    text += treated("after", "CLR 125", "10 MBq", "14 d", 'resection = "7 d"\n')
    text += treated("stays", "CLR 125", "10 MBq")
    got = bench(text, draws=20)  # MBq of the same nuclide as above: its S values are read once
    dose = got.numbers[0].by_kind["absorbed_dose"].mean(axis=0)
    assert np.isnan(dose[2])
    assert 0.2 * dose[3] < dose[1] < 0.95 * dose[3]
    assert [t.first_d for t in got.plan.treatments] == [0.0, 0.0, 14.0, 0.0]
    complete = got.numbers[0].by_kind["complete_response_probability"]
    assert np.isnan(complete[:, 1:3]).all()  # what is cut out has not responded


def test_a_drug_reaches_metastases_too(bench):
    text = HEAD + 'models = ["A2780"]\n' + DESIGN.replace("70 d", "35 d")
    text += '[bench.metastases]\nnumber = 3.0\nradius = "100 um"\n' + VEHICLE
    text += treated("drug", "paclitaxel", "0.6 mg") + "".join(
        f'[[bench.group.administration]]\namount = "0.6 mg"\nat = "{d} d"\n' for d in (4, 8, 12)
    )
    got = bench(text)
    none, drug = got.numbers[0].by_kind["relapse_free_probability"].mean(axis=0)
    assert drug > none + 0.3  # ln(1000)/0.273 = 25 d to be seen; four doses add some 16 d


def test_published_figures_stand_beside_what_they_measure(bench):
    text = HEAD + 'models = ["MDA-MB-231"]\n' + DESIGN + VEHICLE + treated("a", "CLR 125", "20 MBq")
    got = bench(text)
    published = got.run.row("bench/absorbed_dose/model:MDA-MB-231, published/bench/mouse/a")
    assert published.origin == "published"
    assert published.summary["value"] == pytest.approx(0.261 * 20, rel=1e-9, abs=0)
    assert published.compare_with == ("bench/absorbed_dose/model:MDA-MB-231/bench/mouse/a",)
    volume = got.run.row("bench/treated_over_control/model:MDA-MB-231, published/bench/mouse/a")
    assert volume.summary["value"] == 0.40  # 60 % less than with vehicle, not than at entry


def test_figures_of_the_animals_left_out_are_left_out_too(bench):
    """4T07's own uptake comes from the mice whose dose is to be predicted."""
    text = 'models = ["4T07", "4T1", "A2780"]\n' + DESIGN + VEHICLE
    seen = bench(HEAD + text)
    blind = bench(HEAD + 'leave_out = "mouse-nm600-4t"\n' + text)

    def origins(result):
        return [m.provenance["uptake"].origin for m in result.study.members]

    assert origins(seen) == ["measured", "measured", "pooled"]
    assert origins(blind) == ["pooled", "pooled", "pooled"]
    assert blind.study.members[2].given == seen.study.members[2].given


def test_power_of_smaller_groups_is_told(bench):
    text = HEAD + 'models = ["A2780"]\n' + DESIGN + VEHICLE + treated("a", "CLR 131", "20 MBq")
    got = bench(text + "[bench.analysis]\nsizes = [3, 4, 6]\n")
    where = "bench/statistical_power/model:A2780/bench/mouse"
    rates = [got.run.row(f"{where}/{arm}").summary for arm in ("a, 3 animals", "a, 4 animals", "a")]
    share = [r["value"] for r in rates]
    assert share == sorted(share)
    assert rates[0]["std_err"] == pytest.approx(
        (share[0] * (1 - share[0]) / 40) ** 0.5, rel=1e-9, abs=0
    )
    fewest = got.run.row("bench/animals_per_group/model:A2780/bench/mouse/a").summary["value"]
    assert fewest == min(n for n, p in zip((3, 4, 6), share, strict=True) if p >= 0.8)


def test_same_seed_same_rows(bench):
    text = HEAD + 'models = ["PC3", "virtual-001"]\n' + DESIGN + VEHICLE
    first = bench(text)
    assert first.run.results == bench(text).run.results
    other = bench(text, seed=4)
    assert other.run.results != first.run.results


def test_a_group_may_be_one_animal(bench):
    design = DESIGN.replace("per_group = 6", "per_group = 1")
    got = bench(HEAD + 'models = ["PC3"]\n' + design + VEHICLE + treated("a", "CLR 131", "1 MBq"))
    assert value(got, "mean_survival", "PC3", "a") > 0
    assert not [r for r in got.run.results if r.quantity.key == "statistical_power"]


def test_models_do_not_depend_on_their_company(bench):
    alone = bench(HEAD + 'models = ["PC3"]\n' + DESIGN + VEHICLE)
    both = bench(HEAD + 'models = ["U251", "PC3"]\n' + DESIGN + VEHICLE)
    key = "bench/mean_survival/model:PC3/bench/mouse/vehicle"
    assert alone.run.row(key) == both.run.row(key)


def test_own_model_carries_its_source(bench):
    text = HEAD + "models = []\n" + DESIGN + VEHICLE
    text += '[[bench.model]]\nname = "mine"\nindication = "colon"\ndoubling = "5 d"\n'
    text += 'spread = 0.2\nanimals = 8\nsource = "our records of 2026"\n'
    got = bench(text)
    assert any("our records of 2026" in a.text for a in got.run.assumptions)
    assert not any(a.value.startswith("1 1") for a in got.run.assumptions)
    middle = np.median(got.numbers[0].by_kind["mean_survival"])
    assert 15 < middle < 60


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('models = "all"\n' + DESIGN, "no groups"),
        ('models = ["PC4"]\n' + DESIGN + VEHICLE, "did you mean 'PC3'"),
        ('models = "all"\n[bench.design]\nper_group = -3\n' + VEHICLE, "greater than or equal"),
        ('models = "all"\n[bench.design]\nstart_volume = "1 mm^3"\n' + VEHICLE, "the entry limits"),
        ('models = "all"\n[bench.design]\nlimit = "200 mm^3"\n' + VEHICLE, "not above the entry"),
        ('models = "all"\n' + DESIGN + VEHICLE + VEHICLE, "two groups are called 'vehicle'"),
        (
            'models = "all"\n' + DESIGN + VEHICLE + treated("a", "CLR 132", "1 MBq"),
            "no agent is called 'CLR 132'",
        ),
        (
            'models = "all"\n' + DESIGN + VEHICLE + treated("a", "CLR 131", "5 mg"),
            "is not given as drug mass",
        ),
        (
            'models = "all"\n' + DESIGN + VEHICLE + treated("a", "CLR 1603-PTX", "5 nmol"),
            "no release rate is published",
        ),
        (
            'models = "all"\n' + DESIGN + VEHICLE + treated("a", "CLR 131", "1 MBq", "90 d"),
            "after the end of the study",
        ),
        ('models = "all"\n' + DESIGN + treated("a", "CLR 131", "1 MBq"), "no group is untreated"),
        (
            'models = "all"\n' + DESIGN + VEHICLE + treated("a", "paclitaxel", "10 g"),
            "more than 1 % of its mass",
        ),
        (
            'models = "all"\n' + DESIGN + VEHICLE + "[bench.analysis]\nsizes = [4, 20]\n",
            "analysis of 20 animals",
        ),
        (
            'models = []\n' + DESIGN + VEHICLE
            + '[[bench.model]]\nname = "m"\nindication = "colon"\ndoubling = "5 d"\nspread = 0.1\n'
            + "animals = 5\n",
            "source",
        ),
        ('models = "all"\nleave_out = "mice"\n' + DESIGN + VEHICLE, "draws without"),
        (
            'models = "all"\n' + DESIGN + VEHICLE
            + '[[bench.group]]\nname = "b"\nresection = "1 d"\n',
            "no metastases",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_the_reason(bench, text, words):
    with pytest.raises(StudyError, match=words):
        bench(HEAD + text)


def test_a_study_of_another_kind_is_sent_to_pdcraft_run(bench):
    with pytest.raises(StudyError, match="pdcraft run takes other studies") as found:
        bench(HEAD.replace("[bench]", '[agent]\nname = "CLR 131"\n[host]\nspecies = "mouse"'))
    assert len(found.value.problems) == 1


@pytest.mark.parametrize(
    "name", ["xenograft_bench", pytest.param("clr125_tnbc_bench", marks=pytest.mark.slow)]
)
def test_examples_run_at_reduced_size(name, tmp_path):
    path = EXAMPLES / name / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    small = text.replace('models = "all" ', 'models = ["PC3", "virtual-001"] ')
    small = small.replace('at = "21 d"', 'at = "15 d"').replace('until = "120 d"', 'until = "60 d"')
    copy = tmp_path / "study.toml"
    copy.write_text(small, encoding="utf-8")
    got = run_bench(copy, draws=20)
    assert {r.stage for r in got.run.results} == {"bench"}
    assert all(np.isfinite(s.value).all() for s in got.run.series)
