"""Dyed spheres of any size and depth in the flat layers of a scene, seen by its camera in seconds.

The scene's bodies are left out: light of the lamp and spread by depth are those of its layers,
computed once. What the scene's own target adds in full transport over what it adds so is a factor
on all; it holds the target's own optics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.camera.expose import expected_electrons
from pdcraft.optics.prediction.progress import part_of
from pdcraft.optics.prediction.setup import Setup
from pdcraft.physics.radiometry import photon_energy_J
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.images import follows_layers, source_of_groups
from pdcraft.transport.optical.psf import (
    LayeredSpread,
    layered_domain,
    layered_spread,
    layers_of,
    spread_image,
)
from pdcraft.transport.optical.run import Progress
from pdcraft.transport.optical.shapes import Shape

__all__ = ["LayeredScene", "Sphere", "flat_reason", "layered_scene"]

FORWARD_HISTORIES = 200_000
SPREAD_HISTORIES = 100_000
AT_ONCE_voxels = 20_000_000  # of sources that are convolved together


@dataclass(frozen=True, slots=True)
class Sphere:
    """A sphere whose dye differs from its surroundings by so much; concentration times yield."""

    center_mm: tuple[float, float, float]
    radius_mm: float
    amount_nM: float


@dataclass(frozen=True, slots=True)
class LayeredScene:
    """Light and spread of the layers.

    Parameters
    ----------
    setup : Setup
    absorbed : ndarray, shape (nx, ny, nz)
        Photons absorbed per nM of dye, 1/(mm cm² s).
    spread : LayeredSpread
        At the middle of the emission.
    histories : int
    """

    setup: Setup
    absorbed: Floats
    spread: LayeredSpread
    histories: int

    def photon_radiance(self, spheres: Sequence[Sphere]) -> Floats:
        """Photon radiance in the band that each sphere adds, (spheres, ny, nx), 1/(s cm² sr)."""
        setup = self.setup
        base = layered_domain(setup.domain)
        label = base.largest_label + 1
        once = replace(self.spread, mass=self.spread.mass.mean(axis=0, keepdims=True))
        share = float(setup.nodes.emission.weight.sum())
        group = np.full(label + 1, -1, dtype=np.int64)
        group[label] = 0
        block = max(1, AT_ONCE_voxels // base.labels.size)
        out: list[Floats] = []
        for start in range(0, len(spheres), block):
            sources: list[Floats] = []
            for sphere in spheres[start : start + block]:
                body = Shape.sphere(label, sphere.center_mm, sphere.radius_mm, priority=1)
                domain = replace(base, shapes=(*layers_of(base), body))
                sources.append(
                    sphere.amount_nM * source_of_groups(domain, self.absorbed, group, 1)[0]
                )
            made, _ = spread_image(base, once, np.array(sources), setup.view)
            out.append(share * made)
        return np.concatenate(out)

    def electrons(self, spheres: Sequence[Sphere]) -> Floats:
        """Image what each sphere adds (below 0: takes away), expected electrons; (n, ny, nx)."""
        setup, glow = self.setup, self.setup.nodes.emission
        part = glow.weight / glow.weight.sum()
        energy_uJ = 1e6 * photon_energy_J(glow.wavelength_nm)
        out: list[Floats] = []
        for sphere, flux in zip(spheres, self.photon_radiance(spheres), strict=True):
            sign = 1.0 if sphere.amount_nM >= 0.0 else -1.0
            power = (part * energy_uJ)[:, None, None] * np.maximum(sign * flux, 0.0)
            out.append(sign * expected_electrons(setup.camera, glow.wavelength_nm, power))
        return np.array(out)


def flat_reason(setup: Setup, conc_nM: Mapping[str, float]) -> str | None:
    """Why spheres of other sizes and depths cannot be tried in a scene; None if they can."""
    if setup.domain.curved:
        return "its surface is curved"
    if setup.view.projection != "telecentric":
        return "its camera is not telecentric"
    if setup.domain.lateral == "mirror":
        return "its sides are mirrors"
    _, glow = setup.media(setup.scene, conc_nM)
    if not follows_layers(setup.domain, glow[setup.middle[1]], setup.view):
        return "a body scatters otherwise than the layer around it"
    return None


def layered_scene(
    setup: Setup,
    conc_nM: Mapping[str, float],
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> LayeredScene:
    """Compute light and spread of a scene's layers, their dye included, without its bodies.

    Raises
    ------
    DataError
        Unless the scene is flat, its camera telecentric and its scattering that of the layers.
    """
    reason = flat_reason(setup, conc_nM)
    if reason is not None:
        raise DataError(f"scene '{setup.scene.name}': spheres by layers cannot be tried, {reason}")
    layers = layered_domain(setup.domain)
    lit, glow = setup.media(setup.scene, conc_nM)
    nodes = setup.nodes.excitation
    rate = setup.photon_irradiance() * np.array(
        [setup.scene.dye.mua_per_mm(float(nm), 1.0) for nm in nodes.wavelength_nm]
    )
    half = None if max_time_s is None else 0.5 * max_time_s
    run = fluence(
        layers, lit[setup.middle[0]], setup.beam, histories=FORWARD_HISTORIES, seed=seed,
        threads=threads, progress=part_of(progress, 0.0, 0.5), max_time_s=half,
    )  # fmt: skip
    light = run.mean
    if setup.beam.kind == "plane" and setup.domain.lateral == "periodic":
        light = np.broadcast_to(light.mean(axis=(0, 1)), light.shape)
    spread = layered_spread(
        layers, glow[setup.middle[1]], histories=SPREAD_HISTORIES, seed=seed, threads=threads,
        progress=part_of(progress, 0.5, 0.5), max_time_s=half,
    )  # fmt: skip
    return LayeredScene(setup, float(rate.sum()) * light, spread, run.histories + spread.histories)
