"""Image files of a prediction, as bytes under their names, with their entries of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.io.nifti import field_bytes
from pdcraft.io.ome_tiff import ImageChannel, ome_tiff_bytes
from pdcraft.io.picture import ColorBar, png_bytes
from pdcraft.optics.camera import fixed_sd_electrons, noise_sd_electrons
from pdcraft.optics.overlay import Overlay, colored
from pdcraft.optics.prediction.frame import Frame
from pdcraft.optics.prediction.pictures import BasisImages, FrameImages
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.region_table import region_csv
from pdcraft.optics.rgb import Rgb
from pdcraft.optics.roi import region_signal
from pdcraft.optics.volume_fields import fluence_field

__all__ = ["ImageFiles", "color_files", "fluence_files", "frame_files", "region_files"]

BRIGHTEST = 0.995  # quantile at the top of a picture's color bar


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """Contents by name, and an entry of the document for each."""

    contents: dict[str, bytes] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        kind: str,
        name: str,
        content: bytes,
        unit: str | None,
        shape: Sequence[int] | None,
        pixel_mm: float | None,
    ) -> None:
        """Add a file."""
        self.contents[name] = content
        self.entries.append(
            {
                "kind": kind,
                "path": name,
                "unit": unit,
                "shape": None if shape is None else [int(n) for n in shape],
                "pixel_mm": pixel_mm,
            }
        )


def _suffix(time_h: float | None) -> str:
    return "" if time_h is None else f"_{time_h:g}h".replace(".", "p")


def _square(setup: Setup) -> bool:
    px, py = setup.camera.pixel_mm
    return abs(px / py - 1.0) < 1e-6


def frame_files(files: ImageFiles, setup: Setup, images: FrameImages, time_h: float | None) -> None:
    """Add the images of a frame: radiance, yield, electrons, counts, and a picture."""
    camera, ending = setup.camera, _suffix(time_h)
    lamp, glow = setup.nodes.excitation, setup.nodes.emission
    lit_nm = float(np.average(lamp.wavelength_nm, weights=lamp.weight))
    glow_nm = float(np.average(glow.wavelength_nm, weights=glow.weight))
    for kind, values, unit in (
        ("radiance", images.radiance_uW_per_cm2_sr, "uW/(cm2 sr)"),
        ("yield", images.yield_per_sr, "1/sr"),
        ("electrons", images.exposure.light, "electrons"),
        ("counts", images.counts.astype(np.float64), "counts"),
    ):
        channel = ImageChannel(kind, unit, lit_nm, glow_nm, camera.exposure_s)
        name = f"{kind}{ending}.ome.tif"
        content = ome_tiff_bytes(values[None], [channel], camera.pixel_mm)
        files.add(kind, name, content, unit, values.shape, camera.pixel_mm[0])
    if _square(setup):
        shown = np.maximum(images.electrons, 0.0)
        low, high = 0.0, max(float(np.quantile(shown, BRIGHTEST)), 1e-9)
        title = "fluorescence" if time_h is None else f"fluorescence, {time_h:g} h"
        bar = ColorBar(_ramp("gray"), low, high, "e")
        made = png_bytes(colored(shown, low, high), camera.pixel_mm, bar, title)
        files.add("png", f"fluorescence{ending}.png", made, "electrons", shown.shape,
                  camera.pixel_mm[0])  # fmt: skip


def _ramp(color_map: str) -> Floats:
    return colored(np.linspace(0.0, 1.0, 64), 0.0, 1.0, color_map)


def color_files(files: ImageFiles, setup: Setup, rgb: Rgb, laid: Overlay | None) -> None:
    """Add the color image and the overlay; only square pixels make pictures."""
    if not _square(setup):
        return
    camera = setup.camera
    size, edge = rgb.image.shape, camera.pixel_mm[0]
    made = png_bytes(rgb.image, camera.pixel_mm, None, "white light")
    files.add("rgb", "rgb.png", made, None, size, edge)
    if laid is not None:
        bar = ColorBar(_ramp(laid.color_map), *laid.range_e, "e")
        made = png_bytes(laid.image, camera.pixel_mm, bar, "fluorescence on white light")
        files.add("overlay", "overlay.png", made, "electrons", size, edge)


def fluence_files(files: ImageFiles, setup: Setup, basis: BasisImages) -> None:
    """Add the fluence rate of the lamp, and its standard error, as NIfTI; cubic voxels."""
    edges = setup.domain.voxel_mm
    if np.ptp(edges) > 1e-9 * edges[0]:
        return
    irradiance = setup.scene.illumination.irradiance_mW_per_cm2
    volume = fluence_field(irradiance * basis.fluence, edges[0], irradiance * basis.fluence_std_err)
    for name, error in (("fluence.nii.gz", False), ("fluence_std_err.nii.gz", True)):
        content = field_bytes(volume, name, error=error)
        files.add("fluence", name, content, "mW/cm2", basis.fluence.shape, edges[0])


def region_files(
    files: ImageFiles, setup: Setup, frames: Sequence[Frame], images: Sequence[FrameImages]
) -> None:
    """Add the table of regions: expected electrons with the spread a frame would show."""
    camera = setup.camera
    offset = camera.sensor.offset * camera.sensor.gain
    rows: list[Any] = []
    for frame, shown in zip(frames, images, strict=True):
        light = shown.exposure.light
        noise = np.hypot(noise_sd_electrons(camera, light), fixed_sd_electrons(camera, light))
        for i, roi in enumerate(setup.rois):
            signal = region_signal(light, roi, camera, offset, noise_sd_e=noise)
            full = float(shown.saturated_fraction[i])
            pair = [k for k, (t, _) in enumerate(setup.pairs) if t == i]
            contrast: tuple[float | None, ...] = (None, None, None)
            if pair:
                found = frame.pair(pair[0], len(setup.masks))
                contrast = tuple(found[key]["value"] for key in ("tbr", "contrast", "cnr"))
            rows.append((frame.time_h, replace(signal, saturated_fraction=full), contrast))
    files.add("roi_csv", "regions.csv", region_csv(rows).encode(), None, None, None)
