"""``--threads`` of the commands that run many stages: it reaches the transport, numbers stay."""

import json
from pathlib import Path

import pytest
from fixed_trial import HEAD, trial_table, write_decisions

from pdcraft.cli import run_app
from pdcraft.errors import DataError
from pdcraft.transport import near_pairs
from pdcraft.transport.batches import thread_count
from pdcraft.validate import PARTS, cells_clusters

EXAMPLES = Path(__file__).parents[3] / "examples"
SMALL = (  # one payload on clusters of some hundred cells
    ('"I-125", "I-131", "Lu-177"', '"I-125"'),
    ('largest = "1 mm"', 'largest = "100 um"'),
    ("subjects = 20", "subjects = 4"),
    ('packing = "random"', 'packing = "fcc"'),
)
COMMANDS = ("run", "bench", "validate", "simulate-trial", "fit")


@pytest.fixture
def used(monkeypatch):
    """Threads of each sum over pairs of cells, the compiled loops of a cluster."""
    seen = []
    real = near_pairs.in_order

    def watched(job, first, count, threads):
        seen.append(threads)
        return real(job, first, count, threads)

    monkeypatch.setattr(near_pairs, "in_order", watched)
    return seen


def document(capsys, *arguments):
    assert run_app([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_thread_is_refused(capsys, command):
    where = [] if command == "validate" else ["none.toml"]
    assert run_app([command, *where, "--threads", "0", "--json"]) == 2
    message = json.loads(capsys.readouterr().out)["errors"][0]["message"]
    assert "'--threads': Input should be greater than or equal to 1" in message


def test_a_study_has_the_same_numbers_on_any_number_of_threads(capsys, monkeypatch, tmp_path, used):
    monkeypatch.setattr("pdcraft.report.artefacts", lambda _: {})  # it takes longer than the study
    text = (EXAMPLES / "clr125_micrometastases" / "study.toml").read_text(encoding="utf-8")
    for old, new in SMALL:
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    found = []
    for threads in (1, 2):
        used.clear()
        out = tmp_path / str(threads)
        asked = ("run", path, "--draws", 50, "--out", out, "--threads", threads)
        found.append(document(capsys, *asked))
        assert set(used) == {threads}
    assert found[0]["results"] == found[1]["results"]
    assert found[0]["files"] == found[1]["files"]  # their hashes: the same bytes


def test_the_validation_has_the_same_numbers_on_any_number_of_threads(capsys, monkeypatch, used):
    monkeypatch.setitem(PARTS, "cells", ("cells_clusters",))
    monkeypatch.setattr(cells_clusters, "cases", cells_clusters._pairs)
    found = []
    for threads in (1, 2):
        used.clear()
        found.append(document(capsys, "validate", "cells", "--threads", threads))
        assert set(used) == {threads}
    assert found[0] == found[1]


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_reach_what_a_bench_runs(capsys, monkeypatch, tmp_path, threads):
    def seen(*_args, **_kwargs):
        raise DataError(f"{thread_count(None)} threads")

    monkeypatch.setattr("pdcraft.study.recipes.bench.run_bench", seen)
    before = thread_count(None)
    assert run_app(["bench", "study.toml", "--threads", str(threads)]) == 2
    assert f"{threads} threads" in capsys.readouterr().err
    assert thread_count(None) == before  # the next command has its own


def test_commands_of_one_thread_take_the_option(capsys, tmp_path):
    data = EXAMPLES / "mouse_i131" / "biodistribution.csv"
    fit = ("fit", data, "--payload", "I-131", "--draws", 50)
    trial = tmp_path / "trial.toml"
    trial.write_text(HEAD + trial_table("3+3", doses=4, trials=100, max_n=24), encoding="utf-8")
    write_decisions(tmp_path, 24)
    for command in (fit, ("simulate-trial", trial)):
        assert document(capsys, *command, "--threads", 2) == document(capsys, *command)
