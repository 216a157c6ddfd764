"""A file that is not there is named with its path, and the way out is said, by every reader."""

import pytest

from pdcraft.errors import PdcraftError
from pdcraft.io.biodist import read_biodist
from pdcraft.io.csv_lines import data_lines
from pdcraft.io.nifti import read_image
from pdcraft.io.toml_lines import read_toml
from pdcraft.optics.concentration import read_concentrations
from pdcraft.study.record import read_record


@pytest.mark.parametrize(
    "read",
    [
        read_biodist,
        data_lines,
        read_image,
        read_toml,
        lambda path: read_concentrations(path, ["brain"]),
        read_record,
    ],
)
def test_a_missing_file_says_to_check_the_path(read, tmp_path):
    with pytest.raises(PdcraftError, match=r"none\.x: there is no such file; check the path"):
        read(tmp_path / "none.x")
