"""Self-dose S values of spheres by a transport run of their own, instead of the shipped tables.

A point source in unbounded water seen from everywhere in the sphere (`pdcraft.transport.point`):
unlike the tables, the nuclide's own spectra are drawn, and annihilation photons start where
positrons end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.emissions import electron_keV, photon_keV
from pdcraft.data.materials import material
from pdcraft.data.nuclides import Nuclide, Progeny, Spectra, Stay, nuclide
from pdcraft.dosimetry.spheres import SphereS, size_of, sphere_S
from pdcraft.dosimetry.transport_inputs import check_precision, emitted_groups
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV
from pdcraft.transport.point import point_kernel
from pdcraft.transport.settings import Settings, settings_for
from pdcraft.transport.tally import PHOTON, TYPES

__all__ = ["METHOD", "transported_sphere_S"]

METHOD = "transport of this nuclide's own decays"
DECAYS_PER_BATCH = 500
CHECKS = (20, 40, 80, 160, 320, 640, 1280, 2560, 5120)  # batches after which precision is looked at
THIN_BELOW = 0.5  # of the electrons' energy kept: then those far from the sphere are thinned
THIN_radii, THIN_MOST = 4.0, 100.0


def transported_sphere_S(
    name: str,
    *,
    mass_g: float | None = None,
    radius_mm: float | None = None,
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    stay: Stay = 1.0,
    water_I_eV: float = 78.0,
    precision: float = 0.01,
    settings: Settings | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[SphereS, bool]:
    """S value of one sphere of water of 1 g/mL, by transport.

    Parameters
    ----------
    name, mass_g, radius_mm, progeny, spectra, stay, water_I_eV
        As in `pdcraft.dosimetry.spheres.sphere_S`.
    precision : float
        Relative standard error of the S value to stop at, 1e-4 to 0.2.
    settings : Settings, optional
    seed : int
    threads : int, optional
        All processors without it; the result does not depend on it.
    progress : callable, optional

    Returns
    -------
    S : SphereS
    reached : bool
        Whether the precision was reached within 2.6 million decays.

    Raises
    ------
    PhysicsRangeError
        For a precision outside its limits; else as `sphere_S`, which also warns.
    """
    check_precision(precision)
    radius_mm, mass_g = size_of(mass_g, radius_mm)
    source = nuclide(name, progeny, spectra, stay)
    water = replace(material("water"), mean_excitation_eV=water_I_eV)
    table = sphere_S(
        name,
        radius_mm=radius_mm,
        progeny=progeny,
        spectra=spectra,
        stay=stay,
        water_I_eV=water_I_eV,
    )
    if not source.photons and not source.electrons and not source.beta and not source.beta_tables:
        return table, True  # alpha particles alone: nothing is left to chance
    alpha_keV = table.alpha * mass_g / S_UNIT_mGy_g_per_MBq_s_keV
    thin = THIN_radii * radius_mm if (table.electron_fraction or 0.0) < THIN_BELOW else 0.0
    batches = np.zeros((0, len(TYPES)))
    done, reached = 0, False
    for stop in CHECKS:
        run = point_kernel(
            emitted_groups(source),
            water,
            histories=(stop - done) * DECAYS_PER_BATCH,
            batches=stop - done,
            settings=settings or settings_for(radius_mm),
            soft_keV=source.soft_keV,
            seed=seed,
            threads=threads,
            first_batch=done,
            thin_mm=thin,
            thin_most=THIN_MOST,
        )
        batches = np.concatenate(
            [batches, run.absorbed_by_batch_keV(np.array([radius_mm]))[..., 0]]
        )
        done = stop
        mean, err = _statistics(batches.sum(axis=1) + alpha_keV)
        if progress:
            words = f"{done * DECAYS_PER_BATCH:,} decays, ± {100 * err / mean:.2g}%"
            progress(min(1.0, (precision * mean / err) ** 2), words)
        reached = err <= precision * mean
        if reached:
            break
    return _result(source, batches, table, done * DECAYS_PER_BATCH), reached


def _statistics(batches: Floats) -> tuple[float, float]:
    return float(batches.mean()), float(batches.std(ddof=1) / np.sqrt(len(batches)))


def _result(source: Nuclide, batches: Floats, table: SphereS, histories: int) -> SphereS:
    per_keV = S_UNIT_mGy_g_per_MBq_s_keV / table.mass_g
    total, total_err = _statistics(batches.sum(axis=1))
    photon, photon_err = _statistics(batches[:, PHOTON])
    electron, electron_err = _statistics(np.delete(batches, PHOTON, axis=1).sum(axis=1))
    by_type: dict[str, tuple[float, float]] = {}
    for i, kind in enumerate(TYPES):
        mean, err = _statistics(batches[:, i])
        by_type[kind] = mean * per_keV, err * per_keV
    emitted = electron_keV(source)
    if source.alpha:
        by_type["alpha"] = table.alpha, 0.0
    return replace(
        table,
        total=total * per_keV + table.alpha,
        total_err=total_err * per_keV,
        electron=electron * per_keV,
        electron_err=electron_err * per_keV,
        photon=photon * per_keV,
        photon_err=photon_err * per_keV,
        by_type=by_type,
        electron_fraction=electron / emitted if emitted else None,
        photon_fraction=photon / photon_keV(source) if source.photons else None,
        local_overestimate=(emitted - electron) / (total + table.alpha / per_keV),
        method=METHOD,
        histories=histories,
    )
