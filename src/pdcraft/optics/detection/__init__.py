"""Detection: varying backgrounds, an observer, and the smallest or deepest tumor it still finds."""

from pdcraft.optics.detection.lumpy import Backgrounds, lumpy_field, sample_backgrounds
from pdcraft.optics.detection.observer import Detection, Interval, background_known, observe
from pdcraft.optics.detection.trial import (
    Crossing,
    DetectionTrial,
    TrialResult,
    crossing,
    make_trial,
)

__all__ = [
    "Backgrounds",
    "Crossing",
    "Detection",
    "DetectionTrial",
    "Interval",
    "TrialResult",
    "background_known",
    "crossing",
    "lumpy_field",
    "make_trial",
    "observe",
    "sample_backgrounds",
]
