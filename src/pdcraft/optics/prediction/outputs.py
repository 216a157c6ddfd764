"""All that a scene's `run.outputs` asks for beside the numbers of its regions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PdcraftError, PdcraftWarning
from pdcraft.optics.overlay import Overlay, overlay
from pdcraft.optics.prediction.detect import detection
from pdcraft.optics.prediction.files import (
    ImageFiles,
    color_files,
    fluence_files,
    frame_files,
    region_files,
)
from pdcraft.optics.prediction.frame import Frame, frame_input
from pdcraft.optics.prediction.layered import LayeredScene, flat_reason, layered_scene
from pdcraft.optics.prediction.margins import halfway_e, margin_document
from pdcraft.optics.prediction.numbers import pair_column
from pdcraft.optics.prediction.phantom import phantom_numbers
from pdcraft.optics.prediction.pictures import (
    BasisImages,
    FrameImages,
    alike,
    basis_images,
    frame_images,
)
from pdcraft.optics.prediction.progress import part_of
from pdcraft.optics.prediction.reflect import color_image, reflectance
from pdcraft.optics.prediction.run import Prediction
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.signal import SceneSignals
from pdcraft.optics.prediction.target import Target, find_target
from pdcraft.optics.rgb import Rgb
from pdcraft.transport.optical.run import Progress

__all__ = ["Pictures", "add_outputs", "needs_pictures"]

SAME_ABSORPTION = 0.02  # relative: frames this near share their images
PICTURED = {"image", "detection", "phantom", "fluence", "rgb"}


def needs_pictures(outputs: tuple[str, ...]) -> bool:
    """Whether these outputs are made from images."""
    return bool(PICTURED & set(outputs))


@dataclass(slots=True)
class Pictures:
    """Images of a scene, computed when first asked for and kept.

    Parameters
    ----------
    seed : int
    threads, progress
        As elsewhere.
    max_time_s : float, optional
        For the images of one distribution of dye.
    """

    seed: int
    threads: int | None = None
    progress: Progress | None = None
    max_time_s: float | None = None
    made: list[tuple[Any, BasisImages]] = field(default_factory=list)

    def basis(self, setup: Setup, conc_nM: Mapping[str, float]) -> BasisImages:
        """Images of every region's light, with the absorption of this much dye."""
        media = [medium for side in setup.media(setup.scene, conc_nM) for medium in side]
        for known, images in self.made:
            if all(alike(a, b, SAME_ABSORPTION) for a, b in zip(known, media, strict=True)):
                return images
        images = basis_images(
            setup, conc_nM, seed=self.seed, threads=self.threads, progress=self.progress,
            max_time_s=self.max_time_s,
        )  # fmt: skip
        self.made.append((media, images))
        return images

    def frame(
        self, setup: Setup, signals: SceneSignals, conc_nM: Mapping[str, float], index: int = 0
    ) -> FrameImages:
        """Pictures of a frame."""
        given = frame_input(setup, setup.scene, signals, conc_nM)
        basis = self.basis(setup, conc_nM)
        return frame_images(setup, basis, given, seed=self.seed, frame=index)

    def spread_of(
        self, setup: Setup, signals: SceneSignals, conc_nM: Mapping[str, float]
    ) -> Floats:
        """Relative spread of the light within each region of the image, (rois,)."""
        return self.frame(setup, signals, conc_nM).spread


def add_outputs(
    found: Prediction,
    document: dict[str, Any],
    pictures: Pictures | None = None,
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
    files: bool = True,
) -> dict[str, bytes]:
    """Compute what the scene asks for and write it into its document.

    Parameters
    ----------
    found : Prediction
    document : dict
        Of `image_document`; changed in place.
    pictures : Pictures, optional
        Those that `predict` used for its spreads; made anew without.
    files : bool
        Whether to make image files as well.

    Returns
    -------
    dict of str to bytes
        Files by name; empty unless asked for.
    """
    setup = found.setup
    asked: set[str] = {*setup.scene.run.outputs}
    made = ImageFiles()
    notes: list[str] = document["warnings"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PdcraftWarning)
        if "reflectance" in asked:
            _try(notes, "reflectance", lambda: _reflect(found, document, seed, threads, progress))
        if needs_pictures(setup.scene.run.outputs):
            maker = pictures or Pictures(seed, threads, progress, max_time_s)
            shown = [
                maker.frame(setup, found.signals, frame.conc_nM, i)
                for i, frame in enumerate(found.frames)
            ]
            work = _Work(found, maker, shown, seed, threads, progress)
            work.fill(document, asked, made, files)
    notes += [
        text
        for text in dict.fromkeys(
            str(w.message) for w in caught if issubclass(w.category, PdcraftWarning)
        )
        if text not in notes
    ]
    if not files:
        return {}
    document["files"] = [*document["files"], *made.entries]
    return made.contents


def _try(notes: list[str], what: str, work: Any) -> Any:
    """Do what may not fit a scene; where it does not, say why and leave it unknown."""
    try:
        return work()
    except PdcraftError as error:
        notes.append(f"{what}: {error}")
        return None


def _reflect(
    found: Prediction,
    document: dict[str, Any],
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> None:
    frame = found.frames[0]
    given = frame_input(found.setup, found.setup.scene, found.signals, frame.conc_nM)
    document |= reflectance(
        found.setup, frame.conc_nM, given.left, seed=seed, threads=threads,
        progress=part_of(progress, 0.0, 0.3, "reflectance"),
    ).document()  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Work:
    """Frames with their pictures, to be judged and written."""

    found: Prediction
    maker: Pictures
    shown: list[FrameImages]
    seed: int
    threads: int | None
    progress: Progress | None

    def fill(
        self, document: dict[str, Any], asked: set[str], made: ImageFiles, files: bool
    ) -> None:
        """Write all that images give into the document, and the files."""
        found, notes = self.found, document["warnings"]
        setup = found.setup
        first = found.frames[0]
        target = find_target(setup, first.conc_nM)
        self._quality(document)
        document["margin"] = _try(
            notes, "margin", lambda: margin_document(setup, target, self.shown[0])
        )
        layered: LayeredScene | str = "it was not asked for"
        if asked & {"detection", "phantom"}:
            layered = flat_reason(setup, first.conc_nM) or layered_scene(
                setup, first.conc_nM, seed=self.seed, threads=self.threads,
                progress=part_of(self.progress, 0.3, 0.2, "layers"),
            )  # fmt: skip
        if "detection" in asked:
            _try(notes, "detection", lambda: self._detect(document, target, layered))
        if "phantom" in asked:
            document["phantom"] = _try(notes, "phantom", lambda: self._phantom(target, layered))
        rgb = None
        if "rgb" in asked:
            rgb = _try(notes, "rgb", self._color)
        laid = self._lay(rgb)
        document["rgb"] = _recipe(rgb, laid)
        if not files:
            return
        for frame, images in zip(found.frames, self.shown, strict=True):
            frame_files(made, setup, images, frame.time_h)
        region_files(made, setup, found.frames, self.shown)
        if "fluence" in asked:
            fluence_files(made, setup, self.maker.basis(setup, first.conc_nM))
        if rgb is not None:
            color_files(made, setup, rgb, laid)

    def _quality(self, document: dict[str, Any]) -> None:
        """Errors of the images, saturation, and what of a frame's noise is the simulation's."""
        notes, setup = document["warnings"], self.found.setup
        biases = [s.smoothing_bias for s in self.shown if s.smoothing_bias is not None]
        document["method"]["smoothing_bias"] = max(biases) if biases else None
        document["method"]["target_reached"] &= all(b.reached for _, b in self.maker.made)
        document["method"]["n_histories"] += sum(b.histories for _, b in self.maker.made)
        for entry, images in zip(document["frames"], self.shown, strict=True):
            median, most = images.rel_std_err
            entry["image_rel_std_err"] = {"median": median, "p95": most}
            for i, roi in enumerate(setup.rois):
                entry["rois"][roi.name]["saturated_fraction"] = float(images.saturated_fraction[i])
        share = max(s.simulation_share for s in self.shown)
        if share > 0.1:
            notes.append(
                f"image: {share:.0%} of the pixels' variance is the simulation's, none of the "
                "camera's; raise run.max_time where the noise of single pixels counts"
            )

    def _gains(self, frame: Frame) -> Floats | None:
        """Contrast of each draw over the nominal one."""
        setup = self.found.setup
        if frame.draws is None or not setup.pairs:
            return None
        at = pair_column(len(setup.masks), 0, "contrast")
        nominal = float(frame.values[at])
        drawn = frame.draws[:, at] / nominal if nominal > 0.0 else np.zeros(0)
        return drawn if drawn.size and np.all(np.isfinite(drawn)) else None

    def _detect(
        self, document: dict[str, Any], target: Target | None, layered: LayeredScene | str
    ) -> None:
        setup, notes = self.found.setup, document["warnings"]
        if target is None:
            notes.append(
                "detection: the scene has no body with other dye under a target region of the image"
            )
            return
        for entry, frame, images in zip(
            document["frames"], self.found.frames, self.shown, strict=True
        ):
            given = frame_input(setup, setup.scene, self.found.signals, frame.conc_nM)
            result = detection(
                setup, self.maker.basis(setup, frame.conc_nM), given, images, target, layered,
                seed=self.seed, gains=self._gains(frame),
            )  # fmt: skip
            entry["detection"] = result.numbers
            notes += [note for note in result.notes if note not in notes]

    def _phantom(self, target: Target | None, layered: LayeredScene | str) -> dict[str, Any] | None:
        if isinstance(layered, str):
            raise DataError(f"the scene's layers cannot stand for the phantom, because {layered}")
        setup, frame = self.found.setup, self.found.frames[0]
        given = frame_input(setup, setup.scene, self.found.signals, frame.conc_nM)
        return phantom_numbers(layered, given, self.shown[0], target, seed=self.seed)

    def _color(self) -> Rgb:
        return color_image(
            self.found.setup, self.found.frames[0].conc_nM, seed=self.seed, threads=self.threads,
            progress=part_of(self.progress, 0.5, 0.5, "color"),
        )  # fmt: skip

    def _lay(self, rgb: Rgb | None) -> Overlay | None:
        """Lay the first frame's electrons, from halfway up, over the color image."""
        images, setup = self.shown[0], self.found.setup
        if rgb is None:
            return None
        shown = np.maximum(images.electrons, 0.0)
        threshold = halfway_e(setup, images.exposure.light)
        top = float(np.quantile(shown, 0.995))
        low = 0.5 * top if threshold is None else min(threshold, 0.95 * top)
        return overlay(rgb, shown, low, (0.0, max(top, 1e-9))) if top > 0.0 else None


def _recipe(rgb: Rgb | None, laid: Overlay | None) -> dict[str, Any] | None:
    """How the color image and the overlay were made."""
    if rgb is None:
        return None
    out: dict[str, Any] = {k: v for k, v in asdict(rgb).items() if k != "image"}
    out["wavelengths_nm"] = list(rgb.wavelengths_nm)
    out["overlay"] = None
    if laid is not None:
        out["overlay"] = {k: v for k, v in asdict(laid).items() if k != "image"}
        out["overlay"]["range_e"] = list(laid.range_e)
    return out
