"""A study file's faults: all at once, each where it stands."""

import random

import pytest

from pdcraft.errors import PdcraftError
from pdcraft.study.read import read_study
from pdcraft.study.run import run_study

GOOD = """\
schema = "pdcraft.study/1"
name = "one"
seed = 3
draws = 60

[agent]
name = "CLR 131"

[host]
species = "human"
body_mass = "73 kg"
height = "1.8 m"

[[lesion]]
name = "a"
mass = "5 g"

[kinetics]
source = "parameters"
data = "carrier.toml"

[[arm]]
name = "low"
[[arm.administration]]
amount = "12.5 mCi/m^2"
duration = "30 min"

[dosimetry]
electrons = "transported"
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "carrier.toml").write_text("")

    def _write(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def faults(path):
    with pytest.raises(PdcraftError) as caught:
        read_study(path)
    return caught.value.problems


def test_a_good_study_is_read_with_units(write):
    study, _ = read_study(write(GOOD))
    assert study.host.body_mass == 73_000
    assert study.arm[0].administration[0].amount.value == pytest.approx(462.5, rel=1e-12, abs=0)
    assert study.arm[0].administration[0].duration == 0.5


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ("seed = 3", "sed = 3", 3, "sed", "unknown key; did you mean 'seed'?"),
        ('"human"', '"humn"', 10, "host.species", "did you mean 'human'?"),
        ('"73 kg"', "73", 11, "host.body_mass", "'73' needs a unit; write a mass"),
        ('"73 kg"', '"-73 kg"', 11, "host.body_mass", "greater than 0"),
        ('"5 g"', '"5 MBq"', 16, "lesion.0.mass", "is an activity, but this field takes a mass"),
        ('"12.5 mCi/m^2"', '"12.5 mCii"', 25, "arm.0.administration.0.amount", "unknown unit"),
        ('height = "1.8 m"', "", 25, "arm.0.administration.0.amount", "needs the body surface"),
        ('"carrier.toml"', '"nowhere.toml"', 20, "kinetics.data", "no file 'nowhere.toml'"),
        ('"carrier.toml"', '"../carrier.toml"', 20, "kinetics.data", "outside the folder of study"),
        ('"parameters"', '"calibrated"', 20, "kinetics.data", "brings its own draws"),
        ("draws = 60", "draws = 3", 4, "draws", "greater than or equal to 50"),
        ("draws = 60", 'draws = "60"', 4, "draws", "valid integer"),
        ('"transported"', '"transport"', 29, "dosimetry.electrons", "did you mean 'transported'?"),
        ("[dosimetry]", "[trial]\n[dosimetry]", 28, "trial", "has no design"),
        ('name = "CLR 131"', "", 6, "agent", "say the agent in one way; here none"),
        ('name = "one"', 'name = "../up"', 2, "name", "is no name here; use letters"),
        ('"73 kg"', '"73 g"', 11, "host.body_mass", "73 g is no body mass of a human"),
        ('"human"', '"human"\nphantom = "mouse"', 11, "host.phantom", "is no body of a human"),
        ('"5 g"', '"50 kg"', 16, "lesion.0.mass", "50000 g is no lesion in a human of 73000 g"),
        ('"12.5 mCi/m^2"', '"250 Ci"', 25, "arm.0.administration.0.amount", "below 1000 GBq"),
        ('"73 kg"', '"73000 kg"', 11, "host.body_mass", "check the unit"),
    ],
)
def test_each_fault_is_found_where_it_stands(write, old, new, line, key, words):
    assert old in GOOD
    found = faults(write(GOOD.replace(old, new, 1)))
    assert [(p.line, p.key) for p in found] == [(line, key)]
    assert words in found[0].text()


def test_all_faults_at_once(write):
    text = GOOD.replace("seed = 3", "sed = 3").replace('"5 g"', "5").replace("[kin", "[kim")
    assert len(faults(write(text))) >= 3


def test_a_dye_has_no_dose_and_the_way_out_is_named(write):
    path = write(GOOD.replace('"CLR 131"', '"CLR 1502"'))
    with pytest.raises(PdcraftError, match=r"no radionuclide.*\[optics\].*--example clr1502"):
        run_study(path)


def test_dose_without_kinetics_is_refused(write):
    start = GOOD.index("[kinetics]")
    text = GOOD[:start] + GOOD[GOOD.index("[[arm]]") :]
    assert [p.key for p in faults(write(text))] == ["dosimetry"]


def test_the_caller_stands_under_the_files_rules(write):
    assert read_study(write(GOOD), draws=500, seed=9)[0].draws == 500
    with pytest.raises(PdcraftError, match="draws: '3': value should be greater") as caught:
        read_study(write(GOOD), draws=3)
    assert "draws = 60" not in str(caught.value)


def test_two_lesions_of_one_name_are_refused(write):
    text = GOOD.replace("[kinetics]", '[[lesion]]\nname = "a"\nmass = "1 g"\n[kinetics]')
    assert "two lesions are called 'a'" in faults(write(text))[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [("name = ", "is not TOML"), ("\x00", "is not TOML"), ('a = "b', "is not TOML")],
)
def test_what_is_not_toml_is_refused_with_its_line(write, text, words):
    found = faults(write(text))
    assert words in found[0].message
    assert found[0].line == 1


def test_missing_file_and_folder(tmp_path):
    assert "no such file" in faults(tmp_path / "none.toml")[0].message
    assert "is a folder" in faults(tmp_path)[0].message
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    assert "is not text" in faults(tmp_path / "bytes.toml")[0].message


def mutate(text, rng):
    """Cut, swap, double or spoil a piece of a good study."""
    kind = rng.randrange(6)
    at = rng.randrange(len(text))
    lines = text.splitlines(keepends=True)
    if kind == 0:
        return text[:at]
    if kind == 1:
        return text[:at] + rng.choice("\"'[]={}\n#0-.é\x07") + text[at + 1 :]
    if kind == 2:
        line = rng.randrange(len(lines))
        return "".join(lines[:line] + lines[line + 1 :])
    if kind == 3:
        line = rng.randrange(len(lines))
        return "".join(lines[: line + 1] + lines[line:])
    if kind == 4:
        rng.shuffle(lines)
        return "".join(lines)
    return text.replace(rng.choice(["mass", "name", "=", '"']), rng.choice(["", "x", "nan"]), 1)


def check_mutations(write, seed, n):
    rng = random.Random(seed)
    refused = 0
    for _ in range(n):
        text = mutate(GOOD, rng)
        path = write(text)
        try:
            read_study(path)
        except PdcraftError as error:
            refused += bool(str(error))
    return refused


def test_fuzzed_studies_are_read_or_refused_never_crash(write):
    # most mutations break the file; a reader that accepts everything would refuse none
    assert check_mutations(write, 1, 120) > 60


@pytest.mark.slow
def test_thousands_of_fuzzed_studies(write):
    assert check_mutations(write, 2, 4000) > 2000
