"""Pictures of every example's report: ``python docs/screenshots.py FOLDER [NAME ...]``.

Pages of fits, a series, the timeline and payloads against sizes, which need no study, are made too.
Each is run with its own command and opened in a headless Chromium; the script fails if a page wrote
to its console: scripts that failed, and requests, which the pages' own policy refuses and reports.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageChops

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--enable-logging=stderr --virtual-time-budget=8000"
).split()
WIDTH_px, TALLEST_px = 1300, 16000
BIODISTRIBUTION = ROOT / "examples" / "mouse_i131" / "biodistribution.csv"
THEOPHYLLINE = ROOT / "src" / "pdcraft" / "validate" / "cases" / "kinetics" / "theoph.csv"


def command(file: Path, out: Path) -> list[str]:
    """Return how a user runs an example's file."""
    if file.name == "trial.toml":
        return ["simulate-trial", str(file), "--report", str(out / "report.html")]
    if file.name == "scene.toml":
        return ["image", str(file), "--out", str(out)]
    verb = "bench" if "bench" in tomllib.loads(file.read_text(encoding="utf-8")) else "run"
    return [verb, str(file), "--out", str(out)]


def without_a_study(out: Path) -> dict[str, list[str]]:
    """Return how a user makes the pages that need no study, by name; each in a folder of it."""
    mice = ["fit", str(BIODISTRIBUTION), "--payload", "I-131", "--plot"]
    fit = ["fit", str(THEOPHYLLINE), "--population", "--model", "oral-1cpt", "--plot"]
    return {
        "fit": [*mice, str(out / "fit" / "curves.html")],
        "population": [*fit, str(out / "population" / "fit.html")],
        "series": ["compose", "--series", "headgroup", "--out", str(out / "series")],
        "timeline": [
            "agents",
            "--at",
            "2026-11-21",
            "--timeline",
            str(out / "timeline" / "agents.html"),
        ],
        "payload-size": ["payload-size", str(out / "payload-size" / "payloads.html")],
    }


def python(words: list[str]) -> list[str]:
    """Return the arguments of Python that run a command; payloads against sizes have no verb."""
    if words[0] == "payload-size":
        return ["-m", "pdcraft.report", *words]
    return ["-c", "from pdcraft.cli import main; main()", *words]


def picture(browser: str, page: Path, png: Path) -> list[str]:
    """Save the whole page; return what it wrote to its console."""
    with tempfile.TemporaryDirectory() as profile:
        run = subprocess.run(
            [
                *(browser, *FLAGS, f"--user-data-dir={profile}"),
                *(f"--window-size={WIDTH_px},{TALLEST_px}", f"--screenshot={png}", page.as_uri()),
            ],
            capture_output=True,
            text=True,
            timeout=180,
            check=True,
        )
    whole = Image.open(png).convert("RGB")
    blank = Image.new("RGB", whole.size, whole.getpixel((1, whole.height - 1)))
    box = ImageChops.difference(whole, blank).getbbox()
    whole.crop((0, 0, WIDTH_px, min((box[3] if box else 0) + 40, TALLEST_px))).save(png)
    return re.findall(r"CONSOLE.*", run.stderr)


def examples(names: list[str]) -> Iterator[Path]:
    """Files that users run, of all examples or of those named."""
    for folder in sorted((ROOT / "examples").iterdir()):
        if not names or folder.name in names:
            for name in ("study.toml", "trial.toml", "scene.toml"):
                part = name == "trial.toml" and (folder / "study.toml").exists()  # of the study
                if (folder / name).exists() and not part:
                    yield folder / name


def commands(out: Path, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Names and commands of all that is rendered, or of what is named."""
    for file in examples(names):
        yield file.parent.name, command(file, out / file.parent.name)
    for name, words in without_a_study(out).items():
        if not names or name in names:
            yield name, words


def main(out: Path, names: list[str]) -> int:
    """Render the pages; 1 if one spoke."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"screenshots need a browser: none of {', '.join(BROWSERS)} is on the path")
        return 2
    faults, out = 0, out.resolve()
    for name, words in commands(out, names):
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, *python(words)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{name}: exit status {done.returncode}\n{done.stderr}")
            faults += 1
            continue
        for page in sorted(folder.glob("*.html")):
            console = picture(browser, page, out / f"{name}-{page.stem}.png")
            print(f"{name}/{page.name}: {'; '.join(console) or 'silent'}")
            faults += bool(console)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
