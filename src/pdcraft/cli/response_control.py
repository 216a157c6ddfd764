"""What ``pdcraft response tcp`` counts: clonogens, and the effect in each part of a lesion."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pdcraft.cli.response_options import Irradiation, Tissue, gray, tissue_of
from pdcraft.errors import DataError

if TYPE_CHECKING:
    from pdcraft.core.arrays import Floats
    from pdcraft.response.bed import Bed
    from pdcraft.response.control import DoseDistribution

__all__ = ["clonogen_number", "course_bed", "drawn_course", "histogram_bed"]

LONG_PAUSE_h = 1e-3  # repair half-life against fractions a day apart: nothing is left


def clonogen_number(
    tissue: Tissue, number: float | None, mass: str | None, per_g: float | None
) -> float:
    """Clonogens as given, or of a mass with a density given or of the indication.

    Raises
    ------
    DataError
        For neither or both.
    """
    from pdcraft.data.indications import indication
    from pdcraft.io.units import parse
    from pdcraft.response.control import clonogens

    mass_g = None if mass is None else parse(mass, "mass")
    tissue.parameters |= {"mass_g": mass_g, "clonogens_per_g": per_g}
    if (number is None) == (mass_g is None):
        raise DataError("give --clonogens, or --mass with --clonogens-per-g or an --indication")
    if number is not None:
        return number
    if per_g is None and tissue.indication is not None:
        per_g = tissue.of_indication("clonogens_per_g", indication(tissue.indication))
    if per_g is None or mass_g is None:
        raise DataError("--mass needs --clonogens-per-g or an --indication")
    return float(clonogens(mass_g, per_g))


def drawn_course(
    tissue: Tissue, source: Irradiation, until_d: float | None, number: float
) -> tuple[Bed, Floats]:
    """BED of the mean dose and clonogens in draws of the indication's parameters."""
    import numpy as np

    from pdcraft.response.bed import biologically_effective_dose

    values = tissue.drawn_values()
    rate, beam = source.make()
    found = biologically_effective_dose(tissue_of(values), rate, beam, until_d)
    if "clonogens_per_g" in tissue.priors:
        return found, values["mass_g"] * values["clonogens_per_g"]
    return found, np.asarray(number)


def course_bed(
    tissue: Tissue, source: Irradiation, dvh: Path | None, until_d: float | None
) -> tuple[Bed, DoseDistribution]:
    """BED of the mean dose of a course, and the histogram's doses relative to its mean."""
    from pdcraft.io.dose_tables import read_dvh
    from pdcraft.response.bed import biologically_effective_dose
    from pdcraft.response.control import UNIFORM, DoseDistribution

    rate, beam = source.make()
    found = biologically_effective_dose(tissue.sensitivity(needs_alpha=True), rate, beam, until_d)
    if dvh is None:
        return found, UNIFORM
    if rate is None:
        raise DataError("--dvh is of the radionuclide's dose; for a beam add --per-fraction")
    return found, DoseDistribution.of(*read_dvh(dvh))


def histogram_bed(
    tissue: Tissue, source: Irradiation, dvh: Path | None, per_fraction: str
) -> tuple[Bed, DoseDistribution]:
    """BED of a beam's mean dose, and its histogram: every part in fractions of the same dose."""
    import numpy as np

    from pdcraft.io.dose_tables import read_dvh
    from pdcraft.physics.linear_quadratic import fraction_bed_Gy
    from pdcraft.response.bed import Bed
    from pdcraft.response.control import DoseDistribution

    fraction = gray(per_fraction)
    if dvh is None or fraction is None or not fraction > 0:
        raise DataError("--per-fraction is a dose above 0 Gy and belongs to a --dvh")
    if source.dose or source.rate or source.fractions is not None or source.complete_to:
        raise DataError("--per-fraction says the whole irradiation; leave out other doses")
    if tissue.repair is None and tissue.indication is None:
        tissue.repair = f"{LONG_PAUSE_h} h"  # full repair between fractions is what is computed
    sensitivity = tissue.sensitivity(needs_alpha=True)
    if sensitivity.repopulates:
        raise DataError("--per-fraction knows no times; leave out --doubling and --indication")
    dose, volume = read_dvh(dvh)
    distribution = DoseDistribution.of(dose, volume)
    mean = float((dose * volume).sum())
    effect = fraction_bed_Gy(mean / fraction, fraction, sensitivity.alpha_beta_Gy)
    zero = np.zeros(())
    found = Bed(
        sensitivity.alpha_per_Gy, sensitivity.alpha_beta_Gy, effect, zero, zero, zero, zero, zero
    )
    return found, distribution
