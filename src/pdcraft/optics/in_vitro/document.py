"""The image document of an in-vitro scene: every key there, null where nothing is computed."""

from __future__ import annotations

from typing import Any

from pdcraft import __version__
from pdcraft.optics.camera import Camera
from pdcraft.optics.scene import Scene
from pdcraft.optics.spectra import Line, Spectrum

__all__ = ["blank_frame", "camera_words", "times_of", "vitro_document"]

BAND_NODES = 5


def vitro_document(scene: Scene, seed: int, draws: int) -> dict[str, Any]:
    """Return the parts that all in-vitro scenes share, every other key blank."""
    from pdcraft.optics.prediction.document import blank_document

    out = blank_document(scene, __version__, seed)
    out["method"]["name"] = "closed form"
    out["wavelengths_nm"] = _wavelengths(scene)
    out["uncertainty"]["draws"] = draws
    return out


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
