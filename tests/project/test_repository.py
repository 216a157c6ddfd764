"""What must be true of the repository itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("core.txt", "dev.txt", "uv.txt")


def committed_files():
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if out.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in out.stdout.decode().split("\0") if name]


def texts():
    for path in committed_files():
        if path.is_file() and path.suffix not in {".png", ".gz", ".ico"}:
            yield path, path.read_text(encoding="utf-8", errors="replace")


# Written in pieces, so that this file does not hold what it forbids.
HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org")


def test_no_committed_file_names_a_registry_host():
    found = [(p.name, h) for p, text in texts() for h in HOSTS if h in text]
    assert found == []


def test_no_committed_file_names_the_workplace():
    words = ("../" + "shared", "/work" + "/", ".library" + "/")
    found = [(p.name, w) for p, text in texts() for w in words if w in text]
    assert found == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_hashed(name):
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert entries
    assert all("--hash=sha256:" in entry and "==" in entry.split("\n")[0] for entry in entries)
    assert "index-url" not in text


def names_of(requirements):
    return {re.split(r"[^A-Za-z0-9_.-]", r, maxsplit=1)[0].lower() for r in requirements}


def test_the_lock_holds_what_pyproject_asks_for():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    core = project["project"]["dependencies"]
    groups = project["dependency-groups"]
    dev = [r for r in groups["dev"] if isinstance(r, str)]
    for wanted, lock in (
        (core + groups["build"], "core.txt"),
        (core + groups["build"] + dev, "dev.txt"),
    ):
        locked = (ROOT / "requirements" / lock).read_text()
        have = {line.split("==")[0].lower() for line in locked.splitlines() if "==" in line}
        assert names_of(wanted) <= have


def fresh_python(code):
    """Run code in a fresh interpreter and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


def test_importing_the_package_loads_nothing():
    code = "import sys; a = set(sys.modules); import pdcraft; print(sorted(set(sys.modules) - a))"
    assert fresh_python(code) == "['pdcraft']"


HEAVY = "numpy scipy pandas rdkit plotly pydantic pint xraylib numba jinja2".split()


def test_help_loads_no_heavy_library():
    code = (
        "import sys\nfrom pdcraft.cli import run_app\n"
        "import io, contextlib\n"
        "with contextlib.redirect_stdout(io.StringIO()): assert run_app(['--help']) == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    assert fresh_python(code) == "[]"


@pytest.mark.parametrize("command", ["agents", "fit"])
def test_commands_without_transport_never_load_numba(command):
    code = (
        "import sys, io, contextlib\nfrom pdcraft.cli import run_app\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    run_app([{command!r}, '--help'])\n"
        "print('numba' in sys.modules)"
    )
    assert fresh_python(code) == "False"


def test_exported_names_exist():
    import importlib
    import pkgutil

    import pdcraft

    missing = []
    for info in pkgutil.walk_packages(pdcraft.__path__, "pdcraft."):
        module = importlib.import_module(info.name)
        missing += [
            f"{info.name}.{n}" for n in getattr(module, "__all__", ()) if not hasattr(module, n)
        ]
    assert missing == []
