"""What a command does with the place that it is to write to, and when nobody reads its output."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pdcraft.cli import run_app
from pdcraft.cli.common import page_path
from pdcraft.errors import DataError


def test_a_page_has_the_ending_html_and_gets_its_folder(tmp_path):
    wanted = tmp_path / "not yet" / "there" / "page.html"
    assert page_path(wanted) == wanted
    assert wanted.parent.is_dir()
    with pytest.raises(DataError, match=r"x\.png.*must end in \.html: .*x\.html"):
        page_path(tmp_path / "x.png")
    with pytest.raises(DataError, match="is a folder; give the page a name in it"):
        page_path(wanted.parent)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"no folder .* can be made"):
        page_path(tmp_path / "file" / "page.html")


def test_the_timeline_is_refused_before_anything_is_written(tmp_path, capsys):
    assert run_app(["agents", "--timeline", str(tmp_path / "a.png")]) == 2
    assert "must end in .html" in capsys.readouterr().err
    assert run_app(["agents", "--timeline", str(tmp_path / "new" / "a.html")]) == 0
    assert (tmp_path / "new" / "a.html").stat().st_size > 1000


def test_a_series_does_not_go_onto_a_file(tmp_path, capsys):
    (tmp_path / "taken").write_text("mine")
    assert run_app(["compose", "--series", "headgroup", "--out", str(tmp_path / "taken")]) == 2
    assert "that is a file; give a folder" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["table", "json"])
def test_a_reader_that_stops_early_is_no_fault(more):
    read, write = os.pipe()
    os.close(read)  # as after "| head": nobody reads any more
    command = [sys.executable, "-m", "pdcraft", "agents", *more]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_starter_has_its_own_title(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_app(["new", "mine"]) == 0
    study = tomllib.loads(Path("mine/study.toml").read_text())
    assert (study["name"], study["report"]["title"]) == ("mine", "mine")


def test_the_next_commands_can_be_pasted_where_names_have_spaces(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_app(["new", "mine"]) == 0
    assert run_app(["run", "mine/study.toml", "--draws", "50", "--out", "my results"]) == 0
    out = capsys.readouterr().out
    assert "cite 'my results' " in out
    assert "run 'my results/run.json' " in out


def test_a_stopped_run_says_that_former_results_are_kept(monkeypatch, capsys):
    def stopped(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("pdcraft.study.run.run_study", stopped)
    assert run_app(["run", "study.toml"]) == 1
    assert "pdcraft: stopped; former results kept\n" in capsys.readouterr().err


def test_a_large_excess_of_local_electrons_is_a_factor(capsys):
    assert (
        run_app(["sphere", "--nuclide", "Y-90", "--radius", "10 um", "--electrons", "local"]) == 0
    )
    both = capsys.readouterr()
    assert re.search(r"local electrons give \d+ times what running ones give", both.out)
    assert re.search(r"overestimate the dose\s+by a factor of \d+ ", both.err)


def test_a_starter_may_be_another_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_app(["new", "mine", "--example", "clr131_phase1"]) == 0
    assert "pdcraft run mine/study.toml" in capsys.readouterr().out  # which names trial.toml
    assert run_app(["new", "two", "--example", "clover1_phase2"]) == 0
    assert "pdcraft simulate-trial two/trial.toml" in capsys.readouterr().out
    assert run_app(["new", "other", "--example", "clr13"]) == 2
    assert "clr131_mouse" in capsys.readouterr().err
    assert not Path("other").exists()
