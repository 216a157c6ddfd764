"""Pictures of every example's report: ``python docs/screenshots.py FOLDER [EXAMPLE ...]``.

Each example is run with its own command, its pages are opened in a headless Chromium, and the
script fails if a page wrote to its console: scripts that failed, and requests, which the pages'
own policy refuses and reports.
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


def command(file: Path, out: Path) -> list[str]:
    """Return how a user runs an example's file."""
    if file.name == "trial.toml":
        return ["simulate-trial", str(file), "--report", str(out / "report.html")]
    if file.name == "scene.toml":
        return ["image", str(file), "--out", str(out)]
    verb = "bench" if "bench" in tomllib.loads(file.read_text(encoding="utf-8")) else "run"
    return [verb, str(file), "--out", str(out)]


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


def main(out: Path, names: list[str]) -> int:
    """Render the examples; 1 if a page spoke."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"screenshots need a browser: none of {', '.join(BROWSERS)} is on the path")
        return 2
    faults = 0
    for file in examples(names):
        folder = (out / file.parent.name).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", "from pdcraft.cli import main; main()", *command(file, folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{file.parent.name}: exit status {done.returncode}\n{done.stderr}")
            faults += 1
            continue
        for page in sorted(folder.glob("*.html")):
            console = picture(browser, page, folder.with_name(f"{folder.name}-{page.stem}.png"))
            print(f"{file.parent.name}/{page.name}: {'; '.join(console) or 'silent'}")
            faults += bool(console)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
