r"""Whole scenes: from a scene file to radiance in absolute units; contrasts of the literature.

An even half-space that scatters alike to all sides, without a step of the index, with so little
dye that absorption stays: the photon radiance toward the zenith over the irradiance is
:math:`(\mu_{dye} Q/\mu_t)\,d\ell/da` with :math:`\ell(a) = a H(1)^2/(8\pi)`, H Chandrasekhar's
function at the albedo a.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import as_file, files

from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "optics"
CLOSED = "closed form with Chandrasekhar's H function, computed in 30 digits"
SLOPES = {0.9: 0.59756, 0.99: 3.8989}  # d l / d a
REFLECTANCES = {0.9: 0.41495, 0.99: 0.75272}
DYE_per_mm = math.log(10.0) * 100.0 * 1e-6 * 0.1  # 100 L/mol/cm x 1 uM


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield the cases; with `full`, by every method and at both albedos."""
    methods = ("adjoint", "backward", "psf") if full else ("adjoint",)
    for albedo in SLOPES if full else (0.9,):
        for method in methods:
            yield from _half_space(albedo, method)
    yield from _published()


def _half_space(albedo: float, method: str) -> Iterator[Case]:
    from pdcraft.optics.material import Declared
    from pdcraft.optics.prediction.run import predict
    from pdcraft.optics.scene_read import read_scene

    folder = files("pdcraft.validate").joinpath("cases", "optics")
    with as_file(folder.joinpath("half_space.toml")) as path:
        scene = read_scene(path)
    gray = replace(
        scene.materials["gray"], absorption=Declared(1.0 - albedo), scattering=Declared(albedo)
    )
    scene = replace(scene, run=replace(scene.run, method=method), materials={"gray": gray})
    found = predict(scene)
    seen = found.frames[0].roi(0)["fluorescence_yield_per_sr"]
    value, error = seen["value"] or 0.0, seen["std_err"] or 0.0
    name = f"half-space, albedo {albedo:g}, by {method}"
    yield compare(
        SUITE,
        f"{name}: photon radiance over irradiance, 1e-6/sr",
        1e6 * value,
        1e6 * DYE_per_mm * 0.5 * SLOPES[albedo],
        CLOSED,
        absolute=1e6 * (0.005 * DYE_per_mm * 0.5 * SLOPES[albedo] + 3.0 * error),
        why="0.5 % and three standard errors",
    )
    budget = found.signals.budgets[0]
    allowed = 5e-4 + 3.0 * budget.std_err["reflected_diffuse"]
    yield compare(
        SUITE,
        f"{name}: diffuse reflectance",
        budget.reflected_diffuse,
        REFLECTANCES[albedo],
        CLOSED,
        absolute=allowed,
        why="5e-4 and three standard errors",
    )


def _published() -> Iterator[Case]:
    """Yield published contrasts: no uptake is published with them to predict them from."""
    from pdcraft.data.published_contrast import published_contrasts

    for row in published_contrasts():
        yield Case(
            SUITE,
            f"published contrast of {row.agent}, {row.tumor}, {row.host}, {row.condition} "
            f"({row.kind.replace('_', ' ')})",
            None,
            row.value,
            "not decided: concentrations in tumor and background are not published with it, so "
            "that a prediction would be an assumption",
            row.source,
            None,
        )
