"""Faults of a study's micrometastases that no single field shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.data.indications import indication
from pdcraft.data.nuclides import nuclide_name
from pdcraft.dosimetry.cluster_packing import DENSEST, MOST_CELLS
from pdcraft.errors import Problem
from pdcraft.study.payload_checks import comparison_problems

if TYPE_CHECKING:
    from pdcraft.io.toml_lines import TomlFile
    from pdcraft.study.micrometastases.table import Micrometastases
    from pdcraft.study.model import StudyFile

__all__ = ["micrometastases_problems"]

HERE = "micrometastases"


def micrometastases_problems(study: StudyFile, file: TomlFile) -> list[Problem]:
    """List what is missing, unknown or too large."""
    said = study.micrometastases
    assert said is not None
    out = comparison_problems(study, file, HERE)
    for i, name in enumerate(said.payloads):
        out += file.refused((HERE, "payloads", i), nuclide_name, name)
    out += file.refused((HERE, "indication"), indication, said.indication)
    share = said.packing_fraction
    if share is not None and share > DENSEST[said.packing]:
        hint = f"at most {DENSEST[said.packing]:.4g}; denser cells overlap"
        message = f"{share:g} of the volume cannot be cells in the packing '{said.packing}'"
        out.append(file.problem((HERE, "packing_fraction"), message, hint, share))
    return out + _sizes(said, file)


def _sizes(said: Micrometastases, file: TomlFile) -> list[Problem]:
    out: list[Problem] = []
    names = [one.name for one in said.setting]
    for i, one in enumerate(said.setting):
        largest = one.largest or one.radius
        cells = (largest / said.cell_radius) ** 3 * (said.packing_fraction or 0.74)
        if one.radius < said.cell_radius:
            message = f"metastases of {one.radius:g} mm are smaller than a cell"
            out.append(file.problem((HERE, "setting", i, "radius"), message, "check the unit"))
        if cells > MOST_CELLS:
            message = (
                f"up to {cells:.2g} cells in a metastasis, at most {MOST_CELLS:,} are computed"
            )
            hint = "a smaller largest radius, or larger cells"
            out.append(file.problem((HERE, "setting", i), message, hint))
        if one.name in names[:i]:
            message = f"two settings are called '{one.name}'"
            out.append(file.problem((HERE, "setting", i, "name"), message))
    return out
