"""OME-TIFF, opened again with tifffile and read as XML against the OME schema's names."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import tifffile

from pdcraft.errors import DataError
from pdcraft.io.ome_tiff import ImageChannel, ome_tiff_bytes

NS = {"o": "http://www.openmicroscopy.org/Schemas/OME/2016-06"}
IMAGES = np.arange(24.0).reshape(2, 3, 4) / 7
CHANNELS = [
    ImageChannel("fluorescence", "electrons", 760.0, 825.0, 0.033),
    ImageChannel("leak", "electrons", 760.0, 825.0, 0.033),
]


def test_pixels_and_facts_come_back(tmp_path):
    path = tmp_path / "a.ome.tif"
    path.write_bytes(ome_tiff_bytes(IMAGES, CHANNELS, (0.25, 0.5)))
    with tifffile.TiffFile(path) as file:
        assert file.is_ome
        assert file.series[0].axes == "CYX"
        np.testing.assert_array_equal(file.asarray(), IMAGES.astype(np.float32))
        root = ET.fromstring(file.ome_metadata)
    pixels = root.find(".//o:Pixels", NS)
    assert pixels.get("Type") == "float"
    assert (pixels.get("SizeX"), pixels.get("SizeY"), pixels.get("SizeC")) == ("4", "3", "2")
    assert (pixels.get("PhysicalSizeX"), pixels.get("PhysicalSizeXUnit")) == ("0.25", "mm")
    assert (pixels.get("PhysicalSizeY"), pixels.get("PhysicalSizeYUnit")) == ("0.5", "mm")
    names = [c.get("Name") for c in root.findall(".//o:Channel", NS)]
    assert names == ["fluorescence [electrons]", "leak [electrons]"]
    for channel in root.findall(".//o:Channel", NS):
        assert (channel.get("ExcitationWavelength"), channel.get("EmissionWavelength")) == (
            "760.0",
            "825.0",
        )
    times = [p.get("ExposureTime") for p in root.findall(".//o:Plane", NS)]
    assert times == ["0.033", "0.033"]


def test_the_same_images_give_the_same_bytes():
    first = ome_tiff_bytes(IMAGES, CHANNELS, (0.25, 0.25))
    assert first == ome_tiff_bytes(IMAGES, CHANNELS, (0.25, 0.25))
    assert first != ome_tiff_bytes(IMAGES + 1, CHANNELS, (0.25, 0.25))


def test_channels_without_wavelength_are_written_without():
    plain = [ImageChannel("radiance", "uW/(cm2 sr)")]
    data = ome_tiff_bytes(IMAGES[:1], plain, (0.25, 0.25))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        channel = ET.fromstring(file.ome_metadata).find(".//o:Channel", NS)
    assert channel.get("Name") == "radiance [uW/(cm2 sr)]"
    assert channel.get("EmissionWavelength") is None


def test_what_cannot_be_written_is_refused():
    with pytest.raises(DataError, match=r"shape \(2, 3, 4\) for 1 channels"):
        ome_tiff_bytes(IMAGES, CHANNELS[:1], (1, 1))
    with pytest.raises(DataError, match="not finite in 32 bits"):
        ome_tiff_bytes(np.full((1, 2, 2), 1e39), CHANNELS[:1], (1, 1))
