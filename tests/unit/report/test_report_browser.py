"""The report in a real browser: figures drawn, no console message, no request refused."""

import re
import shutil
import subprocess
import sys

import pytest

from pdcraft.report import artefacts

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--enable-logging=stderr --virtual-time-budget=6000 --window-size=1300,1000"
).split()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome is installed"),
]


def opened(html, folder):
    """Page as the browser leaves it, and what it wrote to its console."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    run = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return run.stdout, re.findall(r"CONSOLE.*", run.stderr)


@pytest.fixture(scope="module")
def html(result):
    return artefacts(result)["report.html"][1].decode()


def test_figures_are_drawn_in_silence(html, tmp_path):
    dom, console = opened(html, tmp_path)
    assert console == []
    ids = re.findall(r'<div id="(fig-[a-z0-9-]+)" class="plotly-graph-div js-plotly-plot"', dom)
    # 4 curves, coefficients, 4 regions by arm, drivers
    assert sorted(ids) == sorted(
        [f"fig-time-{i}" for i in range(4)]
        + ["fig-dose", "fig-drivers"]
        + [f"fig-arms-{i}" for i in range(4)]
    )
    assert dom.count('class="errorbar"') > 0
    assert "12.5" in dom


def test_a_request_would_be_refused_and_seen(html, tmp_path):
    """Control: the silence above means something, since a load is refused and reported."""
    _, console = opened(
        html.replace("<main>", '<main><img src="https://127.0.0.1:9/x.png">'), tmp_path
    )
    assert any("Content Security Policy" in line for line in console)


def test_an_error_in_a_script_would_be_seen(html, tmp_path):
    _, console = opened(html.replace("Plotly.newPlot", "Plotly.noSuchPlot", 1), tmp_path)
    assert console


@pytest.mark.parametrize("width_px", [1300, 700, 500])
def test_the_page_is_never_wider_than_its_window(html, tmp_path, width_px, monkeypatch):
    flags = [f"--window-size={width_px},900" if "window-size" in f else f for f in FLAGS]
    monkeypatch.setattr(sys.modules[__name__], "FLAGS", flags)
    probe = """<script>window.addEventListener("load", function () {
      var nav = document.querySelector("nav"), page = document.documentElement;
      document.title = "over " + (nav.scrollWidth - nav.clientWidth) + " "
        + (page.scrollWidth - page.clientWidth); });</script></body>"""
    dom, _ = opened(html.replace("</body>", probe), tmp_path)
    assert "<title>over 0 0</title>" in dom
