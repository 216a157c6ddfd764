"""Bad input ends with a reason and status 2, before a computation; never with a traceback."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from pdcraft.cli import run_app

EXAMPLES = Path(__file__).parents[3] / "examples"
SPHERE = ("sphere", "--nuclide", "I-131", "--mass", "1 g")
CELL = ("cell", "--nuclide", "I-125", "--cell-radius", "5 um", "--nucleus-radius", "4 um")
BED = ("response", "bed", "--alpha-beta", "10 Gy", "--repair", "1.5 h")
SKELETON = ("--target", "0.25", "--skeleton", "0.05 0.1 0.2")
BAYES = ("design", "bayes-phase2", "--p0", "0.1", "--p1", "0.3", "--n", "30")
DOSES = ("organ-dose", "--phantom", "adult-male", "--nuclide", "I-131", "--s-values")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("mine")
    Path("folder.json").mkdir()
    Path("folder.svg").mkdir()
    Path("patients.csv").write_text("level,tox,followup\n1,0,28\n2,1,10\n")
    shutil.copy(EXAMPLES / "clr131" / "study.toml", "study.toml")
    shutil.copy(EXAMPLES / "xenograft_bench" / "study.toml", "bench.toml")


def problem(capsys, *arguments):
    """Run a command line that must be refused; return its message with the file before it."""
    assert run_app([*arguments, "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "pdcraft.error/1"
    return f"{found['errors'][0]['file']}: {found['errors'][0]['message']}"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "folder.json"), "folder.json: cannot be read or written"),
        (("run", "study.toml", "--out", "taken"), "taken is a file"),
        (("run", "study.toml", "--out", "taken/there"), "taken is a file"),
        (("bench", "bench.toml", "--out", "taken"), "taken is a file"),
        (("agents", "CLR 131", "--picture", "taken/a.svg"), "that is a file; give a folder"),
        (("agents", "CLR 131", "--picture", "folder.svg"), "is a folder; give the file a name"),
        (("compose", "--smiles", "CCO", "--picture", "taken/a.svg"), "that is a file"),
        (("compose", "--series", "chain", "--out", "taken/there"), "no folder 'taken/there'"),
        (("fit", "none.csv", "--payload", "I-131", "--tables", "taken"), "that is a file"),
        (("image", "none.toml", "--out", "taken"), "that is a file"),
        (("validate", "--page", "folder.svg"), "is a folder"),
        (("kernel", "--nuclide", "I-125", "--voxel", "3 mm", "--csv", "folder.svg"), "a folder"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_places_that_cannot_be_read_or_written(capsys, arguments, words):
    assert words in problem(capsys, *arguments)
    assert Path("taken").read_text() == "mine"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"citations": 3}', '{"citations": [3]}', '{"citations": [{"key": "a"}]}'],
)
def test_results_that_are_not_whole_are_not_cited(capsys, text):
    Path("results.json").write_text(text)
    assert "not a whole results file" in problem(capsys, "cite", ".")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*SPHERE, "--precision", "-1"), "no relative standard error"),
        ((*CELL, "--precision", "nan"), "no relative standard error"),
        ((*DOSES, "--precision", "0"), "no relative standard error"),
        ((*SPHERE, "--stay", "2"), "one share from 0 to 1"),
        ((*CELL, "--stay", "-1"), "one share from 0 to 1"),
        ((*SPHERE, "--stay", "I-131=nan"), "one share from 0 to 1"),
        ((*CELL, "--specific-energy", "-1 Gy"), "give a dose above 0 Gy"),
        (
            (*CELL, "--specific-energy", "1 Gy", "--inactivation-dose", "0 Gy"),
            "--inactivation-dose: 0 Gy",
        ),
        ((*BED, "--fractions", "100000000"), "--fractions"),
        (("response", "friberg", "--until", "1e9 d"), "1 to 100,000 steps fit"),
        (("response", "friberg", "--step", "1e-9 h"), "1 to 100,000 steps fit"),
        (("response", "simeoni", "--concentration", "1 ng/mL", "--step", "40 d"), "steps fit"),
        (
            ("design", "tite-crm", *SKELETON, "--data", "patients.csv", "--window", "28",
             "--stop-certainty", "nan"),
            "--stop-certainty",
        ),
        (("design", "crm", *SKELETON, "--model", "logistic", "--intercept", "nan"), "--intercept"),
        ((*BAYES, "--toxic", "1"), "--toxic counts among --treated"),
        (
            ("design", "basket", "--p0", "0.2 0.2", "--p1", "0.1 0.4", "--n", "9 9"),
            "p1 is the higher rate",
        ),
        (
            ("design", "boin12", "--tox-limit", "0.3", "--eff-limit", "0.2", "--true-rate", "0.1",
             "--true-response", "x"),
            "--true-response: 'x'",
        ),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)  # fmt: skip
def test_numbers_that_mean_nothing(capsys, arguments, words):
    assert words in problem(capsys, *arguments)


@pytest.mark.parametrize(
    "error",
    [
        OSError("no thread can be started"),
        FileNotFoundError(2, "no thread of ours", str(files("pdcraft.data") / "lost.npz")),
    ],
    ids=["no file", "a file of the package"],
)
def test_a_system_error_that_is_not_the_users(monkeypatch, error):
    def broken(*_args, **_kwargs):
        raise error

    monkeypatch.setattr("pdcraft.dosimetry.spheres.sphere_S", broken)
    with pytest.raises(OSError, match="no thread"):
        run_app([*SPHERE])


def test_text_stands_as_it_is_brackets_and_all(capsys):
    """Names of the user are no markup: [b] and :smile: are printed, not obeyed."""
    assert run_app(["compose", "--smiles", "CCO", "--name", "a[b]c :smile:"]) == 0
    assert capsys.readouterr().out.startswith("a[b]c :smile:\n")
    Path("results.json").write_text(
        '{"citations": [{"key": "k", "text": "see [1] and [bold]", "doi": null}]}'
    )
    assert run_app(["cite", "."]) == 0
    assert capsys.readouterr().out == "[k] see [1] and [bold]\n"


@pytest.mark.parametrize(
    "command",
    ["run", "fit", "sphere", "cell", "kernel", "voxel-dose", "organ-dose", "image",
     "simulate-trial", "bench", "validate"],
)  # fmt: skip
def test_commands_that_compute_take_workers(capsys, command):
    assert run_app([command, "--help"]) == 0
    assert "--workers" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["sphere", "cell", "kernel", "voxel-dose", "organ-dose"])
def test_dosimetry_takes_the_common_options(capsys, command):
    assert run_app([command, "--help"]) == 0
    out = capsys.readouterr().out
    for option in ("--threads", "--device", "--precision", "--progeny", "--spectra", "--seed"):
        assert option in out


def test_a_precision_that_the_tables_do_not_have_is_said(capsys):
    assert run_app([*DOSES, "--precision", "1e-6", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert any("coarser for" in words for words in found["warnings"])
    assert run_app([*DOSES, "--precision", "1e6", "--json"]) == 0
    assert not any("coarser" in w for w in json.loads(capsys.readouterr().out)["warnings"])


@pytest.mark.parametrize(
    ("command", "file", "reader"),
    [
        ("run", "clr1501_plate/scene.toml", "pdcraft image FILE"),
        ("run", "clover1_phase2/trial.toml", "pdcraft simulate-trial FILE"),
        ("image", "clr131/study.toml", "pdcraft run FILE"),
    ],
)
def test_a_file_of_another_kind_is_told_its_command(capsys, command, file, reader):
    assert run_app([command, str(Path(__file__).parents[3] / "examples" / file)]) == 2
    said = capsys.readouterr().err
    assert reader in said
    assert "unknown key" not in said
