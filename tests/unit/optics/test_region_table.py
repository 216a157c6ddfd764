"""The CSV of regions, read back by the csv module."""

import csv
import io

from pdcraft.optics.region_table import region_csv
from pdcraft.optics.roi import RegionSignal


def test_rows_carry_rule_pixels_and_offset():
    row = RegionSignal("tumour", "target", "disc r=1 mm at (1, 2) mm", 113, 2.5, 40.0, 3.0, 0.0)
    text = region_csv([(24.0, row, (1.5, 0.5, 3.2)), (None, row, (None, None, None))])
    first, second = csv.DictReader(io.StringIO(text))
    assert first["rule"] == "disc r=1 mm at (1, 2) mm"
    assert (first["pixels"], first["offset_e"], first["tbr"]) == ("113", "2.5", "1.5")
    assert (second["time_h"], second["cnr"]) == ("", "")
