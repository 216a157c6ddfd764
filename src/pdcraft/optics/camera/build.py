"""Make a camera of the keys of a scene file, alone or over a preset."""

from __future__ import annotations

from typing import Any

from pdcraft.data.cameras import camera_row
from pdcraft.errors import DataError, did_you_mean
from pdcraft.optics.camera.filters import Filter
from pdcraft.optics.camera.lens import Lens
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.camera.sensor import Sensor

__all__ = ["camera"]

LENS = ("projection", "focal_length_mm", "f_number", "working_distance_mm")
LENS_MORE = ("blur_mm", "diffraction", "distortion", "vignetting")
SENSOR = ("qe", "read_noise_e", "dark_current_e_per_s", "full_well_e", "bits")
SENSOR_MORE = ("prnu", "dark_pattern", "offset_dn", "gain_e_per_dn")
FILTER_MORE = ("edge_nm", "effective_index")
WHOLE = ("pixels", "field_of_view_mm", "exposure_s")
NEEDED = (*LENS, *SENSOR, *WHOLE, "band_nm", "transmission", "out_of_band_od")
KEYS = (*NEEDED, *LENS_MORE, *SENSOR_MORE, *FILTER_MORE, "ambient_uW_per_cm2_sr")


def camera(preset: str | None = None, **keys: Any) -> Camera:
    """Make a camera.

    Parameters
    ----------
    preset : str, optional
        A camera by name, whose figures the keys replace.
    **keys
        ``projection, pixels, field_of_view_mm, focal_length_mm, f_number, working_distance_mm,
        band_nm, transmission, out_of_band_od, qe, read_noise_e, dark_current_e_per_s,
        full_well_e, bits, exposure_s``; all are needed without a preset. Optional
        ``ambient_uW_per_cm2_sr, prnu, dark_pattern, offset_dn, gain_e_per_dn, blur_mm,
        diffraction, distortion, vignetting, edge_nm, effective_index``. ``transmission`` and
        ``qe`` are numbers or curves over wavelength. A key that is None counts as not given.

    Returns
    -------
    Camera

    Raises
    ------
    DataError
        For unknown or missing keys, naming all of them, and for values out of range.

    Examples
    --------
    >>> camera("open-field", f_number=1.4).lens.f_number
    1.4
    """
    given = {key: value for key, value in keys.items() if value is not None}
    unknown = [key for key in given if key not in KEYS]
    if unknown:
        near = {key: did_you_mean(key, KEYS) for key in unknown}
        hints = [f"'{k}'" + (f" ({n})" if n else "") for k, n in near.items()]
        raise DataError(f"a camera has no {', '.join(hints)}; its keys are {', '.join(KEYS)}")
    row = camera_row(preset) if preset is not None else None
    figures: dict[str, Any] = {**(row.figures if row else {}), **given}
    missing = [key for key in NEEDED if key not in figures]
    if missing:
        raise DataError(f"the camera lacks {', '.join(missing)}; state them, or a preset")
    return Camera(
        lens=Lens(
            **{key: figures[key] for key in (*LENS, *LENS_MORE) if key in figures},
            transmission=figures["transmission"],
        ),
        filter=Filter(
            band_nm=(float(figures["band_nm"][0]), float(figures["band_nm"][1])),
            out_of_band_od=figures["out_of_band_od"],
            **{key: figures[key] for key in FILTER_MORE if key in figures},
        ),
        sensor=Sensor(**{key: figures[key] for key in (*SENSOR, *SENSOR_MORE) if key in figures}),
        pixels=(int(figures["pixels"][0]), int(figures["pixels"][1])),
        field_of_view_mm=(
            float(figures["field_of_view_mm"][0]),
            float(figures["field_of_view_mm"][1]),
        ),
        exposure_s=figures["exposure_s"],
        ambient_uW_per_cm2_sr=figures.get("ambient_uW_per_cm2_sr", 0.0),
        name=row.name if row else "custom",
        sources=(row.source,) if row else (),
        assumed=tuple(key for key in row.assumed if key not in given) if row else (),
    )
