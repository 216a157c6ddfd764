r"""Whether the target of a scene would be found, how small and how deep it may be.

The signal is the image with the target's dye minus the image with as much dye there as around it.
Backgrounds vary as their tissue's prior says; the observer is that of `pdcraft.optics.detection`.
Sizes and depths are spheres in the scene's layers; depth is that of the center, as in the scene's
file. What is not known of the scene scales d' as it scales the contrast: both are signal over
background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.background_variability import BackgroundPrior, background_prior
from pdcraft.optics.camera.expose import Exposure, expected_electrons
from pdcraft.optics.detection import (
    DetectionTrial,
    Interval,
    TrialResult,
    crossing,
    make_trial,
)
from pdcraft.optics.detection.observer import FALSE_POSITIVES, auc_of, p_detect_of
from pdcraft.optics.detection.trial import DETECTED, crossing_of
from pdcraft.optics.prediction.frame import UNKNOWN, Number, number
from pdcraft.optics.prediction.joined import joined_pixels
from pdcraft.optics.prediction.layered import LayeredScene, Sphere
from pdcraft.optics.prediction.numbers import FrameInput
from pdcraft.optics.prediction.pictures import BasisImages, FrameImages
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.target import Target
from pdcraft.physics.radiometry import photon_energy_J

__all__ = ["DETECTION_KEYS", "Detected", "background_of", "detection"]

DETECTION_KEYS = (
    "auc",
    "d_prime",
    "p_detect_at_fpr05",
    "min_diameter_mm",
    "max_depth_mm",
    "background_known_auc",
)
TRIED = 7  # diameters, and depths
SPAN = 8.0  # diameters from the target's over this to the target's times half of it
MOST_PIXELS = 128 * 128  # more are joined in blocks: lumps and signals are wide
NORMAL_95 = 3.92  # standard deviations between 95% limits


@dataclass(frozen=True, slots=True)
class Detected:
    """Numbers of a frame's detection, and what to know of them."""

    numbers: dict[str, Number]
    notes: tuple[str, ...]


def background_of(setup: Setup, around: int) -> tuple[str, BackgroundPrior]:
    """Tissue by which the background varies: brain, skin or other, by the material's name."""
    material = setup.scene.regions[around - 1].material
    words = f"{material} {setup.scene.regions[around - 1].name}".lower()
    if any(word in words for word in ("brain", "gli", "matter", "cortex")):
        return "brain", background_prior("brain")
    if any(word in words for word in ("skin", "derm")):
        return "skin", background_prior("skin")
    return "soft", background_prior("soft")


def _signal(
    setup: Setup, basis: BasisImages, given: FrameInput, target: Target
) -> tuple[Floats, Floats]:
    """Electrons that the target adds and electrons of the dye without it; (ny, nx) each."""
    amount = given.conc_nM * np.asarray(given.dye.yield_at(given.conc_nM)) * given.left
    without = amount.copy()
    without[list(target.labels)] = amount[target.around]
    return _electrons(setup, basis, amount - without), _electrons(setup, basis, without)


def _electrons(setup: Setup, basis: BasisImages, amount: Floats) -> Floats:
    glow = setup.nodes.emission
    flux = np.einsum("g,igyx->iyx", basis.amounts(amount), basis.mean)[list(basis.image_of)]
    power = glow.weight[:, None, None] * 1e6 * photon_energy_J(glow.wavelength_nm)[:, None, None]
    power = power * flux
    parts = [
        expected_electrons(setup.camera, glow.wavelength_nm, np.maximum(sign * power, 0.0))
        for sign in (1.0, -1.0)
    ]
    return parts[0] - parts[1]


def detection(
    setup: Setup,
    basis: BasisImages,
    given: FrameInput,
    pictures: FrameImages,
    target: Target,
    layered: LayeredScene | str,
    *,
    seed: int,
    gains: Floats | None = None,
) -> Detected:
    """Try to find the target of a frame.

    Parameters
    ----------
    layered : LayeredScene or str
        For other sizes and depths; or why there is none.
    gains : ndarray, shape (draws,), optional
        Contrast of each draw over the nominal one.
    """
    signal, dye = _signal(setup, basis, given, target)
    joined = joined_pixels(setup.camera, MOST_PIXELS)
    shown, sums = pictures.exposure, joined.sums
    mean = Exposure(
        sums(np.maximum(dye, 0.0)), sums(shown.autofluorescence), sums(shown.leak),
        sums(shown.ambient),
    )  # fmt: skip
    tissue, prior = background_of(setup, target.around)
    notes = [f"detection: the background varies as the assumed prior '{tissue}' says"]
    if float(pictures.saturated_fraction.max()) > 0.01:
        notes.append("detection: regions of the image are saturated; shorten the exposure")
    trial = make_trial(joined.camera, mean, prior, seed=seed)
    found = trial.detect(sums(signal))
    numbers = dict.fromkeys(DETECTION_KEYS, UNKNOWN) | _operating(found, gains, seed)
    spheres = _spheres(setup, given, target)
    if isinstance(layered, str):
        notes.append(f"detection: no smallest size or greatest depth, because {layered}")
    elif spheres is None or not float(signal.sum()) > 0.0:
        notes.append(
            "detection: no smallest size or greatest depth, because the target is no body that "
            "glows more than what is around it"
        )
    else:
        own, tried = spheres
        scale = float(signal.sum()) / float(layered.electrons([own])[0].sum())
        for key, row in tried.items():
            made = [scale * sums(one) for one in layered.electrons([s for _, s in row])]
            values = [value for value, _ in row]
            numbers[key], note = _crossed(trial, values, made, gains)
            notes += [f"detection: {key}: {note}"] if note else []
    return Detected(numbers, tuple(notes))


def _operating(found: TrialResult, gains: Floats | None, seed: int) -> dict[str, Number]:
    """Numbers of the observer; draws scale d' and add the error of the trial."""
    seen = found.detection
    draws = known = None
    if gains is not None:
        luck = np.random.default_rng([seed, 0xD9]).standard_normal(gains.size)
        draws = np.maximum(seen.d_prime.value * gains + _half(seen.d_prime) * luck, 0.0)
        known = auc_of(found.background_known_d_prime * gains)
    auc = None if draws is None else auc_of(draws)
    hit = None if draws is None else p_detect_of(draws)
    return {
        "auc": number(seen.auc.value, _half(seen.auc), auc),
        "d_prime": number(seen.d_prime.value, _half(seen.d_prime), draws),
        "p_detect_at_fpr05": number(
            seen.p_detect_at_fpr05.value, _half(seen.p_detect_at_fpr05), hit
        ),
        "background_known_auc": number(found.background_known_auc, None, known),
    }


def _half(limits: Interval) -> float:
    """Take the standard error of 95% limits."""
    return (limits.high - limits.low) / NORMAL_95


def _spheres(
    setup: Setup, given: FrameInput, target: Target
) -> tuple[Sphere, dict[str, list[tuple[float, Sphere]]]] | None:
    """Make the target a sphere of its volume, and those of other diameters and depths."""
    body = target.body
    if body is None:
        return None
    amount = given.conc_nM * np.asarray(given.dye.yield_at(given.conc_nM)) * given.left
    label = setup.scene.region_index(body.name)
    more = float(amount[label] - amount[target.around])
    x, y, depth = body.center_mm
    radius = (body.volume_mm3 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
    own = Sphere(body.center_mm, float(radius), more)
    bottom = setup.domain.size_mm[2]
    most = min(depth, bottom - depth, 0.25 * min(setup.domain.size_mm[:2]))
    largest = min(2.0 * most, SPAN * radius)
    diameters = np.geomspace(min(2.0 * radius / SPAN, 0.5 * largest), largest, TRIED)
    out = {
        "min_diameter_mm": [(float(d), replace(own, radius_mm=0.5 * float(d))) for d in diameters]
    }
    deepest = bottom - radius
    if deepest > 1.1 * radius:
        out["max_depth_mm"] = [
            (float(z), replace(own, center_mm=(x, y, float(z))))
            for z in np.geomspace(radius * 1.001, deepest * 0.999, TRIED)
        ]
    return own, out


def _crossed(
    trial: DetectionTrial, values: Sequence[float], images: Sequence[Floats], gains: Floats | None
) -> tuple[Number, str]:
    """Where detection reaches 80%: smallest diameter or greatest depth."""
    at = dict(zip(values, images, strict=True))
    found = crossing(trial, lambda v: at[v], values)
    if found.value is None:
        return UNKNOWN, found.reason
    err = None
    if found.low is not None and found.high is not None:
        err = (found.high - found.low) / NORMAL_95
    if gains is None:
        return number(found.value, err), ""
    from scipy.special import ndtri

    d_prime = np.array([trial.detect(at[v]).detection.d_prime.value for v in values])
    needed = float(ndtri(DETECTED) - ndtri(FALSE_POSITIVES))
    places = [crossing_of(np.asarray(values), float(g) * d_prime, needed) for g in gains]
    known = np.array([np.nan if p is None else p for p in places])
    lost = int(np.isnan(known).sum())
    if lost:
        return number(found.value, err), f"{lost} of {known.size} draws cross beyond what was tried"
    return number(found.value, err, known), ""
