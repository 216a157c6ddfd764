"""The JSON document of a prediction, schema ``pdcraft.image/1``: every key, null where unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from pdcraft.optics.mouse.readings import CONTROL_ASSUMED, is_tray, mouse_numbers
from pdcraft.optics.prediction.frame import UNKNOWN, Frame, number, roi_entry
from pdcraft.optics.prediction.run import Prediction
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_volume import scene_medium

__all__ = ["blank_document", "image_document"]

ENERGY = (
    "reflected_specular",
    "reflected_diffuse",
    "transmitted",
    "lateral",
    "absorbed",
    "roulette_net",
    "balance_error",
)


def blank_document(scene: Scene, version: str, seed: int) -> dict[str, Any]:
    """Document with every key and nothing computed."""
    lamp = scene.illumination
    return {
        "schema": "pdcraft.image/1",
        "scene": scene.name,
        "scene_sha256": scene.sha256,
        "seed": seed,
        "version": version,
        "method": {
            "name": "direct",
            "linear": None,
            "dye_absorption_signal_change": None,
            "smoothing_bias": None,
            "n_histories": 0,
            "cpu_s": 0.0,
            "wall_s": 0.0,
            "compile_s": 0.0,
            "target_reached": True,
        },
        "wavelengths_nm": {"excitation": [], "emission": [], "weights": []},
        "optics": {},
        "energy": dict.fromkeys(ENERGY),
        "frames": [],
        "reflectance": {"diffuse": dict(UNKNOWN), "specular": dict(UNKNOWN)},
        "transmittance": dict(UNKNOWN),
        "exitance_per_irradiance": dict(UNKNOWN),
        "best_time": None,
        "safety": {
            "standard": None,
            "irradiance_mW_per_cm2": lamp.irradiance_mW_per_cm2,
            "limit_mW_per_cm2": None,
            "margin": None,
            "status": "not assessed",
            "reason": "not assessed for this kind of scene",
        },
        "uncertainty": {
            "draws": scene.run.draws,
            "top_contributors": [],
            "surface_error": None,
        },
        "wells": None,
        "assay": None,
        "margin": None,
        "phantom": None,
        "rgb": None,
        "files": [],
        "assumed": list(scene.assumed),
        "warnings": [],
        "citations": list(scene.citations),
    }


def image_document(found: Prediction, version: str, seed: int) -> dict[str, Any]:
    """Document of a prediction.

    Parameters
    ----------
    found : Prediction
    version : str
        Of pdcraft.
    seed : int
    """
    setup, scene = found.setup, found.setup.scene
    out = blank_document(scene, version, seed)
    out["method"] |= {
        "name": found.signals.method,
        "linear": found.linear,
        "dye_absorption_signal_change": found.dye_absorption_signal_change,
        "n_histories": int(found.signals.histories),
        "cpu_s": found.cpu_s,
        "wall_s": found.wall_s,
        "target_reached": found.signals.reached,
    }
    lit, glow = setup.nodes.excitation, setup.nodes.emission
    out["wavelengths_nm"] = {
        "excitation": lit.wavelength_nm.tolist(),
        "excitation_weights": lit.weight.tolist(),
        "emission": glow.wavelength_nm.tolist(),
        "weights": glow.weight.tolist(),
    }
    if (scene.domain.details or {}).get("control"):
        out["assumed"] = [*out["assumed"], CONTROL_ASSUMED]
    out["optics"] = _optics(found)
    out["energy"] = _energy(found)
    out["frames"] = [_frame(found, frame) for frame in found.frames]
    out["safety"] = asdict(found.safety)
    if found.best is not None:
        best = found.best.time_h
        known = scene.run.draws > 0 and best["low"] is not None
        limits = [best["low"], best["high"]] if known else None
        time = {"value": best["value"], "std_err": None, "interval95": limits}
        out["best_time"] = {
            "criterion": found.best.criterion,
            "time_h": time,
            "probability": found.best.probability.tolist(),
            "without": found.best.without,
        }
    if found.drawn is not None:
        out["uncertainty"] |= {
            "top_contributors": [
                {"input": c.input, "share": c.share} for c in found.drawn.contributors
            ],
            "surface_error": found.drawn.surface_error,
        }
    return out


def _optics(found: Prediction) -> dict[str, Any]:
    """Properties of every material at the middle wavelengths, without dye."""
    setup = found.setup
    scene = setup.scene
    x, m = setup.middle
    out: dict[str, Any] = {}
    for side, nm in (
        ("excitation", float(setup.nodes.excitation.wavelength_nm[x])),
        ("emission", float(setup.nodes.emission.wavelength_nm[m])),
    ):
        medium = scene_medium(scene, nm)
        for label, region in enumerate(scene.regions, start=1):
            out.setdefault(region.material, {})[side] = {
                "wavelength_nm": nm,
                "mua_per_mm": float(medium.mua_per_mm[label]),
                "mus_per_mm": float(medium.mus_per_mm[label]),
                "g": float(medium.g[label]),
                "n": float(medium.n[label]),
            }
    return out


def _energy(found: Prediction) -> dict[str, float]:
    """Fractions of incident power, excitation nodes weighted by their power."""
    weight = found.setup.nodes.excitation.weight
    share = weight / weight.sum()
    return {
        name: float(
            np.sum(
                [s * getattr(b, name) for s, b in zip(share, found.signals.budgets, strict=True)]
            )
        )
        for name in ENERGY
    }


def _frame(found: Prediction, frame: Frame) -> dict[str, Any]:
    setup = found.setup
    count = len(setup.masks)
    mouse = mouse_numbers(setup, frame) if setup.scene.domain.kind == "mouse" else None
    pairs = () if is_tray(setup) else setup.pairs  # excised organs have no contrast in vivo
    return {
        "time_h": frame.time_h,
        "regions": _regions(found, frame.conc_nM),
        "rois": {
            roi.name: roi_entry(setup.camera, roi, mask, frame, i)
            for i, (roi, mask) in enumerate(zip(setup.rois, setup.masks, strict=True))
        },
        "metrics": [
            {
                "target": setup.rois[t].name,
                "background": setup.rois[b].name,
                **frame.pair(i, count),
            }
            for i, (t, b) in enumerate(pairs)
        ],
        "detection": None,
        "image_rel_std_err": None,
        "mouse": mouse,
    }


def _regions(found: Prediction, conc_nM: Mapping[str, float]) -> dict[str, Any]:
    """Concentration and mean fluence rate of every region."""
    share = found.setup.nodes.excitation.weight
    irradiance = found.setup.scene.illumination.irradiance_mW_per_cm2
    mean = irradiance * (share @ found.signals.region_fluence)
    error = irradiance * np.sqrt(np.square(share) @ np.square(found.signals.region_fluence_err))
    return {
        region.name: {
            "conc_nM": conc_nM.get(region.name, 0.0),
            "mean_fluence_rate_mW_per_cm2": number(mean[label], float(error[label])),
        }
        for label, region in enumerate(found.setup.scene.regions, start=1)
    }
