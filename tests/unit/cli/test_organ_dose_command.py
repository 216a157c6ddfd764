"""``pdcraft organ-dose``: documents, draws, refusals; the absorbed fractions are made by hand."""

import json
import subprocess
import sys
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app

MALE = ("organ-dose", "--phantom", "adult-male", "--nuclide", "I-131")
TIAC = "region,tiac_h\nliver,20\nKidneys,3\nsmall intestine wall,1\nremainder,60\n"
SPREAD = "region,tiac_h,sd_h\nliver,20,4\nkidneys,3,\ntotal body,90,5\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, adult_male, made_fractions):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pdcraft.dosimetry.phantom.body_fractions", lambda _: made_fractions)
    (tmp_path / "t.csv").write_text(TIAC)
    (tmp_path / "spread.csv").write_text(SPREAD)
    return tmp_path


def document(capsys, *arguments, status=0):
    assert run_app([*arguments, "--json"]) == status
    out = capsys.readouterr().out
    found = json.loads(out)
    kind = found["schema"].removeprefix("pdcraft.").removesuffix("/1")
    text = files("pdcraft.data").joinpath("schema", f"{kind}.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return found


def test_doses_of_one_draw_have_no_spread(capsys):
    found = document(capsys, *MALE, "--tiac", "t.csv")
    liver = found["absorbed_dose_coefficient_mGy_per_MBq"]["liver"]
    assert liver["sd"] is liver["low"] is liver["high"] is None
    assert liver["std_err"] > 0
    assert found["draws"] == 1
    assert found["effective_dose_coefficient_mSv_per_MBq"] is None
    assert found["absorbed_dose_Gy"] is None
    # rounding of a sum
    assert sum(liver["by_source"].values()) == pytest.approx(liver["value"], rel=1e-12, abs=0)
    assert list(liver["by_source"]) == ["liver", "kidneys", "small_intestine_wall", "remainder"]


def test_doses_are_those_of_the_s_values(capsys):
    """Two documents agree: hours in the liver times its S, 3600 seconds to the hour."""
    dose = document(capsys, *MALE, "--tiac", "t.csv")["absorbed_dose_coefficient_mGy_per_MBq"]
    S = document(capsys, *MALE, "--s-values")["S_mGy_per_MBq_s"]
    for target in ("liver", "spleen", "muscle", "skeleton"):
        want = 20 * 3600 * S[target]["liver"]["value"]
        assert dose[target]["by_source"]["liver"] == pytest.approx(want, rel=1e-12, abs=0)
    assert S["liver"]["small_intestine_wall"] == S["liver"]["small_intestine_contents"]


@pytest.mark.parametrize(("phantom", "soft"), [("adult-male", "muscle"), ("mouse", "remainder")])
def test_s_values_call_soft_tissue_muscle_since_the_remainder_of_a_file_is_more(
    capsys, phantom, soft
):
    arguments = ("organ-dose", "--phantom", phantom, "--nuclide", "I-131", "--s-values")
    found = document(capsys, *arguments)
    lists = [found["phantom_masses_g"]]
    for key in ("S_mGy_per_MBq_s", "electron_mGy_per_MBq_s"):
        lists += [found[key], *found[key].values()]
    assert all([n for n in ("muscle", "remainder") if n in one] == [soft] for one in lists)
    assert found["remarks"][0].startswith(f"{soft} is here the soft tissue of no organ")
    assert run_app([*arguments]) == 0
    out = capsys.readouterr().out
    assert f"note: {soft} is here the soft tissue of no organ" in out
    assert "remainder stands for it" not in out
    (line,) = [x for x in out.splitlines() if x.split()[1:2] == [soft] and "│" in x]
    assert line.split("│")[1].strip() == soft


def test_spreads_become_draws_and_their_shares(capsys):
    (found, again) = (document(capsys, *MALE, "--tiac", "spread.csv") for _ in range(2))
    assert found == again
    assert found["draws"] == 1000
    assert found["tiac_h"]["remainder"]["value"] == pytest.approx(67.0, rel=0.01, abs=0)
    shares = found["uncertainty_shares"]["liver"]
    assert shares["mass"] == 0.0
    assert sum(shares.values()) == pytest.approx(1.0, rel=1e-12, abs=0)
    other = document(capsys, *MALE, "--tiac", "spread.csv", "--seed", "2")
    assert other["tiac_h"] != found["tiac_h"]


def test_activity_gives_gray(capsys):
    found = document(capsys, *MALE, "--tiac", "t.csv", "--activity", "2 GBq")
    coefficient = found["absorbed_dose_coefficient_mGy_per_MBq"]["liver"]["value"]
    assert found["absorbed_dose_Gy"]["liver"]["value"] == pytest.approx(
        2.0 * coefficient, rel=1e-12, abs=0
    )


def test_own_masses_and_their_spread(capsys, folder):
    (folder / "m.csv").write_text("region,mass_g,sd_g\nliver,1500,150\nspleen,180,\n")
    found = document(capsys, *MALE, "--tiac", "t.csv", "--masses", "m.csv")
    assert found["phantom_masses_g"]["liver"] == 1500.0
    assert found["mass_table"] == "ICRP 89, own masses"
    liver = found["absorbed_dose_coefficient_mGy_per_MBq"]["liver"]
    assert liver["sd"] / liver["value"] == pytest.approx(0.1, rel=0.15, abs=0)  # d goes as 1/m
    assert found["uncertainty_shares"]["liver"]["mass"] > 0.99


def test_other_mass_table_and_convention(capsys):
    found = document(
        capsys, *MALE, "--s-values", "--mass-table", "TM-8381", "--convention", "half-contents"
    )
    assert (found["mass_table"], found["convention"]) == ("TM-8381", "half-contents")
    assert found["phantom_masses_g"]["liver"] == pytest.approx(1906.0, rel=1e-3, abs=0)


BAD = {
    "neither": ((), "give either --tiac FILE (doses) or --s-values"),
    "both": (("--tiac", "t.csv", "--s-values"), "give either --tiac FILE (doses) or --s-values"),
    "gray of S": (("--s-values", "--activity", "1 GBq"), "--activity is of doses"),
    "no file": (("--tiac", "x.csv"), "there is no such file"),
    "negative activity": (("--tiac", "t.csv", "--activity", "-1 GBq"), "is above zero"),
    "no activity": (("--tiac", "t.csv", "--activity", "0 GBq"), "is above zero"),
    "seed": (
        ("--tiac", "spread.csv", "--seed", "-1"),
        "'--seed': Input should be greater than or equal to 0",
    ),
    "no unit": (("--tiac", "t.csv", "--activity", "7"), "needs a unit"),
    "two tables": (
        ("--tiac", "t.csv", "--masses", "m.csv", "--mass-table", "TM-8381"),
        "--masses changes the phantom's first table",
    ),
    "explicit": (("--tiac", "t.csv", "--progeny", "explicit"), "run I-131 and Xe-131m with"),
    "convention": (("--s-values", "--convention", "half"), "is not one of transported, half-"),
    "body mass": (("--s-values", "--body-mass", "70 kg"), "only the mouse takes a body mass"),
    "device": (("--s-values", "--device", "cuda"), "'cuda' is not available"),
    "lesion": (("--s-values", "--lesion", "met"), "is not NAME=MASS@PLACE"),
    "lesion place": (("--s-values", "--lesion", "met=1 g@livr"), "did you mean 'liver'"),
    "lesion mass": (("--s-values", "--lesion", "met=1 mm@liver"), "takes a mass"),
    "reference": (
        ("--tiac", "t.csv", "--effective-dose", "--lesion", "met=1 g@liver"),
        "--effective-dose is of reference persons",
    ),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=list(BAD))
def test_bad_input(capsys, arguments, words):
    found = document(capsys, *MALE, *arguments, status=2)
    said = " ".join(f"{e['message']} {e['hint']}" for e in found["errors"])
    assert words in said


def test_muscle_as_a_source_warns_in_the_document(capsys, folder):
    (folder / "muscle.csv").write_text("region,tiac_h\nliver,1\nmuscle,2\nremainder,3\n")
    (said,) = document(capsys, *MALE, "--tiac", "muscle.csv")["warnings"]
    assert "muscle: its hours are spread over all soft tissue of no organ" in said
    assert document(capsys, *MALE, "--tiac", "t.csv")["warnings"] == []


def test_an_unknown_marrow_method_is_refused_of_a_body_without_marrow_too(capsys):
    arguments = ("--phantom", "mouse", "--nuclide", "I-131", "--s-values", "--marrow", "foo")
    errors = document(capsys, "organ-dose", *arguments, status=2)["errors"]
    assert "no marrow method is called 'foo'" in errors[0]["message"]


def test_faults_of_sources_name_the_line(capsys, folder):
    (folder / "bad.csv").write_text("region,tiac_h\nliver,1\nsalivary glands,2\nblood,1\n")
    errors = document(capsys, *MALE, "--tiac", "bad.csv", status=2)["errors"]
    assert [(e["file"], e["line"], e["key"]) for e in errors] == [
        ("bad.csv", 3, "salivary_glands"),
        ("bad.csv", 4, "blood"),
    ]


def test_the_table_for_people_names_masses_sources_and_stand_ins(capsys):
    assert run_app([*MALE, "--tiac", "spread.csv", "--activity", "1 GBq"]) == 0
    out = capsys.readouterr().out
    assert "masses: ICRP 89; contents to wall: transported" in out
    assert "muscle: remainder stands for it" in out
    assert "I-131 in adult-male" in out
    assert run_app([*MALE, "--s-values"]) == 0
    assert "from itself" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("met=10 g@80,-40,350 mm", ("lesion:met", 10.0, (8.0, -4.0, 35.0))),
        ("lesion:met = 1 mg @ 8, -4, 35 cm", ("lesion:met", 1e-3, (8.0, -4.0, 35.0))),
        ("met=10 g@Kidney", ("lesion:met", 10.0, "kidneys")),
        ("met=10 g@skeleton", ("lesion:met", 10.0, "skeleton")),
    ],
)
def test_lesions_are_read(adult_male, text, want):
    from pdcraft.cli.lesions import lesion_of

    one = lesion_of(text, adult_male)
    assert (one.name, one.mass_g, one.place) == want


def test_effective_dose_is_the_same_from_either_adult(capsys, folder, monkeypatch):
    """With the shipped tables; the testes' hours go to the woman's remainder and are named."""
    monkeypatch.undo()
    path = folder / "t.csv"
    found = [
        document(
            capsys,
            *("organ-dose", "--nuclide", "I-131", "--tiac", str(path), "--effective-dose"),
            *("--phantom", phantom),
        )
        for phantom in ("adult-male", "adult-female")
    ]
    both = [f["effective_dose_coefficient_mSv_per_MBq"]["value"] for f in found]
    # sums in another order
    assert both[0] == pytest.approx(both[1], rel=1e-12, abs=0)
    assert found[0]["effective_dose"]["label"] == "non-reference phantom"
    assert "breast (male): remainder" in found[0]["effective_dose"]["surrogates"]
    path.write_text("region,tiac_h\ntestes,1\nremainder,2\n")
    more = document(
        capsys,
        *("organ-dose", "--nuclide", "I-131", "--tiac", str(path), "--effective-dose"),
        *("--phantom", "adult-male"),
    )
    assert "adult-female has no testes; its hours are in the remainder" in more["warnings"][-1]


def test_a_child_has_no_effective_dose_and_is_not_validated(capsys, folder, monkeypatch):
    monkeypatch.undo()
    path = folder / "c.csv"
    path.write_text("region,tiac_h\nliver,1\nremainder,2\n")
    found = document(
        capsys,
        *("organ-dose", "--nuclide", "Tc-99m", "--tiac", str(path), "--effective-dose"),
        *("--phantom", "child-10y"),
    )
    assert found["effective_dose_coefficient_mSv_per_MBq"] is None
    assert any("not validated" in r for r in found["remarks"])
    assert found["warnings"] == ["effective dose is of the two adults; there is none of child-10y"]
    path.write_text("region,tiac_h\nred marrow,1\n")
    errors = document(
        capsys,
        *("organ-dose", "--nuclide", "Tc-99m", "--tiac", str(path), "--phantom", "child-10y"),
        status=2,
    )["errors"]
    assert "bones are one source, 'skeleton'; where its marrow is" in errors[0]["hint"]


def test_a_mass_table_without_marrow_leaves_marrow_out(capsys, folder, monkeypatch):
    """Of the woman's geometry; other targets are those of the table with marrow, mass for mass."""
    monkeypatch.undo()
    female = ("organ-dose", "--phantom", "adult-female", "--nuclide", "I-131")
    found = document(capsys, *female, "--s-values", "--mass-table", "TM-8381")
    S = found["S_mGy_per_MBq_s"]
    assert not {"red_marrow", "bone_surface"} & {*S, *S["liver"], *found["phantom_masses_g"]}
    (said,) = found["warnings"]
    assert "TM-8381 has no mass of red marrow for adult-female" in said
    assert "take the masses of ICRP 89" in said
    assert found["red_marrow_method"] is None
    full = document(capsys, *female, "--s-values")["S_mGy_per_MBq_s"]
    # from elsewhere a dose does not know the masses of tables; sums in the same order
    want = full["liver"]["spleen"]["value"]
    assert S["liver"]["spleen"]["value"] == pytest.approx(want, rel=1e-12, abs=0)
    path = folder / "m.csv"
    for text, status in (("liver,1\nremainder,2\n", 0), ("red marrow,1\n", 2)):
        path.write_text(f"region,tiac_h\n{text}")
        arguments = (*female, "--tiac", str(path), "--mass-table", "TM-8381")
        found = document(capsys, *arguments, status=status)
    assert "its mass in the table TM-8381, is not known" in found["errors"][0]["hint"]


def test_a_flank_tumor_of_the_mouse_may_protrude():
    from pdcraft.anatomy import mouse_body
    from pdcraft.cli.lesions import lesion_of

    one = lesion_of("tumor=0.3 g@flank", mouse_body(25.0))
    assert one.name == "tumor"
    assert one.may_protrude


def test_no_numba_is_loaded():
    code = (
        "import sys; from pdcraft.cli import run_app;"
        "run_app('organ-dose --phantom mouse --nuclide F-18 --s-values --json'.split());"
        "sys.exit('numba' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert '"pdcraft.s-values/1"' in run.stdout
