"""``pdcraft response`` and ``pdcraft indications``: documents, numbers, and what is refused."""

import json
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app
from pdcraft.validate.tables import reference_rows

BED = ("response", "bed", "--alpha-beta", "10 Gy", "--repair", "1.5 h")
RADIONUCLIDE = ("--dose", "20 Gy", "--half-life", "156 h")


def document(capsys, *arguments, status=0):
    assert run_app([*arguments, "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    kind = found["schema"].removeprefix("pdcraft.").removesuffix("/1")
    text = files("pdcraft.data").joinpath("schema", f"{kind}.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return found


@pytest.fixture
def dvh(tmp_path):
    rows = reference_rows("response", "eud_lkb_tcp_dvh.csv")
    path = tmp_path / "dvh.csv"
    lines = ["dose_Gy,volume_fraction", *(f"{r['dose_Gy']},{r['frac_volume']}" for r in rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_bed_of_the_reference_table(capsys):
    row = reference_rows("response", "bed_monoexp.csv")[100]
    found = document(
        capsys, "response", "bed", "--dose", f"{row['D_Gy']} Gy", "--half-life",
        f"{row['T_eff_h']} h", "--repair", f"{row['T_rep_h']} h", "--alpha-beta",
        f"{row['alpha_beta_Gy']} Gy",
    )["result"]  # fmt: skip
    for key, want in (("lea_catcheside_G", "G"), ("BED_Gy", "BED_Gy"), ("EQD2_Gy", "EQD2_Gy")):
        assert found[key] == pytest.approx(float(row[want]), rel=1e-13, abs=0)
    assert found["surviving_fraction"] is None


def test_two_administrations_and_a_beam_to_a_total(capsys):
    found = document(
        capsys, *BED, "--dose", "12 Gy", "--half-life", "100 h", "--at", "0 d", "--at", "7 d",
        "--complete-to", "64 Gy", "--first-fraction", "14 d", "--alpha", "0.3",
        "--uptake-half-life", "10 h", "--repair-slow", "4 h", "--repair-share", "0.5",
    )["result"]  # fmt: skip
    assert found["absorbed_dose_Gy"] == pytest.approx(12.0, rel=1e-12)
    assert found["external_beam_dose_Gy"] == pytest.approx(52.0, rel=1e-12)
    parts = ("linear_Gy", "quadratic_Gy", "external_beam_BED_Gy", "interplay_Gy")
    assert found["BED_Gy"] == pytest.approx(sum(found[p] for p in parts), rel=1e-12)


def test_a_sampled_dose_rate(capsys, tmp_path):
    path = tmp_path / "rate.csv"
    path.write_text("# one day\ntime_h,Gy_per_h\n0,1\n1,1\n")
    found = document(capsys, *BED, "--rate", str(path))["result"]
    # constant for an hour: G = 2/(mu T)² (mu T - 1 + e^(-mu T)), mu T = ln 2/1.5
    x = 0.46209812037329684
    assert found["lea_catcheside_G"] == pytest.approx(
        2 / x**2 * (x - 1 + 2.718281828459045**-x), rel=1e-10, abs=0
    )


def test_parameters_of_an_indication_are_said(capsys):
    found = document(capsys, "response", "bed", *RADIONUCLIDE, "--indication", "HNSCC")
    assert found["parameters"]["alpha_per_Gy"] == 0.24
    assert any("kick_off_d 19.2 d" in text for text in found["assumed"])
    # at its onset growth, 0.83 Gy per day, outweighs what is left of the dose rate: 0.3 Gy per day
    assert found["result"]["until_d"] == pytest.approx(19.2, rel=1e-9, abs=0)
    assert found["result"]["repopulation_Gy"] == 0


def test_draws_of_an_indication(capsys):
    asked = (*RADIONUCLIDE, "--indication", "glioma", "--draws", "400", "--until", "60 d")
    found = document(capsys, "response", "bed", *asked)
    limits = found["spread"]["BED_Gy"]
    assert limits["low"] < found["result"]["BED_Gy"] < limits["high"]
    # what is given is not drawn: with alpha, alpha/beta, repair and growth given, nothing is
    fixed = document(
        capsys, "response", "bed", *asked, "--alpha", "0.1", "--alpha-beta", "8 Gy", "--repair",
        "1 h", "--doubling", "15 d", "--kick-off", "37 d",
    )  # fmt: skip
    spread = fixed["spread"]["BED_Gy"]
    assert (spread["value"], spread["low"]) == (fixed["result"]["BED_Gy"], None)
    control = document(capsys, "response", "tcp", *asked, "--mass", "1 g", "--seed", "7")
    assert 0 <= control["spread"]["TCP"]["low"] <= control["spread"]["TCP"]["high"] <= 1
    assert document(capsys, *BED, *RADIONUCLIDE)["spread"] is None


def test_control_of_a_histogram_in_two_gray_fractions(capsys, dvh):
    found = document(
        capsys, "response", "tcp", "--dvh", dvh, "--per-fraction", "2 Gy", "--alpha", "0.3",
        "--alpha-beta", "10 Gy", "--clonogens", "1e7",
    )["result"]  # fmt: skip
    # 30-digit arithmetic: 1.600183529e-267450
    assert found["log10_TCP"] == pytest.approx(-267449.7958302042, rel=1e-12, abs=0)
    assert found["TCP"] == 0.0


def test_control_of_a_course(capsys, dvh):
    asked = (
        "response", "tcp", "--dose", "60 Gy", "--half-life", "100 h", "--mass", "5 g",
        "--indication", "dlbcl",
    )  # fmt: skip
    plain = document(capsys, *asked)["result"]
    assert plain["clonogens"] == pytest.approx(5e7)
    cold = document(capsys, *asked, "--dvh", dvh)["result"]
    spread = document(capsys, *asked, "--alpha-spread", "0.5")["result"]
    assert cold["TCP"] < plain["TCP"]
    assert spread["TCP"] < plain["TCP"]
    assert spread["log10_TCP"] is None


def test_eud_and_complications(capsys, dvh):
    eud = document(capsys, "response", "eud", "--dvh", dvh, "--a", "8")["result"]
    assert eud["EUD_Gy"] == pytest.approx(43.6111088015, rel=1e-11, abs=0)
    asked = ("response", "ntcp", "--dvh", dvh, "--n", "0.87", "--m", "0.18", "--td50", "24.5 Gy")
    plain = document(capsys, *asked)["result"]["NTCP"]
    assert plain == pytest.approx(0.692880244946, rel=1e-10, abs=0)
    slow = document(capsys, *asked, "--alpha-beta", "2.5 Gy", "--G", "0.05")["result"]["NTCP"]
    assert slow < plain


def test_drug_models_give_curves(capsys):
    counts = document(capsys, "response", "friberg", "--dose", "350 umol", "--step", "1 d")
    assert counts["result"]["nadir_1e9_per_L"] == pytest.approx(3.06, rel=0, abs=0.05)
    assert len(counts["curve"]["time_h"]) == len(counts["curve"]["count_1e9_per_L"]) == 29
    mass = document(capsys, "response", "simeoni", "--concentration", "0 ng/mL")
    assert mass["curve"]["mass_g"][10] == pytest.approx(0.843308779906133, rel=1e-5, abs=0)


BAD = {
    "negative dose": (*BED, "--dose", "-1 Gy", "--half-life", "5 h"),
    "alpha/beta of zero": (*BED, *RADIONUCLIDE, "--alpha-beta", "0 Gy"),
    "repair time of zero": (*BED, *RADIONUCLIDE, "--repair", "0 h"),
    "negative repair time": (*BED, *RADIONUCLIDE, "--repair", "-1 h"),
    "no irradiation": BED,
    "no half-life": (*BED, "--dose", "1 Gy"),
    "negative half-life": (*BED, "--dose", "1 Gy", "--half-life", "-3 h"),
    "repopulation without alpha": (*BED, *RADIONUCLIDE, "--doubling", "3 d"),
    "two beams": (*BED, "--fractions", "3", "--complete-to", "64 Gy"),
    "share without slow repair": (*BED, *RADIONUCLIDE, "--repair-share", "0.5"),
    "alpha not positive": (*BED, *RADIONUCLIDE, "--alpha", "0"),
    "activity as dose": (*BED, "--dose", "1 GBq", "--half-life", "5 h"),
    "no clonogens": ("response", "tcp", *RADIONUCLIDE, "--indication", "glioma"),
    "negative clonogens": (
        "response", "tcp", *RADIONUCLIDE, "--indication", "glioma", "--clonogens", "-1",
    ),
    "draws of nothing": (*BED, *RADIONUCLIDE, "--draws", "50"),
    "no such histogram": ("response", "eud", "--dvh", "nowhere.csv", "--a", "1"),
    "unknown indication": ("indications", "gliom"),
    "unknown drug": ("response", "friberg", "--drug", "paclitaxol"),
    "negative concentration": ("response", "simeoni", "--concentration", "-1 ng/mL"),
}  # fmt: skip


@pytest.mark.parametrize("arguments", BAD.values(), ids=list(BAD))
def test_bad_input_is_refused_with_a_reason(capsys, arguments):
    found = document(capsys, *arguments, status=2)
    assert found["errors"][0]["message"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dose,volume\n1,1\n", "columns are"),
        ("dose_Gy,volume_fraction\n1,x\n", "two numbers"),
        ("dose_Gy,volume_fraction\n-1,1\n", "two numbers, finite and not negative"),
        ("dose_Gy,volume_fraction\n", "holds no numbers"),
        ("dose_Gy,volume_fraction\n1,0\n", "holds no volume"),
    ],
)
def test_bad_histograms(capsys, tmp_path, text, said):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    found = document(capsys, "response", "eud", "--dvh", str(path), "--a", "1", status=2)
    assert said in found["errors"][0]["message"]


def test_tables_for_people(capsys, dvh):
    assert run_app([*BED, *RADIONUCLIDE]) == 0
    assert "BED_Gy" in capsys.readouterr().out
    assert run_app(["response", "friberg"]) == 0
    assert "nadir" in capsys.readouterr().out
    assert run_app(["indications"]) == 0
    assert "lpl_wm" in capsys.readouterr().out
    assert run_app(["indications", "Waldenström"]) == 0
    assert "assumed" in capsys.readouterr().out


def test_indications_document(capsys):
    everything = document(capsys, "indications")
    names = {one["name"] for one in everything["indications"]}
    # entities of the family: hematologic ones singly, solid tumors of the patent, trials
    assert names >= {
        "myeloma", "dlbcl", "cll_sll", "lpl_wm", "mantle_cell", "marginal_zone", "adrenal", "lung",
        "ovarian", "cervical", "prostate", "liver", "breast", "colon", "melanoma", "subcutaneous",
        "head_and_neck", "glioma", "pediatric_high_grade_glioma", "neuroblastoma",
    }  # fmt: skip
    cited = {source["key"] for source in everything["citations"]}
    for one in everything["indications"]:
        for parameter in one["parameters"].values():
            assert set(parameter["sources"]) <= cited
            assert parameter["text"]


def test_help_lists_the_models(capsys):
    for model in ("bed", "eud", "tcp", "ntcp", "friberg", "simeoni"):
        assert run_app(["response", model, "--help"]) == 0
        text = capsys.readouterr().out
        assert "--json" in text
        assert "--seed" in text
