"""The examples: one table names them all, each study is short and commented."""

from pathlib import Path

import pytest

from pdcraft.study.read import read_study

EXAMPLES = Path(__file__).parents[3] / "examples"
FOLDERS = sorted(p for p in EXAMPLES.iterdir() if p.is_dir())
STUDIES = sorted(EXAMPLES.glob("*/study.toml"))
TRIALS = sorted(EXAMPLES.glob("*/trial.toml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_the_table_names_every_example(folder):
    assert f"`{folder.name}`" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", [*STUDIES, *TRIALS], ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_files_are_short_and_commented(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert lines[0].startswith("# ")


@pytest.mark.parametrize("study", STUDIES, ids=lambda p: p.parent.name)
def test_studies_are_read(study):
    text = study.read_text(encoding="utf-8")
    if "[bench]" in text:
        pytest.skip("read by the bench, see test_bench")
    read, _ = read_study(study)
    assert read.seed > 0
