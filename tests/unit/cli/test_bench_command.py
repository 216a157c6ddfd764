"""``pdcraft bench``: one document, the results contract, a page with everything inside."""

import json
from pathlib import Path

from pdcraft.cli import run_app

STUDY = """
schema = "pdcraft.study/1"
name = "small"
draws = 20
[bench]
models = ["PC3", "virtual-001"]
[bench.design]
per_group = 4
until = "42 d"
[[bench.group]]
name = "vehicle"
[[bench.group]]
name = "one dose"
agent = "CLR 131"
[[bench.group.administration]]
amount = "7.4 MBq"
[bench.analysis]
sizes = [2, 4]
"""


def test_json_is_the_results_document(tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    assert run_app(["bench", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "pdcraft.results/1"
    assert document["stages"] == ["bench"]
    ids = [row["id"] for row in document["results"]]
    assert ids == sorted(ids)
    assert "bench/mean_survival/all models/bench/mouse/one dose" in ids
    assert not list(tmp_path.glob("*.html"))


def test_without_out_it_says_that_nothing_is_written(tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    assert run_app(["bench", str(path)]) == 0
    assert "nothing is written; --out FOLDER" in capsys.readouterr().out


def test_out_holds_a_page_with_everything_inside(tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    out = tmp_path / "out"
    assert run_app(["bench", str(path), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "measured" in shown
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'src="http' not in page
    for words in ("Kaplan-Meier", "Where the models", "virtual-001", "Power"):
        assert words in page
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["study"] == "study.toml"
    assert Path(out, "tables", "tumor_volume.csv").exists()


def test_bad_input_prints_errors(tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace('"PC3"', '"PC4"'), encoding="utf-8")
    assert run_app(["bench", str(path), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["errors"][0]
    assert "PC3" in error["hint"]
    assert error["line"] == 6
