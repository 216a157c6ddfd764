"""What a mouse scene is made of: regions of the stylised mouse, and their tissue for light.

No optical properties of mouse organs were at hand: organs take rows of the table of tissues, and
what has no row is soft tissue. Materials are shared by tissue, so that a draw of soft tissue is the
same for all that is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pdcraft.optics.material import Declared, Material, tissue
from pdcraft.optics.scene import Region

__all__ = ["FUR", "INTESTINES", "REGION_OF", "SKIN", "mouse_materials", "mouse_regions"]

SKIN, FUR, FOOD = "skin", "fur", "food"
REGION_OF: Mapping[str, str] = {  # of the stylised mouse's regions whose name differs
    "stomach_contents": FOOD,
    "stomach_wall": "stomach",
    "heart_wall": "heart",
    "urinary_bladder_contents": "urine",
    "urinary_bladder_wall": "urinary_bladder",
    "large_intestine_wall": "large_intestine",
    "small_intestine_wall": "small_intestine",
}
TISSUES: Mapping[str, str] = {
    "remainder": "soft",
    SKIN: "skin",
    "brain": "brain",
    "liver": "liver",
    "kidneys": "kidney",
    "spleen": "spleen",
    "lungs": "lung",
    "heart": "muscle",
    "skeleton": "bone",
    "adrenals": "soft",
    "eyes": "soft",
    "pancreas": "soft",
    "stomach": "soft",
    "testes": "soft",
    "urinary_bladder": "soft",
    "urine": "soft",
    "small_intestine": "gut",
    "large_intestine": "gut",
    FOOD: FOOD,
}
BASE: Mapping[str, str] = {"gut": "soft", FOOD: "soft"}  # rows that stand in, with food in them
INTESTINES = ("small_intestine", "large_intestine")
FOOD_SHARE_OF_GUT = 0.5  # of the intestines' volume; assumed
DRAWN_SCATTERING = ("skin", "soft")  # near the surface; other organs keep their nominal values
FUR_mua_per_mm, FUR_musp_per_mm, FUR_g = 0.05, 1.5, 0.9  # assumed: white fur
INDEX = 1.4  # one for all: voxels know no surface between organs


def mouse_regions(stated: Mapping[str, Material], fur: bool) -> tuple[Region, ...]:
    """Regions in the order of their labels; materials that a scene states by a region's name win.

    Parameters
    ----------
    stated : mapping of str to Material
        Materials of the scene file.
    fur : bool
    """
    names = [*TISSUES, *([FUR] if fur else [])]
    return tuple(Region(n, n if n in stated else _material_name(n)) for n in names)


def _material_name(region: str) -> str:
    return f"mouse {TISSUES.get(region, region)}"


def mouse_materials(excitation_nm: float, food_nM: float | None, fur: bool) -> dict[str, Material]:
    """Materials of the regions, by name.

    Parameters
    ----------
    excitation_nm : float
        Decides the autofluorescence of tissues.
    food_nM : float or None
        Autofluorescence of food, as dye: in the stomach, and by half in the intestines. None: as
        soft tissue.
    fur : bool
    """
    out: dict[str, Material] = {}
    for kind in dict.fromkeys(TISSUES.values()):
        name = f"mouse {kind}"
        made = tissue(BASE.get(kind, kind), name, excitation_nm, n=INDEX)
        if kind in BASE:
            made = _with_food(made, kind, food_nM)
        out[name] = _plain(made, kind)
    if fur:
        out[f"mouse {FUR}"] = Material(
            f"mouse {FUR}",
            Declared(FUR_mua_per_mm),
            Declared(FUR_musp_per_mm),
            FUR_g,
            INDEX,
            assumed=(
                f"mouse fur: white, mua = {FUR_mua_per_mm:g} /mm, musp = {FUR_musp_per_mm:g} /mm",
            ),
        )
    return out


def _with_food(made: Material, kind: str, food_nM: float | None) -> Material:
    if food_nM is None:
        told = f"{made.name}: food glows as soft tissue does"
        return replace(made, assumed=(*made.assumed, told))
    share = 1.0 if kind == FOOD else FOOD_SHARE_OF_GUT
    own = made.autofluorescence_nM
    told = f"{made.name}: food fills {share:g} of it"
    return replace(
        made,
        autofluorescence_nM=share * food_nM + (1.0 - share) * own,
        priors=tuple(p for p in made.priors if p.name != "autofluorescence"),
        assumed=(*made.assumed, told),
    )


def _plain(made: Material, kind: str) -> Material:
    """Leave out priors that voxels cannot take (n) or that hardly matter (deep scattering)."""
    kept = tuple(
        p
        for p in made.priors
        if p.name != "n" and (p.kind != "scattering" or kind in DRAWN_SCATTERING)
    )
    told = [f"{made.name}: row '{BASE.get(kind, kind)}' of the table of tissues, which is human"]
    if kind not in DRAWN_SCATTERING:
        told.append(f"{made.name}: scattering is not drawn")
    return replace(made, priors=kept, assumed=(*made.assumed, *told))
