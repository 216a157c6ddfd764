"""What a sweep assumes, as the report lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.core.run import Assumption
from pdcraft.optics.dye import catalogue_dye

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile
    from pdcraft.study.sweep.payloads import Kinds
    from pdcraft.study.sweep.table import Sweep

__all__ = ["note_chains", "note_payloads"]


def note_payloads(study: StudyFile, said: Sweep, kinds: Kinds, ledger: Ledger) -> None:
    """Note every assumption of the comparison of payloads."""

    def assume(what: str, text: str, value: str) -> None:
        ledger.assume(Assumption(f"sweep.{what}", text, value))

    assume(
        "kinetics",
        "Every payload rides on the same carrier in the same draws, but for factors of its kind; "
        "a tumor takes up alike whatever its size: vessels and barriers of small ones are not "
        "modeled.",
        study.lesion[0].name,
    )
    assume(
        "goals",
        "What a tumor needs and what marrow bears are goals of the study, the same for every "
        "radionuclide: absorbed dose without weighting of Auger electrons, alpha particles or "
        "dose rate.",
        f"tumor {said.tumor_dose:g} Gy; marrow "
        + " or ".join(f"{dose:g} Gy" for dose in said.marrow_doses),
    )
    assume(
        "activity",
        "Activity is even in the tumor and none is around it; daughters of an alpha emitter decay "
        "where it did.",
        "uniform sphere of water",
    )
    if kinds.positrons or kinds.dyes:
        assume(
            "seen",
            f"A tumor is seen when its brightness is {said.contrast:g} times that around it or "
            "more: a rule of the study. Noise, searching and readers are not modeled.",
            f"contrast {said.contrast:g} at {said.imaging_at:g} h",
        )
    if kinds.positrons:
        assume(
            "pet",
            "PET blurs by a Gaussian as wide as stated; scatter, positron range and noise are left "
            "out.",
            f"{said.pet_resolution:g} mm FWHM",
        )
    if kinds.dyes:
        assume(
            "light",
            "Light by diffusion in one tissue, optics and autofluorescence drawn from priors; the "
            "tumor's own optics are those of the tissue, and dye absorbs nothing. Diffusion errs "
            "where absorption is strong (green light) and within a millimeter of the surface.",
            f"{said.tissue}, {said.dye_amount:g} nmol",
        )
        for name in kinds.dyes:
            assume(
                f"dye.{name}",
                "A dye stays on its carrier. Of the spectra: "
                + "; ".join(catalogue_dye(name).assumed),
                name,
            )
        ledger.warn(
            "dye_not_published",
            "sweep",
            f"{', '.join(kinds.dyes)}: no spectrum, yield or human concentration is published; "
            "contrasts follow from priors and from the carrier labeled with iodine.",
        )
    if kinds.drugs:
        assume(
            "drug",
            "Half-lives of the linker are the study's own choice; the index is that of a xenograft "
            "outside the brain, and knows neither size nor depth.",
            "map over assumptions",
        )
        ledger.warn(
            "linker_not_published",
            "sweep",
            "No release rate or plasma stability of a drug on this carrier is published: its index "
            "is what the assumed linker makes it, not a prediction.",
        )


def note_chains(ledger: Ledger) -> None:
    """Note what a series over chain lengths cannot say."""
    ledger.warn(
        "series_without_kinetics",
        "sweep",
        "Members of the series differ by descriptors alone: how long tumors keep each one is not "
        "computed, since no model of uptake against chain length rests on published data.",
    )
