"""The wheel alone, in an empty environment, does the main job."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    code = f"import hatchling.build as b; print(b.build_wheel({str(out)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return out / done.stdout.strip().splitlines()[-1]


def test_the_wheel_carries_tables_examples_and_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "pdcraft/data/regions.toml",
        "pdcraft/data/nuclides/I-131.toml",
        "pdcraft/data/schema/results.schema.json",
        "pdcraft/examples/clr131/study.toml",
        "licenses/LICENSE",
    ):
        assert any(name.endswith(part) for name in names), part


def test_the_installed_wheel_runs_a_study(wheel, tmp_path):
    # an environment of its own: pdcraft from the wheel, its libraries (already locked and
    # installed) by path, so that the test needs no network
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    site = next((home / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    here = next(p for p in map(Path, sys.path) if p.name == "site-packages")
    run = (
        "import sys; sys.path.append(sys.argv[1]); import pdcraft; "
        "assert 'env' in pdcraft.__file__, pdcraft.__file__; "
        "from pdcraft.cli import run_app; sys.exit(run_app(sys.argv[2:]))"
    )
    python = [str(home / "bin" / "python"), "-W", "error", "-c", run, str(here)]
    for arguments in (["--version"], ["new", "mine"], ["run", "mine/study.toml", "--draws", "60"]):
        subprocess.run([*python, *arguments], cwd=tmp_path, check=True, capture_output=True)
    results = json.loads((tmp_path / "out" / "mine" / "results.json").read_text())
    assert results["status"] == "complete"
    assert (tmp_path / "out" / "mine" / "report.html").stat().st_size > 100_000
