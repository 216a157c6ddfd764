r"""What readers of small animals report: flux, radiant efficiency, the control beside, ex vivo.

Of a region of the image with photon radiance :math:`L` (1/(s cm² sr)) and area :math:`A`: the
total flux is :math:`\pi L A`, the photons into the half space if radiance is even over it, and the
radiant efficiency :math:`L` over the lamp's irradiance in uW/cm². The untreated control is the same
animal without dye: its own fluorescence, leak and ambient light. Treated over control compares
electrons, dark subtracted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.prediction.frame import Frame, Number, number
from pdcraft.optics.prediction.numbers import ROI_KEYS
from pdcraft.optics.prediction.setup import Setup

__all__ = ["CONTROL_ASSUMED", "is_tray", "mouse_numbers"]

CONTROL_ASSUMED = "control: the same animal without dye; the dye's own absorption is left out of it"
STEP = 1e-4  # relative, for errors of ratios
PHOTONS, ALL, OTHERS = (
    ROI_KEYS.index("photon_radiance_per_s_cm2_sr"),
    ROI_KEYS.index("electrons_per_pixel"),
    tuple(ROI_KEYS.index(f"electrons_{kind}") for kind in ("autofluorescence", "leak", "ambient")),
)

RANDOM = (PHOTONS, ALL, OTHERS[0])  # what walks of light give an error; taken as independent


def is_tray(setup: Setup) -> bool:
    """Whether the scene is organs on a tray."""
    return (setup.scene.domain.details or {}).get("view") == "tray"


def mouse_numbers(setup: Setup, frame: Frame) -> dict[str, Any]:
    """Numbers of a frame of a mouse scene.

    Returns
    -------
    dict
        ``rois``: by region of the image ``total_flux_per_s``, ``radiant_efficiency``
        ((1/(s cm² sr))/(uW/cm²)), ``control_electrons_per_pixel`` and ``treated_over_control``
        (None unless the scene asks for a control). ``ex_vivo``: of a tray, each body over each
        organ, ``tumor``, ``normal``, ``ratio``; None in a living animal.
    """
    details = setup.scene.domain.details or {}
    control = bool(details.get("control", False))
    uW = 1e3 * setup.scene.illumination.irradiance_mW_per_cm2
    pixel_cm2 = setup.camera.pixel_mm[0] * setup.camera.pixel_mm[1] * 1e-2
    rois: dict[str, Any] = {}
    for r, roi in enumerate(setup.rois):
        area_cm2 = pixel_cm2 * float(setup.masks[r].sum())
        row = _columns(frame, r)
        rois[roi.name] = {
            "total_flux_per_s": row.number(_times(math.pi * area_cm2)),
            "radiant_efficiency": row.number(_times(1.0 / uW)),
            "control_electrons_per_pixel": row.number(_without_dye) if control else None,
            "treated_over_control": row.number(_over_control) if control else None,
        }
    return {"rois": rois, "ex_vivo": _ex_vivo(setup, frame) if is_tray(setup) else None}


def _times(factor: float) -> Callable[[Floats], Floats]:
    """Photon radiance times a factor."""
    return lambda values: np.asarray(factor * values[..., PHOTONS])


def _without_dye(values: Floats) -> Floats:
    return sum((values[..., i] for i in OTHERS), np.zeros(values.shape[:-1]))


def _over_control(values: Floats) -> Floats:
    control = _without_dye(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(control > 0.0, values[..., ALL] / control, np.nan)


class _Columns:
    """Values, errors and draws of a region's numbers."""

    def __init__(self, values: Floats, errors: Floats, draws: Floats | None) -> None:
        self.values, self.errors, self.draws = values, errors, draws

    def number(self, made: Callable[[Floats], Floats]) -> Number:
        """Return a function of the numbers with its error (by small steps) and limits."""
        value = float(made(self.values))
        moves = [
            (float(made(_moved(self.values, i, STEP))) - value) / STEP
            for i in RANDOM
            if self.values[i] != 0.0
        ]
        relative = [self.errors[i] / abs(self.values[i]) for i in RANDOM if self.values[i] != 0.0]
        error = math.hypot(*(m * e for m, e in zip(moves, relative, strict=True))) if moves else 0.0
        drawn = None if self.draws is None else np.asarray(made(self.draws))
        return number(value, error, drawn)


def _moved(values: Floats, index: int, step: float) -> Floats:
    out = values.copy()
    out[index] *= 1.0 + step
    return out


def _columns(frame: Frame, region: int) -> _Columns:
    part = slice(region * len(ROI_KEYS), (region + 1) * len(ROI_KEYS))
    draws = None if frame.draws is None else frame.draws[:, part]
    return _Columns(frame.values[part], frame.std_err[part], draws)


def _ex_vivo(setup: Setup, frame: Frame) -> list[dict[str, Any]]:
    count = len(setup.rois)
    return [
        {
            "tumor": setup.rois[t].name,
            "normal": setup.rois[b].name,
            "ratio": frame.pair(p, count)["tbr"],
        }
        for p, (t, b) in enumerate(setup.pairs)
    ]
