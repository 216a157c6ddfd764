"""A plate's table holds each well of the document."""

import csv
import io
import json

from pdcraft.cli import run_app

PLATE = """
schema = "pdcraft.scene/1"
name = "plate"
[domain]
kind = "plate"
format = 96
volume = "100 uL"
read = "top"
[dye]
name = "CLR 1501"
[concentration]
A1 = "0 nM"
A2 = "100 nM"
[illumination]
wavelength = "490 nm"
irradiance = "1 mW/cm^2"
[run]
outputs = ["metrics"]
"""


def test_the_table_is_the_documents(tmp_path, capsys):
    (tmp_path / "scene.toml").write_text(PLATE, encoding="utf-8")
    out = tmp_path / "new" / "folder"
    assert run_app(["image", str(tmp_path / "scene.toml"), "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [f["kind"] for f in document["files"]] == ["plate_csv"]
    rows = list(csv.DictReader(io.StringIO((out / "plate.csv").read_text(encoding="utf-8"))))
    assert [r["well"] for r in rows] == ["A1", "A2"]
    for row, well in zip(rows, document["wells"], strict=True):
        assert float(row["rfu"]) == well["rfu"]["value"]
        assert float(row["conc_nM"]) == well["conc_nM"]
