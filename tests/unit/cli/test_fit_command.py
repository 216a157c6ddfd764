"""``pdcraft fit``: one document with every key, a readable table, errors with a way out."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from pdcraft.cli import run_app

EXAMPLE = str(Path(__file__).parents[3] / "examples" / "mouse_i131" / "biodistribution.csv")


def document(capsys, *arguments, status=0):
    assert run_app(["fit", *arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_the_mouse_example_follows_the_schema(capsys):
    found = document(capsys, EXAMPLE, "--payload", "I-131", "--draws", "100")
    text = files("pdcraft.data").joinpath("schema", "fit.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    assert found["payload"] == "I-131"
    assert list(found["regions"]) == ["tumor", "blood", "liver", "spleen", "kidneys", "lungs"]
    tumor = found["regions"]["tumor"]
    assert tumor["model"] == "uptake_exp1_from_f0"  # 2.5 %IA/g at 0 h, 10 at 4 h
    assert tumor["tiac_h"] is None
    # by hand, from the printed values with decay: linear trapezoids give 1.709 h/g to 24 h, and
    # logarithmic ones where the values fall somewhat less
    nca = tumor["nca"][0]
    inside = nca["value"] * (1 - nca["extrapolated_share"])
    assert inside == pytest.approx(1.709, rel=0.01, abs=0)
    assert any(flag.startswith("extrapolated") for flag in tumor["flags"])
    blood = found["regions"]["blood"]
    assert blood["model"] == "exp2"
    assert blood["extrapolated_share"] < 0.2
    assert not any(flag.startswith("extrapolated") for flag in blood["flags"])


def test_the_same_seed_gives_the_same_bytes_and_bootstrap_other_draws(capsys):
    base = (EXAMPLE, "--payload", "I-131", "--draws", "80")
    one, two = document(capsys, *base), document(capsys, *base)
    assert one == two
    other = document(capsys, *base, "--bootstrap")
    key = "tiac_h_per_g"
    a, b = (d["regions"]["lungs"][key]["value"] for d in (one, other))
    assert a != b
    assert a == pytest.approx(b, rel=0.05)  # two ways to the same spread of 7%


def test_another_nuclide_of_the_same_biology(capsys):
    base = (EXAMPLE, "--payload", "I-131", "--draws", "80")
    moved = document(capsys, *base, "--as", "Y-90")
    assert (moved["payload"], moved["measured_with"]) == ("Y-90", "I-131")
    iodine = document(capsys, *base)
    for name, region in moved["regions"].items():
        same = iodine["regions"][name]
        assert region["aicc"] == same["aicc"]
        assert region["tiac_h_per_g"]["value"] < same["tiac_h_per_g"]["value"]


def test_suv_needs_a_body_mass_and_is_read_per_gram(capsys, tmp_path):
    path = tmp_path / "suv.csv"
    rows = "".join(f"liver,{t},{5 * 0.9**t:.6f},SUV\n" for t in range(8))
    path.write_text("region,time_h,value,unit\n" + rows)
    refused = document(capsys, str(path), "--payload", "I-124", status=2)
    assert refused["schema"] == "pdcraft.error/1"
    assert "--body-mass" in refused["errors"][0]["hint"]
    base = (str(path), "--payload", "I-124", "--draws", "80", "--body-mass")
    mouse, rat = (document(capsys, *base, mass) for mass in ("25 g", "250 g"))
    a, b = (d["regions"]["liver"]["tiac_h_per_g"]["value"] for d in (mouse, rat))
    assert a == pytest.approx(10 * b, rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--payload", "I-13"), "no decay data for nuclide 'I-13'"),
        (("--payload", "I-131", "--tail", "long"), "tail 'long' is not one of"),
        (("--payload", "I-131", "--error", "big"), "error 'big' is not one of"),
        (("--payload", "I-131", "--draws", "3"), "too few for limits"),
        (("--payload", "I-131", "--body-mass", "25"), "needs a unit"),
        (("--payload", "I-131", "--body-mass", "0 g"), "--body-mass: must be above zero"),
        (
            ("--payload", "I-131", "--population", "--bootstrap"),
            "--bootstrap does not apply to --pop",
        ),
        (("--payload", "I-131", "--model", "iv-1cpt"), "--model does not apply to a fit without"),
    ],
)
def test_bad_options_are_refused_in_one_document(capsys, arguments, words):
    found = document(capsys, EXAMPLE, *arguments, status=2)
    assert words in found["errors"][0]["message"]


def test_an_event_table_refuses_every_option_that_would_do_nothing(capsys, tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("ID,TIME,AMT,DV\n1,0,100,.\n1,1,.,2.0\n1,4,.,1.0\n")
    idle = {
        "--payload": "I-131", "--as": "Xx-1", "--body-mass": "heavy", "--administered": "-3",
        "--tail": "sideways", "--draws": "-7",
    }  # fmt: skip
    given = [word for pair in idle.items() for word in pair]
    table = (str(path), "--population", "--model", "oral-1cpt")
    found = document(capsys, *table, *given, "--bootstrap", status=2)
    assert [e["key"] for e in found["errors"]] == [
        *[*idle][:5], "--draws", "--bootstrap",
    ]  # fmt: skip
    assert found["errors"][0]["message"] == "--payload does not apply to an event table"
    lone = document(capsys, str(path), "--payload", "I-131", status=2)
    assert "is an event table: add --population and --model" in lone["errors"][0]["message"]


def test_table_and_plot_for_people(capsys, tmp_path):
    plot = tmp_path / "fit.html"
    assert (
        run_app(["fit", EXAMPLE, "--payload", "I-131", "--draws", "80", "--plot", str(plot)]) == 0
    )
    out = capsys.readouterr().out
    assert "Time-integrated activity coefficients, I-131" in out
    assert "tumor: extrapolated" in out
    page = plot.read_text(encoding="utf-8")
    assert "<h3>kidneys <span>%IA/g</span></h3>" in page
    assert "Fitted curves: I-131, biodistribution.csv" in page
    assert "https://cdn" not in page.split("plotly.js")[0]
