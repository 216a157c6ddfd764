"""What ``pdcraft run`` prints, beside what README says that it prints."""

from pathlib import Path

import pytest

from pdcraft.cli import run_app

ROOT = Path(__file__).parents[3]


def rows(text):
    """Region, quantity and origin of the rows of the first printed table."""
    lines = text.partition("└")[0].splitlines()
    cells = ([c.strip() for c in line.split("│")] for line in lines if "│" in line)
    return [(c[1], c[2], c[-2]) for c in cells]


@pytest.mark.slow
def test_the_demo_prints_the_rows_of_the_readme(tmp_path, monkeypatch, capsys):
    """Regions with a curve have rows; the hours of bladder, bowel and remainder have none."""
    monkeypatch.setenv("COLUMNS", "110")
    study = ROOT / "examples" / "clr131" / "study.toml"
    assert run_app(["run", str(study), "--draws", "200", "--out", str(tmp_path / "demo")]) == 0
    shown = rows((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) == 11
    assert rows(capsys.readouterr().out) == shown
