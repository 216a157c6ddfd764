"""``pdcraft design`` of Phase II and survival: documents as in their schemas, numbers, refusals."""

import json
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app

TWO_STAGE = ("simon", "--p0", "0.1", "--p1", "0.3", "--alpha", "0.05", "--beta", "0.2")
BAYES = ("bayes-phase2", "--p0", "0.2", "--p1", "0.4", "--n", "36")
BASKET = (
    "basket", "--p0", "0.2 0.2", "--p1", "0.45 0.45", "--n", "12,12", "--trials", "100",
)  # fmt: skip
PFS = ("group-sequential", "--hazard-ratio", "0.6", "--control-median", "6")


def document(capsys, *arguments, status=0):
    assert run_app(["design", *arguments, "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    kind = found["schema"].removeprefix("pdcraft.").removesuffix("/1")
    text = files("pdcraft.data").joinpath("schema", f"{kind}.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return found


def test_simon_gives_both_designs(capsys):
    found = document(capsys, *TWO_STAGE)
    assert found["schema"] == "pdcraft.design-simon/1"
    keys = ("r1", "n1", "r", "n")
    assert [found["optimal"][k] for k in keys] == [1, 10, 5, 29]
    assert [found["minimax"][k] for k in keys] == [1, 15, 5, 25]
    assert found["optimal"]["EN0"] == pytest.approx(15.01, abs=0.005)
    assert found["optimal"]["PET0"] == pytest.approx(0.736, abs=5e-4)
    assert found["result"] is None


def test_simon_after_the_trial(capsys):
    found = document(capsys, *TWO_STAGE, "--responses", "7", "--treated", "27", "--first", "3")
    result = found["result"]
    assert result["reject"] is True
    assert result["interval"]["low"] < result["estimate"] < result["interval"]["high"]
    assert result["interval"]["low"] == result["p_value_interval"]["low"]
    rule = document(capsys, *TWO_STAGE, "--responses", "8", "--plan", "1/9 4/24")["result"]
    assert rule["estimate"] == pytest.approx(0.3557063480356, rel=1e-10)


def test_bayes_with_toxicity(capsys):
    more = ("--looks", "10 20", "--toxicity-limit", "0.3", "--toxicity-rate", "0.1 0.6")
    now = ("--responses", "5", "--treated", "20", "--toxic", "12")
    found = document(capsys, *BAYES, *more, *now)
    assert [look["n"] for look in found["looks"]] == [10, 20, 36]
    assert found["type_I_error"] < 0.05 < 0.8 < found["power"]
    assert len(found["characteristics"]) == 4
    assert found["current"]["decision"] == "toxic"


def test_basket_compares_with_and_without(capsys):
    found = document(
        capsys, *BASKET, "--names", "MCL CLL", "--interim", "5 5", "--responses", "5 1",
        "--true-rate", "0.2 0.2", "--true-rate", "0.45 0.2",
    )  # fmt: skip
    assert [m["model"] for m in found["models"]] == ["independent", "exnex"]
    assert found["names"] == ["MCL", "CLL"]
    assert [s["name"] for s in found["models"][0]["scenarios"]] == ["0.2 0.2", "0.45 0.2"]
    assert found["models"][1]["posterior"]["above_p0"][0] > 0.8


def test_group_sequential_with_simulation(capsys):
    found = document(
        capsys, *PFS, "--visits", "2.5", "--delay", "1", "--crossover", "0.02", "--trials", "40",
        "--futility", "0 0.5",
    )  # fmt: skip
    assert [row["information"] for row in found["looks"]] == pytest.approx([1 / 3, 2 / 3, 1])
    assert found["looks"][-1]["month"] == pytest.approx(18.0, rel=1e-6)
    assert sum(r["reject_under_alternative"] for r in found["looks"]) == pytest.approx(0.8)
    assert found["visit_bias"]["control"]["seen_median_month"] == 7.5
    assert [s["name"] for s in found["simulated"]] == ["null", "alternative"]


@pytest.mark.parametrize("command", [TWO_STAGE, BAYES, BASKET, PFS], ids=lambda c: c[0])
def test_for_people(capsys, command):
    assert run_app(["design", *command]) == 0
    assert capsys.readouterr().out


def test_same_seed_same_document(capsys):
    one, two = (document(capsys, *BASKET, "--seed", "5") for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("simon", "--p0", "0.3", "--p1", "0.1"), "p1 is the higher rate"),
        (("simon", "--p0", "-0.1", "--p1", "0.1"), "p0 is -0.1"),
        ((*TWO_STAGE, "--responses", "40"), "40 of 29 patients"),
        ((*TWO_STAGE, "--first", "2"), "belong to --responses"),
        ((*TWO_STAGE, "--responses", "7", "--plan", "best"), "is not optimal"),
        ((*BAYES, "--looks", "20 10"), "rise from above 0"),
        ((*BAYES, "--looks", "1.5"), "whole numbers"),
        ((*BAYES, "--prior", "1"), "two numbers"),
        ((*BAYES, "--responses", "3"), "belong together"),
        ((*BAYES, "--responses", "3", "--treated", "9", "--toxic", "1"), "--toxicity-limit"),
        (("basket", "--p0", "0.2", "--p1", "0.4 0.4", "--n", "9"), "one of each a basket"),
        ((*BASKET, "--model", "mem"), "there are independent"),
        ((*BASKET, "--names", "one"), "1 names for 2"),
        ((*BASKET, "--true-rate", "high"), "no list of numbers"),
        ((*BASKET, "--interim", "12 5"), "below its size"),
        (("group-sequential", "--hazard-ratio", "1.1", "--control-median", "6"), "to be better"),
        ((*PFS, "--kind", "peto"), "there are obrien-fleming"),
        ((*PFS, "--looks", "0.5 0.4 1"), "rise from above"),
        ((*PFS, "--futility", "5 5"), "at or above"),
        ((*PFS, "--power", "0.01"), "not above alpha"),
        ((*PFS, "--dropout", "-1"), "not negative"),
        ((*PFS, "--visits", "0"), "above 0"),
    ],
)
def test_refuses_with_a_reason(capsys, arguments, said):
    found = document(capsys, *arguments, status=2)
    assert found["schema"] == "pdcraft.error/1"
    assert said in found["errors"][0]["message"]
