"""Time courses from measured data: the fit of a biodistribution file within a study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import DataError
from pdcraft.study.kinetics.curves import Curves, RegionTiac
from pdcraft.study.result import MeasuredPoints

if TYPE_CHECKING:
    from pdcraft.kinetics.fit import FitResult
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["fitted_curves"]

EXTRAPOLATED_WARNING = 0.2
ERROR_KIND = {"group_means": "standard error of the mean", "destructive": "between animals"}


def fitted_curves(
    study: StudyFile,
    path: Path,
    conjugate: Conjugate,
    ledger: Ledger,
    progress: Callable[[float, str], None],
) -> Curves:
    """Fit every region of the file and note points, shares, flags and sources."""
    from pdcraft.io.biodist import read_biodist
    from pdcraft.kinetics.fit import fit_biodistribution
    from pdcraft.kinetics.region_fit import FitOptions

    payload, half_life = conjugate.payload, conjugate.half_life_h
    if payload is None or half_life is None or study.kinetics is None:
        raise DataError(f"{conjugate.name} carries no radionuclide; there is nothing to integrate")
    result = fit_biodistribution(
        read_biodist(path),
        payload.name,
        body_mass_g=study.host.body_mass,
        options=FitOptions(tail=study.kinetics.tail, draws=study.draws, seed=study.seed),
        draws=f"{study.name}/{study.seed}/{study.draws}",
        progress=lambda done, words: progress(0.2 + 0.4 * done, f"fitting {words}"),
    )
    _cite_file(path, ledger)
    _assume(study, ledger)
    tiac: dict[str, RegionTiac] = {}
    last_h = 0.0
    for region in result.regions:
        last_h = max(last_h, *(curve.last_h for curve in region.curves))
        if region.model is None:
            reasons = "; ".join(region.notes)
            ledger.warn("not_fitted", "kinetics", f"{region.region}: no model fits ({reasons})")
            continue
        draws = result.typical_tiac_h(region)
        ledger.inputs[f"kinetics.fit.{region.region}"] = draws
        tiac[region.region] = RegionTiac(region.quantity, draws, "fitted", region.flags)
        _shares(result, region.region, ledger)
        for curve in region.curves:
            decay = np.exp(-np.log(2) / half_life * curve.time_h)
            ledger.points.append(
                MeasuredPoints(
                    region=region.region,
                    quantity=region.quantity.replace("amount", "activity"),
                    times_h=curve.time_h,
                    values=curve.value * decay,
                    errors=curve.sd * decay,
                    error_kind=ERROR_KIND.get(curve.design, "standard deviation"),
                )
            )
    return Curves(result.time_courses(), tiac, last_h)


def _shares(result: FitResult, name: str, ledger: Ledger) -> None:
    region = result.region(name)
    share = region.extrapolated_share
    if share is None:
        return
    ledger.number(
        "kinetics",
        "extrapolated_share",
        share,
        origin="fitted",
        region=name,
        flags=(f"model {region.model}",),
    )
    if share > EXTRAPOLATED_WARNING:
        ledger.warn(
            "extrapolation",
            "kinetics",
            f"{name}: {share:.0%} of the integral lies beyond the last measurement.",
        )


def _cite_file(path: Path, ledger: Ledger) -> None:
    """Cite the data by the comment lines at the file's head."""
    comments: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        comments.append(line.lstrip("# ").strip())
    text = " ".join(comments) or f"measured data in {path.name}, without a source in the file"
    ledger.cite((Citation("biodistribution", text),))


def _assume(study: StudyFile, ledger: Ledger) -> None:
    tail = study.kinetics.tail if study.kinetics else "fitted"
    words = {
        "fitted": "the fitted exponentials go on after the last measurement",
        "physical": "after the last measurement only physical decay removes activity",
        "none": "nothing is counted after the last measurement",
    }
    ledger.assume(Assumption("kinetics.tail", f"Tail: {words[tail]}.", tail))
