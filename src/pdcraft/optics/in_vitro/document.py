"""The image document of an in-vitro scene: every key there, null where nothing is computed."""

from __future__ import annotations

from typing import Any

from pdcraft import __version__
from pdcraft.optics.camera import Camera
from pdcraft.optics.safety import light_safety
from pdcraft.optics.scene import Scene
from pdcraft.optics.spectra import Line, Spectrum

__all__ = ["blank_document", "blank_frame", "camera_words", "times_of"]

BAND_NODES = 5
ENERGY = (
    "reflected_specular", "reflected_diffuse", "transmitted", "lateral", "absorbed",
    "roulette_net", "balance_error",
)  # fmt: skip


def blank_document(scene: Scene, seed: int, draws: int) -> dict[str, Any]:
    """Return the parts that all in-vitro scenes share."""
    lamp = scene.illumination
    safety = light_safety("none", lamp.wavelength_nm, lamp.irradiance_mW_per_cm2, 1.0)
    return {
        "schema": "pdcraft.image/1",
        "scene": scene.name,
        "scene_sha256": scene.sha256,
        "seed": seed,
        "version": __version__,
        "method": {
            "name": "closed form",
            "linear": None,
            "dye_absorption_signal_change": None,
            "smoothing_bias": None,
            "n_histories": 0,
            "cpu_s": None,
            "wall_s": None,
            "compile_s": 0.0,
            "target_reached": True,
        },
        "wavelengths_nm": _wavelengths(scene),
        "optics": {},
        "energy": dict.fromkeys(ENERGY),
        "frames": [],
        "reflectance": None,
        "transmittance": None,
        "exitance_per_irradiance": None,
        "best_time": None,
        "safety": {
            "standard": safety.standard,
            "irradiance_mW_per_cm2": safety.irradiance_mW_per_cm2,
            "limit_mW_per_cm2": safety.limit_mW_per_cm2,
            "status": safety.status,
        },
        "uncertainty": {"draws": draws, "top_contributors": []},
        "files": [],
        "assumed": list(scene.assumed),
        "warnings": [],
        "citations": list(scene.citations),
    }


def _wavelengths(scene: Scene) -> dict[str, list[float]]:
    from pdcraft.optics.bands import band_nodes

    def nodes(light: Line | Spectrum) -> tuple[list[float], list[float]]:
        if isinstance(light, Line):
            return [light.wavelength_nm], [1.0]
        found = band_nodes(light, count=BAND_NODES)
        return found.wavelength_nm.tolist(), found.weight.tolist()

    emission, weights = nodes(scene.dye.emission)
    return {
        "excitation": nodes(scene.illumination.light)[0],
        "emission": emission,
        "weights": weights,
    }


def blank_frame(time_h: float | None) -> dict[str, Any]:
    """Return a frame without regions."""
    return {
        "time_h": time_h,
        "regions": {},
        "rois": {},
        "metrics": [],
        "detection": None,
        "image_rel_std_err": None,
    }


def camera_words(made: Camera) -> list[str]:
    """Tell what is assumed of a detector."""
    return [f"{made.name}: {text}" for text in made.assumed]


def times_of(scene: Scene) -> tuple[float | None, ...]:
    """List the times of the frames: those of the run, or the one that needs none."""
    return scene.run.times_h or (None,)
