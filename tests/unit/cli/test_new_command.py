"""Every example can be the start of a study, those with images too."""

from pathlib import Path

import pytest

from pdcraft.cli import run_app

EXAMPLES = sorted(p.name for p in (Path(__file__).parents[3] / "examples").iterdir() if p.is_dir())


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_starts_a_study(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_app(["new", "mine", "--example", name, "--json"]) == 0
    source = Path(__file__).parents[3] / "examples" / name
    for file in source.iterdir():
        copied = tmp_path / "mine" / file.name
        if file.suffix != ".toml":
            assert copied.read_bytes() == file.read_bytes()
    assert '"pdcraft.new/1"' in capsys.readouterr().out
