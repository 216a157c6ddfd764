"""``pdcraft fit --population`` on an event table: one document, plots, bad input refused."""

import csv
import json
import math
import statistics
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app
from pdcraft.io.event_table import read_events


@pytest.fixture
def theoph(tmp_path):
    text = files("pdcraft.validate").joinpath("cases", "kinetics", "theoph.csv").read_text()
    path = tmp_path / "theoph.csv"
    path.write_text(text)
    return path


def run(capsys, *arguments, status=0):
    assert run_app([*map(str, arguments), "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    kind = found["schema"].removeprefix("pdcraft.").removesuffix("/1")
    text = files("pdcraft.data").joinpath("schema", f"{kind}.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return found


def test_an_event_table_gives_its_document_and_page(capsys, theoph, tmp_path):
    page = tmp_path / "fit.html"
    found = run(
        capsys, "fit", theoph, "--population", "--model", "oral-1cpt-rates", "--plot", page,
        "--error", "additive",
    )  # fmt: skip
    assert found["n_subjects"] == 12
    # nlme, with ke random too: its value of CL, 0.0397, within 0.1 standard error
    assert found["typical"]["CL"] == pytest.approx(0.0397, rel=0.01, abs=0)
    html = page.read_text(encoding="utf-8")
    for part in ("individual-fits", "predictive-check", "weighted-residuals", "prediction-errors"):
        assert f'id="{part}"' in html
    assert "<script src=" not in html  # offline


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "is an event table: give --model"),
        (("--model", "oral-1ctp"), "did you mean 'oral-1cpt'"),
        (("--model", "iv-1cpt"), "observes compartment 2"),
        (("--model", "oral-1cpt", "--covariance", "ful"), "did you mean 'full'"),
        (("--model", "oral-1cpt", "--allometry", "yes"), "allometry 'yes' is not one of none"),
    ],
)
def test_bad_input_is_refused(capsys, theoph, options, says):
    found = run(capsys, "fit", theoph, "--population", *options, status=2)
    assert says in json.dumps(found["errors"])


def test_an_event_table_asks_for_population(capsys, theoph):
    assert "add --population and --model" in str(run(capsys, "fit", theoph, status=2)["errors"])


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables_hold_every_observation_and_the_events(capsys, theoph, tmp_path):
    folder = tmp_path / "new" / "tables"
    command = ("fit", theoph, "--population", "--model", "oral-1cpt", "--tables", folder)
    found = run(capsys, *command)
    rows = rows_of(folder / "residuals.csv")
    assert list(rows[0]) == ["ID", "TIME", "DV", "PRED", "IPRED", "IWRES", "CWRES", "NPDE"]
    # the predose zeros are observations too
    assert len(rows) == found["n_observations"] == 132
    second = rows[1]
    assert (second["ID"], second["TIME"], second["DV"]) == ("1", "0.25", "2.84")  # Theoph, line 2
    # the error by its definition: additive and proportional to the individual prediction
    a, b = (found["residual_sd"][n] for n in ("additive_sd", "proportional_sd"))
    for row in rows[1:11]:
        dv, f = float(row["DV"]), float(row["IPRED"])
        want = (dv - f) / math.hypot(a, b * f)
        assert float(row["IWRES"]) == pytest.approx(want, rel=1e-12, abs=1e-12)  # of SDs
    for name in ("cwres", "npde"):
        told = found["diagnostics"][name]
        values = [float(r[name.upper()]) for r in rows]
        assert told["n"] == 132
        assert told["mean"] == pytest.approx(statistics.fmean(values), rel=1e-9, abs=1e-12)
        assert told["variance"] == pytest.approx(statistics.variance(values), rel=1e-9, abs=0)
        assert 0.5 < told["variance"] < 1.6  # nlme describes these data well
    events = read_events(folder / "events.csv")
    assert len(events) == len(read_events(theoph))
    ka, clearance, volume = (found["typical"][n] for n in ("ka", "CL", "V"))
    k = clearance / volume
    for row in rows[1:11]:  # Bateman's function of subject 1, who took 4.02 mg/kg
        t = float(row["TIME"])
        want = 4.02 * ka / volume / (ka - k) * (math.exp(-k * t) - math.exp(-ka * t))
        assert float(row["PRED"]) == pytest.approx(want, rel=1e-10, abs=0)


def test_additional_doses_are_written_out(capsys, tmp_path):
    path = tmp_path / "multiple.csv"
    rows = ["ID,TIME,AMT,DV,EVID,MDV,ADDL,II"]
    for i, scale in enumerate((1.0, 1.2, 0.8, 1.1), 1):
        rows.append(f"{i},0,100,.,1,1,2,12")
        for t, c in ((1, 9.1), (6, 5.3), (11, 3.4), (25, 12.1), (30, 7.4), (40, 2.6)):
            rows.append(f"{i},{t},.,{c * scale + 0.1 * (t % 3):.3f},0,0,.,.")
    path.write_text("\n".join(rows) + "\n")
    folder = tmp_path / "t"
    run(
        capsys, "fit", path, "--population", "--model", "iv-1cpt", "--error", "proportional",
        "--tables", folder,
    )  # fmt: skip
    first = [r for r in rows_of(folder / "events.csv") if r["ID"] == "1" and r["EVID"] == "1"]
    assert [r["TIME"] for r in first] == ["0", "12", "24"]
    assert "ADDL" not in first[0]


def test_every_estimate_says_its_scale_and_its_typical_value(capsys, theoph):
    command = ("fit", theoph, "--population", "--model", "oral-1cpt", "--error", "additive")
    found = run(capsys, *command)
    for name, effect in found["fixed_effects"].items():
        assert effect["scale"] == "log"
        assert effect["typical"] == pytest.approx(math.exp(effect["value"]), rel=1e-12, abs=0)
        assert effect["typical"] == pytest.approx(found["typical"][name], rel=1e-12, abs=0)
        want = effect["typical"] * effect["std_err"]  # slope of the exponential
        assert effect["typical_std_err"] == pytest.approx(want, rel=1e-12, abs=0)
        ratio = effect["typical_high"] / effect["typical"]
        assert math.log(ratio) == pytest.approx(1.96 * effect["std_err"], rel=1e-4, abs=0)
        assert effect["typical_low"] < effect["typical"] < effect["typical_high"]


def test_an_exponent_is_on_its_natural_scale(capsys, theoph):
    command = ("fit", theoph, "--population", "--model", "oral-1cpt", "--allometry", "estimated")
    found = run(capsys, *command)
    effect = found["fixed_effects"]["CL~WT"]
    assert effect["scale"] == "natural"
    assert effect["typical"] == effect["value"]


def test_a_biodistribution_has_every_key_and_its_residuals(capsys, tmp_path):
    rows = ["region,subject,time_h,value,unit"]
    for i, size in enumerate((5.1, 6.8, 4.4, 5.9)):
        rate = 0.02 * (1 + 0.1 * (i - 1.5))
        for j, t in enumerate((1, 6, 24, 72, 144)):
            wobble = 1 + 0.04 * ((i * 5 + j * 3) % 7 - 3) / 3
            rows.append(f"plasma,p{i},{t},{size * math.exp(-rate * t) * wobble:.6g},%IA")
    path = tmp_path / "four.csv"
    path.write_text("\n".join(rows) + "\n")
    command = ("fit", path, "--payload", "Lu-177", "--draws", "60")
    folder = tmp_path / "t"
    found = run(capsys, *command, "--population", "--tables", folder)
    plain = run(capsys, *command)
    assert list(found) == list(plain)
    assert list(found["regions"]["plasma"]) == list(plain["regions"]["plasma"])
    told = found["regions"]["plasma"]["diagnostics"]
    assert told["cwres"]["n"] == told["npde"]["n"] == 20
    table = rows_of(folder / "residuals.csv")
    assert {r["REGION"] for r in table} == {"plasma"}
    assert len(table) == 20
    assert float(table[0]["DV"]) == pytest.approx(0.048135, rel=1e-5, abs=0)  # 4.81347 %IA
