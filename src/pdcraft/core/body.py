"""The type of a body in analytic surfaces: solids in order of priority, as plain arrays.

A point belongs to the first solid that contains it, and so to that solid's region; in none it is
outside. A solid is what lies on the stated side of all its surfaces. Builders and the membership
test in numpy live in ``pdcraft.anatomy``; a compiled one can read the same arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.notebook import Shown, Table, number
from pdcraft.errors import DataError, did_you_mean

__all__ = ["LOBE", "QUADRIC", "SLABS", "TORUS", "Body", "BodyMasses", "Solids"]

#: Kinds of surface. Each is a function of the point that is at most 0 on its inner side; what its
#: ten coefficients are:
#: QUADRIC  xx yy zz xy xz yz x y z 1: sum of coefficient times monomial;
#: TORUS    center x y z, ring radius, tube radius, axis (0, 1, 2), stretch x y z:
#:          hypot(across - ring, along) - tube of the point over the stretch;
#: LOBE     y of the axis, lowest z, height: sqrt(2) rho tau(z) - (abs(x) - y'), a thyroid's lobes;
#: SLABS    lowest z, pitch: slabs of one pitch and gaps of one pitch by turns, from a slab on.
QUADRIC, TORUS, LOBE, SLABS = 0, 1, 2, 3
COEFFICIENTS = 10


@dataclass(frozen=True, slots=True)
class Solids:
    """Solids of a body in order of priority; lengths in cm.

    Parameters
    ----------
    region : ndarray of int32, shape (solids,)
        Index of the region that each solid is part of.
    start : ndarray of int32, shape (solids + 1,)
        Surfaces ``start[i]:start[i + 1]`` bound solid i.
    kind : ndarray of int8, shape (surfaces,)
    sense : ndarray of int8, shape (surfaces,)
        1: the solid lies where the surface's function is at most 0; -1: where it is above 0.
    coefficient : ndarray, shape (surfaces, 10)
    box_cm : ndarray, shape (solids, 2, 3)
        Lowest and highest corner of a box around each solid: no point outside is in the solid.
    """

    region: NDArray[np.int32]
    start: NDArray[np.int32]
    kind: NDArray[np.int8]
    sense: NDArray[np.int8]
    coefficient: Floats
    box_cm: Floats

    def __post_init__(self) -> None:
        n, m = len(self.region), len(self.kind)
        for name, dtype, shape in (
            ("region", np.int32, (n,)),
            ("start", np.int32, (n + 1,)),
            ("kind", np.int8, (m,)),
            ("sense", np.int8, (m,)),
        ):
            array = np.array(getattr(self, name), dtype=dtype)
            if array.shape != shape:
                raise DataError(f"solids: {name} has shape {array.shape}, not {shape}")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "coefficient", frozen(self.coefficient, "surface coefficients"))
        object.__setattr__(self, "box_cm", frozen(self.box_cm, "boxes of solids"))
        if self.coefficient.shape != (m, COEFFICIENTS) or self.box_cm.shape != (n, 2, 3):
            raise DataError("solids: ten coefficients per surface and one box per solid are needed")
        if n and (self.start[0] != 0 or self.start[-1] != m or np.any(np.diff(self.start) < 1)):
            raise DataError("solids: every solid needs a surface, and every surface a solid")
        if np.any(self.box_cm[:, 0] > self.box_cm[:, 1]):
            raise DataError("solids: the box of a solid is empty: its surfaces exclude each other")


@dataclass(frozen=True, slots=True)
class BodyMasses:
    """One table of masses: g by region and group of regions, and what each rests on.

    ``scaled`` names the regions whose mass is not this table's own, with the rule that gave it.
    """

    name: str
    region_g: Mapping[str, float]
    source: str
    scaled: Mapping[str, str]

    def __post_init__(self) -> None:
        for region, mass in self.region_g.items():
            if not 0 < mass < np.inf:
                raise DataError(f"{self.name}: mass of {region} is {mass} g; it must be above zero")
        for name in ("region_g", "scaled"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def mass_g(self, region: str) -> float:
        """Mass of a region, g.

        Raises
        ------
        DataError
            If the table does not have it.
        """
        if region not in self.region_g:
            known = ", ".join(self.region_g)
            raise DataError(f"no mass of '{region}' in the {self.name} table; it has {known}")
        return self.region_g[region]


@dataclass(frozen=True, slots=True, repr=False)
class Body(Shown):
    """A body in analytic surfaces, in the axes of its source: cm, z to the head.

    x points to the subject's left and y to its back, so RAS+ millimeters are (-10 x, -10 y, 10 z).

    Parameters
    ----------
    name : str
        ``"adult-male"``, ``"mouse"`` ...
    host : {"human", "mouse"}
    solids : Solids
    regions : tuple of str
        Names by index. Organs are called as in ``pdcraft.core.regions``; bones by their own names.
    materials : tuple of str
        Material of each region, by its name in ``pdcraft.data.materials``.
    density_g_per_mL : ndarray, shape (regions,)
    volume_cm3 : ndarray, shape (regions,)
        Of what each region keeps after all regions of higher priority.
    masses : mapping of str to BodyMasses
        Tables by name; the first is the default.
    groups : mapping of str to tuple of str
        Names for several regions together, such as ``skeleton``.
    red_marrow : mapping of str to float
        Share of the red marrow in each bone region; sums to 1, or is empty where unknown.
    stands_for : mapping of str to str
        Regions without a solid of their own, and the region that contains them.
    remarks : tuple of str
        What a user of its results has to know.
    """

    name: str
    host: str
    solids: Solids
    regions: tuple[str, ...]
    materials: tuple[str, ...]
    density_g_per_mL: Floats
    volume_cm3: Floats
    masses: Mapping[str, BodyMasses]
    groups: Mapping[str, tuple[str, ...]]
    red_marrow: Mapping[str, float]
    stands_for: Mapping[str, str]
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.regions)
        if len(set(self.regions)) != n:
            raise DataError(f"body '{self.name}': a region stands twice")
        for name in ("density_g_per_mL", "volume_cm3"):
            array = frozen(getattr(self, name), f"{self.name}, {name}")
            if array.shape != (n,) or np.any(array <= 0):
                raise DataError(f"body '{self.name}': {name} needs {n} numbers above zero")
            object.__setattr__(self, name, array)
        if len(self.materials) != n:
            raise DataError(f"body '{self.name}': every region needs a material")
        if set(np.unique(self.solids.region)) != set(range(n)):
            raise DataError(f"body '{self.name}': every region needs a solid")
        total = sum(self.red_marrow.values())
        if self.red_marrow and abs(total - 1.0) > 1e-9:
            raise DataError(f"body '{self.name}': shares of red marrow sum to {total:.6g}, not 1")
        for name in ("masses", "groups", "red_marrow", "stands_for"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def _table(self) -> Table:
        numbers = (self.volume_cm3, self.density_g_per_mL, self.own_mass_g)
        rows = [
            (region, material, *map(number, row))
            for region, material, *row in zip(
                self.regions, self.materials, *(n.tolist() for n in numbers), strict=True
            )
        ]
        columns = ("region", "material", "volume, cm³", "density, g/mL", "mass, g")
        return Table(f"{self.name} ({self.host})", columns, rows)

    @property
    def bounds_cm(self) -> Floats:
        """Lowest and highest corner of a box around the body, shape (2, 3)."""
        box = self.solids.box_cm
        return np.array([box[:, 0].min(axis=0), box[:, 1].max(axis=0)])

    @property
    def own_mass_g(self) -> Floats:
        """Mass of each region in this geometry: its volume times its density, shape (regions,)."""
        return self.volume_cm3 * self.density_g_per_mL

    def index(self, region: str) -> int:
        """Index of a region.

        Raises
        ------
        DataError
            If the body does not have it.
        """
        if region not in self.regions:
            hint = f"{did_you_mean(region, self.regions, most=2, cutoff=0.5)} ".lstrip()
            known = ", ".join(self.regions)
            raise DataError(f"{self.name} has no region '{region}'; {hint}it has {known}")
        return self.regions.index(region)

    def members(self, name: str) -> tuple[int, ...]:
        """Return indices of a region, of a group's regions, or of the one that stands for it."""
        if name in self.groups:
            return tuple(self.index(r) for r in self.groups[name])
        return (self.index(self.stands_for.get(name, name)),)

    def mass_table(self, name: str | None = None) -> BodyMasses:
        """Mass table by name; the body's default without one.

        Raises
        ------
        DataError
            If there is no such table.
        """
        chosen = next(iter(self.masses)) if name is None else name
        if chosen not in self.masses:
            known = ", ".join(self.masses)
            raise DataError(f"{self.name} has no mass table '{chosen}'; it has {known}")
        return self.masses[chosen]
