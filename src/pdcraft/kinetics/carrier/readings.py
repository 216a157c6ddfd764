r"""Ways to read the means of one study: their errors, and what the rows have in common.

Subjects are log-normal around the median (typical) one with :math:`\omega^2 = \ln(1 + CV^2)`. The
mean of n of them is taken as log-normal with :math:`v = \ln(1 + CV^2/n)` and a logarithm
:math:`(\omega^2 - v)/2` above the median subject's [Fenton60]_. An SD describes subjects, so that
CV = SD/mean; an SEM describes the mean, so that :math:`CV = \sqrt n` SEM/mean. An unknown ± is read
both ways and an unknown n several ways, alike in all rows of a study.

Rows share the error of their dose method (one region), the offset of their compound, and, when the
same tumors are imaged again, those tumors. The assumed sizes are in ``likelihood.toml``.

References
----------
.. [Fenton60] L. F. Fenton, IRE Trans. Commun. Syst. 8, 57 (1960), doi:10.1109/TCOM.1960.1097606
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.evidence import EvidenceItem
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

__all__ = ["Assumed", "Reading", "assumed", "offset_log_sd", "printed", "readings", "sizes_of"]


@dataclass(frozen=True, slots=True)
class Assumed:
    """Sizes of errors that no source prints."""

    missing_log_sd: float
    unknown_n: tuple[int, ...]
    repeat_correlation: float
    tumor_model_log_sd: float
    between_log_sd_median: float
    between_log_sd_log_sd: float
    compound_log_sd: dict[str, float]


def assumed() -> Assumed:
    """Read ``likelihood.toml``."""
    table = load_toml("carrier", "likelihood.toml")
    return Assumed(
        **{k: table[k] for k in Assumed.__dataclass_fields__ if k != "unknown_n"},
        unknown_n=tuple(table["unknown_n"]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One way to read the ± and n of a study's means: errors and what they share."""

    shift: Floats  # mean above the median subject, (k,)
    root: Floats  # lower Cholesky factor of the covariance, (k, k)
    whiten: Floats  # its inverse


def printed(item: EvidenceItem, part: str) -> float:
    """Return a printed number that the row must have."""
    value = getattr(item, part)
    if value is None:
        raise DataError(f"item '{item.id}' has no {part}; exclude it")
    return float(value)


def sizes_of(item: EvidenceItem, sizes: Assumed) -> tuple[int, ...]:
    """Return the numbers of subjects that are possible, each with the same weight."""
    if item.n is None:
        return sizes.unknown_n
    return tuple(range(item.n[0], item.n[1] + 1))


def readings(items: Sequence[EvidenceItem], sizes: Assumed) -> list[Reading]:
    """Return all ways to read the means of one study, each with the same weight."""
    unknown = any(item.spread == "unknown" for item in items)
    numbers = sorted({n for item in items for n in sizes_of(item, sizes)})
    out: list[Reading] = []
    for reading in ("SD", "SEM") if unknown else ("SD",):
        for n in numbers:
            pairs = [_mean_error(item, reading, n, sizes) for item in items]
            error = np.array([e for e, _ in pairs])
            root = np.asarray(np.linalg.cholesky(_covariance(items, error, sizes)), dtype=float)
            shift = np.array([s for _, s in pairs])
            out.append(
                Reading(shift, np.asarray(root), np.asarray(np.linalg.inv(root), dtype=float))
            )
    return out


def _mean_error(item: EvidenceItem, unknown_as: str, n: int, sizes: Assumed) -> tuple[float, float]:
    """Error of the logarithm of a mean, and how far it lies above the median subject's."""
    if item.spread == "none":
        return sizes.missing_log_sd, 0.0
    own = sizes_of(item, sizes)
    n = min(max(n, own[0]), own[-1])
    cv = printed(item, "plus_minus") / printed(item, "value")
    spread = unknown_as if item.spread == "unknown" else item.spread
    of_mean = cv**2 / n if spread == "SD" else cv**2
    variance = np.log1p(of_mean)
    return float(np.sqrt(variance)), float(0.5 * (np.log1p(n * of_mean) - variance))


def _covariance(items: Sequence[EvidenceItem], error: Floats, sizes: Assumed) -> Floats:
    out = np.diag(error**2)
    for i, a in enumerate(items):
        for j, b in enumerate(items):
            same_place = (a.quantity, a.region, a.reference_region) == (
                b.quantity, b.region, b.reference_region,
            )  # fmt: skip
            repeated = same_place and bool(a.time_h)
            if same_place:
                out[i, j] += a.dose_method_log_sd * b.dose_method_log_sd
            if a.region == "tumor" and (i == j or repeated):
                out[i, j] += sizes.tumor_model_log_sd**2
            if i != j and repeated:
                out[i, j] += sizes.repeat_correlation * error[i] * error[j]
            if a.compound == b.compound:
                out[i, j] += sizes.compound_log_sd.get(a.compound, 0.0) ** 2
    return out


def offset_log_sd(item: EvidenceItem, sizes: Assumed) -> float:
    """SD of the logarithm of what sets a single row apart: its compound, its dose method."""
    return float(np.hypot(sizes.compound_log_sd.get(item.compound, 0.0), item.dose_method_log_sd))
