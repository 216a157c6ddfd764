"""``pdcraft design crm|tite-crm|blrm|boin12|two-doses``: documents, reasons, refusals."""

import json
from copy import deepcopy
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app
from pdcraft.validate.designs_model import (
    CRM_LEVEL,
    CRM_TOX,
    TITE_DAYS,
    TITE_LEVEL,
    TITE_TOX,
)
from pdcraft.validate.tables import reference_rows

SKELETON = "0.05 0.10 0.20 0.35 0.50 0.70"
PRIOR = ("--prior-mean", "2.15 0.52", "--prior-sd", "0.84 0.80", "--prior-covariance", "0.134")


def document(capsys, *arguments):
    """Run a command; its one document is what the schema of that name accepts."""
    code = run_app(["design", *map(str, arguments), "--json"])
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema(found))
    return code, found


def schema(document):
    kind = document["schema"].removeprefix("pdcraft.").removesuffix("/1")
    text = files("pdcraft.data").joinpath("schema", f"{kind}.schema.json").read_text()
    return json.loads(text)


def write(tmp_path, header, *columns):
    path = tmp_path / "data.csv"
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.parametrize("method", ["bayes", "mle"])
def test_crm_document_is_what_dfcrm_says(capsys, tmp_path, method):
    path = write(tmp_path, "level,tox", CRM_LEVEL, CRM_TOX)
    code, found = document(
        capsys, "crm", "--data", path, "--target", 0.2, "--skeleton", SKELETON, "--method", method
    )
    assert code == 0
    assert found["schema"] == "pdcraft.design-crm/1"
    rows = reference_rows("trials", "dfcrm_crm_titecrm_fits.csv")
    held = [r for r in rows if r["case"] == f"crm_help_empiric_{method}"]
    assert held
    for r in held:
        dose = found["doses"][int(r["dose"]) - 1]
        assert found["estimate"] == pytest.approx(float(r["estimate"]), rel=0, abs=1e-6)
        assert found["post_var"] == pytest.approx(float(r["post_var"]), rel=0, abs=1e-6)
        for key, column in (("ptox", "ptox"), ("lower", "ptoxL"), ("upper", "ptoxU")):
            assert dose[key] == pytest.approx(float(r[column]), rel=0, abs=1e-6)
        assert found["recommended"] == found["model_dose"] == int(r["mtd"])
    assert [d["n"] for d in found["doses"]] == [0, 3, 4, 3, 0, 0]
    assert "nearest the target 0.2" in found["reason"]
    assert found["characteristics"] is None


def test_tite_crm(capsys, tmp_path):
    path = write(tmp_path, "level,tox,followup", TITE_LEVEL, TITE_TOX, TITE_DAYS)
    code, found = document(
        capsys, "tite-crm", "--data", path, "--target", 0.2, "--skeleton", SKELETON,
        "--window", 180, "--weights", "adaptive", "--model", "logistic",
    )  # fmt: skip
    assert code == 0
    rows = reference_rows("trials", "dfcrm_crm_titecrm_fits.csv")
    r = next(r for r in rows if r["case"] == "titecrm_help_adaptive_logistic")
    assert found["schema"] == "pdcraft.design-tite-crm/1"
    assert found["estimate"] == pytest.approx(float(r["estimate"]), rel=0, abs=1e-6)
    assert found["recommended"] == 3
    assert found["weights"][-1] == pytest.approx(3 / 24 / 3, rel=1e-12, abs=0)


def test_same_fit_from_rows_of_doses_and_named_by_them(capsys, tmp_path):
    path = tmp_path / "doses.csv"
    path.write_text("dose,n,tox,prior\n10,0,0,0.05\n20,3,0,0.1\n40,4,1,0.2\n80,3,2,0.35\n")
    code, found = document(capsys, "crm", "--data", path, "--target", 0.2)
    assert code == 0
    assert found["estimate"] == pytest.approx(-0.212171526304576, rel=0, abs=1e-6)
    assert found["recommended"] == 20
    assert [d["dose"] for d in found["doses"]] == [10, 20, 40, 80]


def test_reasons_of_restrictions(capsys, tmp_path):
    def advised(levels, tox, *more):
        path = write(tmp_path, "level,tox", levels, tox)
        arguments = ("--data", path, "--target", 0.25, "--skeleton", SKELETON)
        return document(capsys, "crm", *arguments, *more)[1]

    skipping = advised([1, 1, 1], [0, 0, 0])
    assert skipping["model_dose"] > 2
    assert skipping["recommended"] == 2
    assert "no dose is skipped: the last was dose 1" in skipping["reason"]
    free = advised([1, 1, 1], [0, 0, 0], "--unrestricted")
    assert free["recommended"] == free["model_dose"] == skipping["model_dose"]
    held = advised([1] * 12 + [2] * 3, [0] * 14 + [1], "--cohort", "3")
    assert held["model_dose"] > 2
    assert held["recommended"] == 2
    assert "there is no escalation" in held["reason"]
    toxic = advised([1] * 6, [1] * 6, "--stop-certainty", "0.9")
    assert toxic["recommended"] is None
    assert "even dose 1 is too toxic" in toxic["reason"]
    assert toxic["too_toxic"] > 0.9


def test_the_last_cohort_is_of_one_dose(capsys, tmp_path):
    """The DLT of the third patient, at dose 1, is none of the last cohort's, at dose 2."""
    path = write(tmp_path, "level,tox", (1, 1, 1, 1, 1, 1, 2, 2), (0, 0, 0, 0, 0, 1, 0, 0))
    asked = ("crm", "--data", path, "--target", 0.3, "--skeleton", "0.02 0.05 0.10 0.15")
    code, found = document(capsys, *asked, "--cohort", 3)
    assert code == 0
    assert found["model_dose"] > 2
    assert found["recommended"] == 3
    assert "no dose is skipped" in found["reason"] or "nearest the target" in found["reason"]


def test_a_toxic_cohort_is_not_diluted_by_the_one_before(capsys, tmp_path):
    path = write(tmp_path, "level,tox", (1,) * 9 + (2, 2, 2), (0,) * 9 + (1, 0, 0))
    asked = ("crm", "--data", path, "--target", 0.3, "--skeleton", "0.02 0.05 0.10 0.15")
    code, found = document(capsys, *asked, "--cohort", 6)
    assert code == 0
    assert found["model_dose"] > 2
    assert found["recommended"] == 2
    assert "0.333 DLTs per patient" in found["reason"]


def test_no_dose_is_too_toxic_to_stop_without_restrictions(capsys, tmp_path):
    path = write(tmp_path, "level,tox", (1, 1, 1), (1, 1, 1))
    asked = ("crm", "--data", path, "--target", 0.2, "--skeleton", SKELETON)
    code, found = document(capsys, *asked, "--unrestricted", "--stop-certainty", 0.5)
    assert code == 0
    assert found["recommended"] is None
    assert "even dose 1 is too toxic" in found["reason"]


def test_planning_without_data(capsys):
    code, found = document(
        capsys, "crm", "--target", 0.25, "--halfwidth", 0.05, "--nu", 3, "--doses", 4,
        "--cohort", 3, "--true-rate", "0.05 0.1 0.25 0.4", "--trials", 200,
    )  # fmt: skip
    assert code == 0
    assert found["estimate"] is None
    assert found["recommended"] is None
    assert found["characteristics"]["trials"] == 200


def test_pathways_go_on_from_the_data(capsys, tmp_path):
    path = write(tmp_path, "level,tox", [1, 1, 1, 2, 2, 2], [0, 0, 0, 0, 0, 0])
    code, found = document(
        capsys, "crm", "--data", path, "--target", 0.25, "--skeleton", SKELETON, "--cohort", 3,
        "--pathways", 1,
    )  # fmt: skip
    assert code == 0
    assert found["recommended"] == 3
    assert [w["tox"] for w in found["pathways"]] == [[0], [1], [2], [3]]
    assert all(w["doses"] == [3] for w in found["pathways"])
    following = [w["next_dose"] for w in found["pathways"]]
    assert following[0] == 4
    assert max(following[1:]) <= 3  # no escalation after a toxic cohort
    assert following == sorted(following, reverse=True)


def test_blrm(capsys, tmp_path):
    rows = reference_rows("trials", "blrm_neuenschwander_quadrature.csv")
    columns = ([r[key] for r in rows] for key in ("dose", "n", "tox"))
    path = write(tmp_path, "dose,n,tox", *columns)
    code, found = document(capsys, "blrm", "--data", path, "--reference-dose", 250, *PRIOR)
    assert code == 0
    assert found["schema"] == "pdcraft.design-blrm/1"
    for dose, r in zip(found["doses"], rows, strict=True):
        assert dose["ptox"] == pytest.approx(float(r["mean"]), rel=0, abs=1e-9)
        assert dose["ewoc_ok"] == (r["ewoc_ok_25"] == "TRUE")
        assert sum(dose["probabilities"].values()) == pytest.approx(1.0, rel=1e-12, abs=0)
        assert 0 <= dose["lower"] < dose["ptox"] < dose["upper"] <= 1
    # the last dose was 25, which overdose control no longer admits
    assert found["recommended"] == 20
    assert "the most likely in the target interval" in found["reason"]


def test_blrm_without_an_admissible_dose(capsys, tmp_path):
    path = write(tmp_path, "dose,tox", [10, 10, 10], [1, 1, 1])
    code, found = document(
        capsys, "blrm", "--data", path, "--doses", "10 20 40", "--prior-mean", "0 0",
        "--prior-sd", "2 1",
    )  # fmt: skip
    assert code == 0
    assert found["recommended"] is None
    assert "every dose fails overdose control" in found["reason"]
    assert not any(d["ewoc_ok"] for d in found["doses"])


def test_boin12_and_two_doses(capsys):
    code, found = document(
        capsys, "boin12", "--tox-limit", 0.35, "--eff-limit", 0.25, "--max-n", 9,
        "--true-rate", "0.1 0.2", "--true-response", "0.2 0.4", "--trials", 100,
    )  # fmt: skip
    assert code == 0
    score = next(s for s in found["scores"] if (s["n"], s["tox"], s["eff"]) == (9, 3, 1))
    assert score["rank"] == 7
    assert found["characteristics"]["trials"] == 100
    code, found = document(capsys, "two-doses", "--rate", 0.4, "--delta", 0.15)
    assert code == 0
    assert found["lower_correct"] >= 0.6
    assert found["higher_correct"] >= 0.6


def inner_objects(held, path=()):
    """Paths of the objects in a document, the document first."""
    if isinstance(held, dict):
        yield path
    inside = held.items() if isinstance(held, dict) else enumerate(held)
    for key, value in inside:
        if isinstance(value, dict | list):
            yield from inner_objects(value, (*path, key))


def at(document, path):
    for key in path:
        document = document[key]
    return document


CRM = ("--target", 0.2, "--skeleton", SKELETON)
RATES = ("--true-rate", "0.05 0.1 0.2 0.35 0.5 0.7", "--trials", 20)
MODELS = {  # arguments, header and columns of the data
    "crm": (CRM + RATES + ("--pathways", 1), "level,tox", CRM_LEVEL, CRM_TOX),
    "tite-crm": (
        (*CRM, "--window", 180), "level,tox,followup", TITE_LEVEL, TITE_TOX, TITE_DAYS,
    ),
    "blrm": (
        (*PRIOR, "--true-rate", "0.1 0.3", "--trials", 20), "dose,n,tox", (10, 20), (3, 3), (0, 1),
    ),
    "boin12": (
        ("--tox-limit", 0.35, "--eff-limit", 0.25, "--max-n", 6, "--true-rate", "0.1 0.2",
         "--true-response", "0.2 0.4", "--trials", 20),
    ),
    "two-doses": (("--rate", 0.4, "--delta", 0.15),),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_refuses_every_key_too_few_and_too_many(capsys, tmp_path, name):
    arguments, *data = MODELS[name]
    given = ("--data", write(tmp_path, *data)) if data else ()
    code, found = document(capsys, name, *given, *arguments)
    assert code == 0
    assert found["schema"] == f"pdcraft.design-{name}/1"
    accepts = jsonschema.Draft202012Validator(schema(found)).is_valid
    seen = set()
    for path in inner_objects(found):
        kind = tuple(key for key in path if isinstance(key, str))
        if kind in seen:  # one row of each table will do
            continue
        seen.add(kind)
        for key in at(found, path):
            less, wrong = deepcopy(found), deepcopy(found)
            del at(less, path)[key]
            assert not accepts(less), (path, key)
            at(wrong, path)[key] = {"no": "such value"}
            assert not accepts(wrong), (path, key)
        more = deepcopy(found)
        at(more, path)["more"] = 0
        assert not accepts(more), path


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("crm", ("doses", 0, "ptox"), 1.5),
        ("crm", ("options", "model"), "probit"),
        ("crm", ("pathways", 0, "next_dose"), 0),
        ("tite-crm", ("weights", 0), -0.1),
        ("tite-crm", ("estimate",), None),
        ("blrm", ("options", "intervals"), [0.2, 0.35]),
        ("blrm", ("doses", 0, "ewoc_ok"), 1),
        ("boin12", ("scores", 0, "rank"), 0),
        ("boin12", ("characteristics", "mcse", "select_none"), -1e-3),
        ("two-doses", ("n_per_dose",), 37.5),
    ],
)
def test_a_schema_refuses_what_cannot_be(capsys, tmp_path, name, path, value):
    arguments, *data = MODELS[name]
    given = ("--data", write(tmp_path, *data)) if data else ()
    found = document(capsys, name, *given, *arguments)[1]
    at(found, path[:-1])[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema(found))


def test_readable_output(capsys, tmp_path):
    path = write(tmp_path, "level,tox", CRM_LEVEL, CRM_TOX)
    arguments = ["design", "crm", "--data", str(path), "--target", "0.2", "--skeleton", SKELETON]
    assert run_app(arguments) == 0
    assert "recommended: 2; dose 2 has the estimated rate" in capsys.readouterr().out
    assert run_app(["design", "two-doses", "--rate", "0.4", "--delta", "0.15"]) == 0
    assert "patients at each dose; the higher dose if" in capsys.readouterr().out
    assert run_app(["design", "boin12", "--tox-limit", "0.3", "--eff-limit", "0.2"]) == 0
    assert "desirability of a dose" in capsys.readouterr().out
    path = write(tmp_path, "dose,tox", [10, 10], [0, 0])
    blrm = ["design", "blrm", "--data", str(path), "--prior-mean", "0 0", "--prior-sd", "2 1"]
    assert run_app(blrm) == 0
    assert "recommended:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["crm", "--target", "1.2", "--skeleton", SKELETON], "it must lie between 0 and 1"),
        (["crm", "--target", "0.2"], "the CRM needs one skeleton"),
        (["crm", "--target", "0.2", "--skeleton", "0.3 0.2"], "rise from dose to dose"),
        (["crm", "--target", "0.2", "--skeleton", "a b"], "is no list of numbers"),
        (["crm", "--target", "0.2", "--halfwidth", "0.05"], "needs --nu"),
        (
            ["crm", "--target", "0.2", "--skeleton", SKELETON, "--cohort", "0"],
            "a cohort of 0 patients is empty",
        ),
        (["tite-crm", "--target", "0.2", "--skeleton", SKELETON], "--data is missing"),
        (["blrm", "--data", "none.csv"], "there is no default prior"),
        (["boin12", "--tox-limit", "0.3", "--eff-limit", "1"], "response limit is 1"),
        (
            ["boin12", "--tox-limit", "0.3", "--eff-limit", "0.2", "--true-rate", "0.1"],
            "go together; give both",
        ),
        (["two-doses", "--rate", "0.3", "--delta", "0.4"], "must lie between 0 and the rate"),
    ],
)
def test_refusals(capsys, arguments, message):
    code, found = document(capsys, *arguments)
    assert code == 2
    assert found["schema"] == "pdcraft.error/1"
    assert message in found["errors"][0]["message"]


def test_refusals_of_data(capsys, tmp_path):
    def refused(name, header, *columns_and_more):
        columns = [c for c in columns_and_more if isinstance(c, list)]
        more = [c for c in columns_and_more if isinstance(c, str)]
        path = write(tmp_path, header, *columns)
        code, found = document(capsys, name, "--data", path, *more)
        assert code == 2
        return found["errors"][0]["message"]

    skeleton = ("--target", "0.2", "--skeleton", SKELETON)
    assert "give the column level" in refused("crm", "dose,tox", [10], [0], *skeleton)
    assert "level 7: the skeleton has doses" in refused("crm", "level,tox", [7], [0], *skeleton)
    text = refused("crm", "dose,n,tox", [1, 2], [3, 0], [0, 0], *skeleton)
    assert "2 rows for 6 doses" in text
    text = refused("crm", "level,tox", [1, 1], [0, 0], *skeleton, "--method", "mle")
    assert "no patient had a DLT" in text
    assert "--window is missing" in refused(
        "tite-crm", "level,tox,followup", [1], [0], [3], *skeleton
    )
    assert "one of followup and weight" in refused("tite-crm", "level,tox", [1], [0], *skeleton)
    assert "amounts, in a column dose" in refused("blrm", "level,tox", [1], [0], *PRIOR)
    assert "dose 3 is not among --doses" in refused(
        "blrm", "dose,tox", [3], [0], *PRIOR, "--doses", "1 2"
    )
    assert "no patient was treated at 2" in refused(
        "blrm", "dose,n,tox", [1, 2], [3, 0], [0, 0], *PRIOR, "--last-dose", "2"
    )
