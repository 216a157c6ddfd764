"""Bodies: stylised adults, children and a mouse, a tumor anywhere in them, a user's own voxels.

A body is a list of analytic solids in order of priority (`pdcraft.core.body`), transported as such.
Voxels are an export: walls of some millimeters vanish on them.
"""

from __future__ import annotations

from pdcraft.anatomy.icrp110 import read_icrp110
from pdcraft.anatomy.labels import read_label_phantom
from pdcraft.anatomy.masses import with_masses
from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.mouse import mouse_body
from pdcraft.anatomy.sources import points_in
from pdcraft.anatomy.stylised import STYLISED, stylised_body
from pdcraft.anatomy.tumor import flank_center_cm, with_tumor
from pdcraft.anatomy.tumor_site import site_center_cm
from pdcraft.anatomy.voxels import Section, sections, voxelize

__all__ = [
    "STYLISED",
    "Section",
    "flank_center_cm",
    "mouse_body",
    "points_in",
    "read_icrp110",
    "read_label_phantom",
    "region_of",
    "sections",
    "site_center_cm",
    "stylised_body",
    "voxelize",
    "with_masses",
    "with_tumor",
]
