"""What every study's results document keeps, stage by stage: all examples at a reduced size."""

import copy
import csv
import json
import math
import re
import shutil
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from pdcraft.core.quantity import QUANTITIES
from pdcraft.io.store import dumps, results_document, run_tables
from pdcraft.study.recipes.bench import run_bench
from pdcraft.study.run import run_study

EXAMPLES = Path(__file__).parents[3] / "examples"
STUDIES = sorted(p.parent.name for p in EXAMPLES.glob("*/study.toml"))
QUICK = ("clr131_parameters", "mouse_i131", "portfolio")
ORIGINS = {"measured", "published", "fitted", "predicted", "computed", "assumed"}
SPREADS = {"knowledge", "population", "predictive"}
SERIES_COLUMNS = "agent,host,arm,region,time_h,value,low,high,std_err".split(",")
NUMBERS = ("value", "sd", "low", "high", "std_err")
SCHEMA = files("pdcraft.data").joinpath("schema", "results.schema.json")


def run_small(name, folder):
    """Run an example with few draws, of a bench four models, of a scene a second of light."""
    place = folder / name
    shutil.copytree(EXAMPLES / name, place)
    for scene in place.glob("*.toml"):
        text = scene.read_text(encoding="utf-8")
        text = re.sub(r'max_time = "[^"]*"', 'max_time = "1 s"', text)
        text = re.sub(r'models = "all"', 'models = ["A2780", "PC3", "virtual-001"]', text)
        scene.write_text(text, encoding="utf-8")
    study = place / "study.toml"
    if "[bench]" in study.read_text(encoding="utf-8"):
        return run_bench(study, draws=20).run
    return run_study(study, draws=60).run


def document_of(run):
    tables = run_tables(run)
    return results_document(run, tables, dict.fromkeys(tables, "table")), tables


def faults(document, tables):
    """All that a results document and its tables break of what scripts rely on."""
    out = []

    def hold(true, *words):
        if not true:
            out.append(" ".join(str(w) for w in words))

    rows, series = document["results"], document["series"]
    cited = {c["key"] for c in document["citations"]}
    ids = [row["id"] for row in rows]
    known = set(ids)
    for part, key in (("results", "id"), ("series", "id"), ("assumptions", "id")):
        names = [one[key] for one in document[part]]
        hold(names == sorted(names), part, "not sorted")
        hold(len(names) == len(set(names)), part, "not unique")
    for part, keys in (
        ("citations", ("key",)),
        ("files", ("path",)),
        ("warnings", ("stage", "code")),
    ):
        names = [tuple(one[k] for k in keys) for one in document[part]]
        hold(names == sorted(names), part, "not sorted")
    for one in (*rows, *series):
        parts = [one[k] or "-" for k in ("stage", "quantity", "region", "agent", "host", "arm")]
        time = [] if one.get("time_h") is None else [f"{one['time_h']:g}"]
        hold(one["id"] == "/".join([*parts, *time]), one["id"], "is not made of its parts")
        hold(one["stage"] in document["stages"], one["id"], "of no stage that ran")
        hold(QUANTITIES[one["quantity"]].unit == one["unit"], one["id"], "in", one["unit"])
    for row in rows:
        low, high = row["low"], row["high"]
        hold(row["origin"] in ORIGINS and row["spread"] in SPREADS, row["id"], "words")
        if row["origin"] in ("computed", "predicted"):
            hold(low is not None and high is not None, row["id"], "without limits")
        hold(low is None or (row["value"] is not None and low <= high), row["id"], low, high)
        hold(cited.issuperset(row["sources"]), row["id"], "cites", row["sources"])
        hold(known.issuperset(row["compare_with"]), row["id"], "beside", row["compare_with"])
        hold(all(0 < d["share"] <= 1 for d in row["drivers"]), row["id"], "shares")
    for one in document["assumptions"]:
        hold(cited.issuperset(one["sources"]), one["id"], "cites", one["sources"])
    printed = list(csv.DictReader(tables["tables/results.csv"].decode().splitlines()))
    hold([r["id"] for r in printed] == ids, "results.csv has other rows")
    for row, line in zip(rows, printed, strict=False):
        same = [line[k] == ("" if row[k] is None else str(row[k])) for k in NUMBERS]
        hold(all(same), row["id"], "differs in results.csv")
    named = {one["file"] for one in series}
    of_series = set(tables) - {"tables/results.csv", "tables/inputs.csv"}
    hold(of_series == named, "series in other tables:", *(of_series ^ named))
    for file in named:
        lines = csv.reader(tables[file].decode().splitlines())
        hold(next(lines) == SERIES_COLUMNS, file, "columns")
        found = set()
        for line in lines:
            one = dict(zip(SERIES_COLUMNS, line, strict=True))
            found.add((one["agent"], one["host"], one["arm"], one["region"]))
            values = [float(one[k]) for k in ("time_h", "value", "low", "high")]
            hold(all(map(math.isfinite, values)), file, line, "not finite")
            hold(values[2] <= values[3], file, line, "limits")
        own = {
            tuple(one[k] or "" for k in ("agent", "host", "arm", "region"))
            for one in series
            if one["file"] == file
        }
        hold(found == own, file, "holds other series")
    hold({one["path"] for one in document["files"]} == set(tables), "files")
    return out


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in STUDIES]
)
def test_examples_keep_the_document(name, tmp_path):
    document, tables = document_of(run_small(name, tmp_path))
    text = dumps(document)  # refuses NaN and infinity
    jsonschema.validate(json.loads(text), json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert str(tmp_path) not in text
    assert document["results"]
    assert faults(document, tables) == []


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return document_of(run_small("clr131_parameters", tmp_path_factory.mktemp("sound")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["results"].reverse(), "results not sorted"),
        (lambda d: d["results"].insert(0, d["results"][0]), "results not unique"),
        (lambda d: d["results"][0].update(region="elsewhere"), "is not made of its parts"),
        (lambda d: d["results"][0].update(origin="computed", low=None), "without limits"),
        (lambda d: d["results"][0].update(spread="other"), "words"),
        (lambda d: d["results"][0].update(unit="furlong"), "in furlong"),
        (lambda d: d["results"][0].update(sources=["nobody2020"]), "cites ['nobody2020']"),
        (lambda d: d["results"][0].update(compare_with=["nothing"]), "beside ['nothing']"),
        (lambda d: d["series"].pop(), "other"),
        (lambda d: d["stages"].remove("kinetics"), "of no stage that ran"),
        (lambda d: d["files"].pop(), "files"),
    ],
)
def test_a_broken_document_is_seen(change, words, sound):
    document, tables = sound
    broken = copy.deepcopy(document)
    change(broken)
    assert any(words in fault for fault in faults(broken, tables))
