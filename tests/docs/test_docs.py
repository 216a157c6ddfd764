"""The documentation is true: links resolve, commands and options exist, examples run as shown.

A page is run from top to bottom in a fresh folder with a copy of ``examples/``:

- ``<!-- file: NAME -->`` before a code block saves the block as that file;
- in ``console`` blocks every ``$ pdcraft`` line is run; the lines below it must appear in its
  output in this order. A line ``…`` stands for lines left out. The exit status is 0, or 2 where
  the block shows a message of bad input;
- ``python`` blocks are doctests that share their names; cells of a notebook page must run.

The width of spaces does not count; decimal numbers agree to 0.2 % or one unit of their last digit,
since the last digits of a fit depend on the processor. Where numbers have moved for a good reason,
``python tests/docs/test_docs.py PAGE ...`` writes the new ones into the pages; read the difference.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(p for p in (ROOT / "docs").rglob("*.md") if p.name != "index.md")  # a table of pages
README = ROOT / "README.md"
GAP = "…"
CELL = "{code-cell} ipython3"
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n+)?"
    r"^```(?P<kind>\w*|\{code-cell\} ipython3)\n(?P<body>.*?)^```$",
    re.M | re.S,
)
NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]*[A-Za-z_])")
RELATIVE = 2e-3


@dataclass(frozen=True)
class Block:
    """A code block of a page."""

    kind: str
    body: str
    file: str | None
    line: int


def blocks(text: str) -> list[Block]:
    return [
        Block(m["kind"], m["body"], m["file"], text.count("\n", 0, m.start()) + 1)
        for m in BLOCK.finditer(text)
    ]


def sessions(body: str) -> list[tuple[str, list[str]]]:
    """Commands of a console block, each with the lines shown below it."""
    out: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            out.append((line[2:], []))
        elif line.startswith("> ") and out and not out[-1][1]:  # a command's next line
            out[-1] = (f"{out[-1][0].removesuffix(chr(92))} {line[2:]}", [])
        elif line.strip() and out:
            out[-1][1].append(line)
    return out


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit status and everything that a command prints, results first."""
    words = shlex.split(command)
    assert words[0] == "pdcraft", f"console blocks run pdcraft and nothing else: {command}"
    done = subprocess.run(
        [sys.executable, "-c", "from pdcraft.cli import main; main()", *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "110"},
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def words_of(text: str) -> str:
    """Text without what depends on widths: runs of spaces and of table rules."""
    return re.sub(r"([━─])\1+", r"\1", " ".join(text.split()))


def same(shown: str, found: str) -> bool:
    """Whether two texts agree, their decimal numbers and percentages within rounding."""
    if NUMBER.sub("#", shown) != NUMBER.sub("#", found):
        return False
    pairs = zip(NUMBER.finditer(shown), NUMBER.findall(found), strict=True)
    return all(abs(float(a[0]) - float(b)) <= allowed(a) for a, b in pairs)


def allowed(number: re.Match[str]) -> float:
    """How far another machine's number may be from the one shown; whole numbers are exact."""
    text = number[0]
    if "." in text:
        last_digit = 10.0 ** -len(text.partition(".")[2].partition("e")[0])
        return max(RELATIVE * abs(float(text)), 1.01 * last_digit)
    return 1.0 if number.string[number.end() :].startswith("%") else 0.0


def missing(shown: list[str], output: str) -> str | None:
    """First shown line that the output lacks at its place; None if all are there in order."""
    lines = [words_of(line) for line in output.splitlines() if line.strip()]
    at, free = 0, True
    for line in shown:
        if line.strip() == GAP:
            free = True
            continue
        wanted = words_of(line)
        places = range(at, len(lines)) if free else range(at, min(at + 1, len(lines)))
        found = next((i for i in places if same(wanted, lines[i])), None)
        if found is None:
            return line
        at, free = found + 1, False
    return None


def expected_status(shown: list[str]) -> int:
    bad = any(line.startswith("pdcraft: ") or '"pdcraft.error/1"' in line for line in shown)
    return 2 if bad else 0


def run_page(page: Path, folder: Path) -> list[str]:
    """Run a page in a folder; returns what does not hold."""
    faults: list[str] = []
    names: dict[str, object] = {}
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.name}:{block.line}"
        if block.file is not None:
            target = folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.body, encoding="utf-8")
        elif block.kind == "console":
            for command, shown in sessions(block.body):
                status, output = run(command, folder)
                if status != expected_status(shown):
                    faults.append(f"{where}: $ {command}\nexit status {status}\n{output}")
                elif (line := missing(shown, output)) is not None:
                    faults.append(f"{where}: $ {command}\nnot in its output: {line}\n{output}")
        elif block.kind == "python":
            test = doctest.DocTestParser().get_doctest(block.body, names, where, str(page), 0)
            report: list[str] = []
            runner = doctest.DocTestRunner(
                optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False
            )
            runner.run(test, out=report.append, clear_globs=False)
            names = test.globs
            faults += report
        elif block.kind == CELL:
            try:
                exec(compile(block.body, where, "exec"), names)
            except Exception as error:
                faults.append(f"{where}: {type(error).__name__}: {error}")
    return faults


def runnable(page: Path) -> bool:
    found = blocks(page.read_text(encoding="utf-8"))
    return any(b.kind in ("console", "python", CELL) for b in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [p for p in PAGES if runnable(p)], ids=lambda p: str(p.relative_to(ROOT / "docs"))
)
def test_examples_run_as_shown(page, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    faults = run_page(page, tmp_path)
    assert not faults, "\n\n".join(faults)


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as GitHub and MyST make them."""
    prose = BLOCK.sub("", text)
    heads = re.findall(r"^#+ +(.+?) *$", prose, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_resolve(page):
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{page.name}: {target}"


def test_every_page_is_linked_from_the_index():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        name = page.relative_to(ROOT / "docs").as_posix()
        assert name == "README.md" or f"({name})" in index, f"docs/README.md does not name {name}"


def known_options() -> dict[str, set[str]]:
    """Options of every command, from the command line itself."""
    import typer

    from pdcraft.cli import app

    group = typer.main.get_command(app)
    out = {"": {"--help", "--version"}}
    for name, command in group.commands.items():
        # of a group: the options of all its commands
        parts = [command, *getattr(command, "commands", {}).values()]
        params = [p for part in parts for p in part.params]
        out[name] = {o for p in params for o in p.opts if o.startswith("--")} | {"--help"}
    return out


@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda p: str(p.relative_to(ROOT)))
def test_named_commands_and_options_exist(page):
    known = known_options()
    text = page.read_text(encoding="utf-8")
    code = [line for b in blocks(text) if b.kind == "console" for line in b.body.splitlines()]
    code = [line[2:] for line in code if line.startswith("$ ")]
    prose = BLOCK.sub("", text)
    code += re.findall(r"`(pdcraft [^`]+)`", prose)
    for line in code:
        found = re.match(r"pdcraft(?: +([a-z][a-z-]*))?", line)
        command = (found[1] if found else None) or ""
        assert command in known, f"{page.name}: no command '{command}' in: {line}"
        strange = options_in(line) - known[command]
        assert not strange, f"{page.name}: no option {strange} in: {line}"
    alone = {o for text in re.findall(r"`(--[^`]+)`", prose) for o in options_in(text)}
    strange = alone - set().union(*known.values())
    assert not strange, f"{page.name}: no command has the option {strange}"


def options_in(line: str) -> set[str]:
    return set(re.findall(r"(?<!\S)(--[A-Za-z][A-Za-z0-9-]*)", line))


def test_reference_names_every_command_and_option():
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    for command, options in known_options().items():
        section = text
        if command:
            section = text.partition(f"\n## pdcraft {command}\n")[2].partition("\n## ")[0]
            assert section, f"commands.md has no section 'pdcraft {command}'"
        shown = {o for text in re.findall(r"`(--[^`]+)`", section) for o in options_in(text)}
        assert options - shown <= {"--help"}, f"commands.md: {command} lacks {options - shown}"


def test_study_page_names_every_key():
    from pdcraft.study.model import StudyFile

    page = (ROOT / "docs" / "how-to" / "write-a-study.md").read_text(encoding="utf-8")
    for name, field in StudyFile.model_fields.items():
        assert f"`{field.alias or name}`" in page or f"[{name}]" in page, name
        tables = [field.annotation, *getattr(field.annotation, "__args__", ())]
        for table in tables:
            keys = getattr(table, "model_fields", {})
            section = re.split(rf"\n## \[+{name}\]+\n", page)[-1].partition("\n## ")[0]
            missing_keys = [key for key in keys if f"`{key}`" not in section]
            assert not missing_keys, f"write-a-study.md: [{name}] lacks {missing_keys}"


def test_a_wrong_line_or_number_is_seen():
    output = "liver 1.162 mGy/MBq\nspleen 0.9\n"
    assert missing(["liver  1.163 mGy/MBq"], output) is None  # rounding on another machine
    assert missing(["2026"], "2025") == "2026"
    assert missing(["1e-3"], "1e-4") == "1e-3"
    assert missing(["liver 1.262 mGy/MBq"], output) == "liver 1.262 mGy/MBq"
    assert missing(["liver 1.162 Gy/MBq"], output) == "liver 1.162 Gy/MBq"
    assert missing(["spleen 0.9", "liver 1.162 mGy/MBq"], output) == "liver 1.162 mGy/MBq"
    assert missing(["…", "spleen 0.9"], output) is None


def keys_of(table: object) -> set[str]:
    """All keys of a TOML or JSON tree."""
    if isinstance(table, dict):
        return set(table) | {key for value in table.values() for key in keys_of(value)}
    if isinstance(table, list):
        return {key for value in table for key in keys_of(value)}
    return set()


def skeletons(page: str) -> set[str]:
    text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    return {k for b in blocks(text) if b.kind == "toml" for k in keys_of(tomllib.loads(b.body))}


def test_the_agent_skeleton_has_the_catalogue_s_keys():
    folder = ROOT / "src" / "pdcraft" / "data" / "catalogue"
    agents = [
        row for f in ("cellectar", "neighbors") for row in read(folder / f"{f}.toml")["agent"]
    ]
    rows = [
        *agents,
        *read(folder / "patents.toml").values(),
        *read(folder / "sources.toml").values(),
    ]
    known = {key for row in rows for key in keys_of(row)}
    parts = {key for group in read(folder / "parts.toml").values() for key in keys_of(group)}
    shown = skeletons("add-an-agent.md")
    assert known <= shown
    assert shown - known - parts <= {"agent", "smith-2027", "US 0,000,000", "carriers", "EX100"} | {
        "payloads"
    }


def test_the_nuclide_skeleton_has_the_tables_keys():
    folder = ROOT / "src" / "pdcraft" / "data" / "nuclides"
    known = {key for path in folder.glob("*.toml") for key in keys_of(read(path))}
    assert skeletons("add-a-nuclide.md") == known


def test_the_carrier_page_names_every_key():
    from pdcraft.kinetics import carrier_file

    text = (ROOT / "docs" / "how-to" / "write-a-carrier-file.md").read_text(encoding="utf-8")
    tables = ("CarrierFile", "Plasma", "WholeBody", "Tissue", "Parameter", "CitationEntry")
    for name in tables:
        for key, field in getattr(carrier_file, name).model_fields.items():
            word = field.alias or key
            assert f"`{word}`" in text or f"[{word}]" in text, f"{name}.{word}"


def test_every_key_of_the_schemas_is_explained():
    text = (ROOT / "docs" / "reference" / "json-documents.md").read_text(encoding="utf-8")
    for path in (ROOT / "src" / "pdcraft" / "data" / "schema").glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        name = schema["properties"]["schema"]["const"]
        assert f"\n## {name}\n" in text, f"json-documents.md has no section {name}"
        unknown = [key for key in schema_keys(schema) if f"`{key}`" not in text and key != "schema"]
        assert not unknown, f"{name}: json-documents.md lacks {unknown}"


def schema_keys(schema: object) -> set[str]:
    if isinstance(schema, list):
        return {key for one in schema for key in schema_keys(one)}
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own | {key for value in schema.values() for key in schema_keys(value)}


def updated(page: Path, folder: Path) -> str:
    """Text of a page with the numbers of its console blocks as they come out now."""
    text = page.read_text(encoding="utf-8")
    for block in blocks(text):
        if block.file is not None:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.body, encoding="utf-8")
        elif block.kind == "python":
            test = doctest.DocTestParser().get_doctest(block.body, {}, page.name, None, 0)
            doctest.DocTestRunner(verbose=False).run(test, out=lambda _: None)
        elif block.kind == "console":
            body = block.body
            for command, shown in sessions(block.body):
                lines = run(command, folder)[1].splitlines()
                for line in shown:
                    form = NUMBER.sub("#", words_of(line))
                    at = [i for i, x in enumerate(lines) if NUMBER.sub("#", words_of(x)) == form]
                    if at:
                        body = body.replace(line, lines[at[0]].rstrip(), 1)
                        del lines[: at[0] + 1]
            text = text.replace(block.body, body, 1)
    return text


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    import tempfile

    for name in sys.argv[1:]:
        page = Path(name).resolve()
        with tempfile.TemporaryDirectory() as scratch:
            shutil.copytree(ROOT / "examples", Path(scratch, "examples"))
            os.chdir(scratch)
            page.write_text(updated(page, Path(scratch)), encoding="utf-8")
            os.chdir(ROOT)
