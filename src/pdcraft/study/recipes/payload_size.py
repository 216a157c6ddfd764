r"""Which payload for which size: dose of a metastasis against its radius, at equal marrow dose.

A metastasis is a sphere of tumor in which the activity is even, without activity around it. Its
dose is the time-integrated activity per gram times

.. math:: d(R) = S(R)\, m(R) = \sum_i E_i Y_i\, \varphi_i(R)

(Gy per MBq h/g), which no longer rises with R where the radiation stays inside. With the kinetics
of a carrier the ratio of that dose to the marrow's follows: what a metastasis gets where the
marrow gets the same from every payload.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.emissions import electron_keV, photon_keV
from pdcraft.data.nuclides import Progeny, nuclide, usual_progeny
from pdcraft.dosimetry.spheres import sphere_S
from pdcraft.errors import ApproximationWarning
from pdcraft.study.recipes.payload_kinetics import PayloadKinetics, payload_kinetics

__all__ = ["PAYLOADS", "PayloadSize", "RADII_um", "SizeDose", "payload_size", "size_dose"]

PAYLOADS = ("I-125", "I-131", "I-124", "Lu-177", "Y-90", "Tb-161", "Ac-225")
RADII_um = (10.0, 10_000.0)
SECONDS_PER_HOUR, GRAY_PER_mGy, BECQUEREL_PER_MBq = 3600.0, 1e-3, 1e6
CARRIER = "CLR 131"  # whose kinetics the draws are of


@dataclass(frozen=True, slots=True, eq=False)
class SizeDose:
    """Dose of spheres of one nuclide against their radius.

    Parameters
    ----------
    nuclide, progeny : str
    radius_um : ndarray, shape (radii,)
    Gy_per_decay : ndarray, shape (radii,)
        Mean dose of the sphere per decay in it.
    Gy_g_per_MBq_h : ndarray, shape (radii,)
        Dose per time-integrated activity concentration, Gy per MBq h/g.
    absorbed_share : ndarray, shape (radii,)
        Of the energy of all radiation of a decay but neutrinos.
    """

    nuclide: str
    progeny: Progeny
    radius_um: Floats
    Gy_per_decay: Floats
    Gy_g_per_MBq_h: Floats
    absorbed_share: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PayloadSize:
    """Dose against size, with what the carrier's kinetics make of it.

    Parameters
    ----------
    size : SizeDose
    kinetics : PayloadKinetics
    ratio : ndarray, shape (draws, radii)
        Dose of the metastasis over the dose of the red marrow.
    """

    size: SizeDose
    kinetics: PayloadKinetics
    ratio: Floats


def size_dose(name: str, radius_um: Floats) -> SizeDose:
    """Dose of uniform spheres of water within water against their radius.

    Parameters
    ----------
    name : str
        Nuclide. All daughters of an alpha emitter decay where it did; of others those that live
        for minutes.
    radius_um : ndarray, shape (radii,)
        1 um to 1 m.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = (size_dose(n, np.array([20.0, 5000.0])) for n in ("I-125", "I-131"))
    >>> (a.Gy_g_per_MBq_h > b.Gy_g_per_MBq_h).tolist()
    [True, False]
    """
    radius = np.atleast_1d(np.asarray(radius_um, dtype=np.float64))
    progeny = usual_progeny(name)
    source = nuclide(name, progeny)
    emitted = electron_keV(source) + photon_keV(source) + source.alpha_keV + source.recoil_keV
    per_s: list[float] = []
    mass: list[float] = []
    share: list[float] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ApproximationWarning)  # about single sizes
        for r in radius:
            S = sphere_S(name, radius_mm=float(r) / 1000.0, progeny=progeny)
            per_s.append(S.total)
            mass.append(S.mass_g)
            parts = ((S.electron_fraction or 0.0) * electron_keV(source), S.alpha_fraction or 0.0)
            photons = (S.photon_fraction or 0.0) * photon_keV(source)
            share.append(
                (parts[0] + parts[1] * (source.alpha_keV + source.recoil_keV) + photons) / emitted
            )
    S_mGy, m = np.array(per_s), np.array(mass)
    return SizeDose(
        name,
        progeny,
        radius,
        S_mGy * GRAY_PER_mGy / BECQUEREL_PER_MBq,
        S_mGy * m * GRAY_PER_mGy * SECONDS_PER_HOUR,
        np.array(share),
    )


def payload_size(
    payloads: Sequence[str] = PAYLOADS,
    *,
    radii: int = 31,
    draws: int = 200,
    seed: int = 1,
    species: str = "human",
) -> tuple[PayloadSize, ...]:
    """Compare payloads of the calibrated carrier over the sizes of metastases.

    Parameters
    ----------
    payloads : sequence of str
        Nuclides; iodine on the carrier itself, metals in its chelate.
    radii : int
        Between 10 um and 10 mm.
    draws, seed : int
    species : {"human", "mouse"}

    Returns
    -------
    tuple of PayloadSize
        In the order of the payloads, with draws of the same kinetics.

    Raises
    ------
    DataError
        For an unknown nuclide.
    """
    from pdcraft.study.agent import conjugate_of
    from pdcraft.study.model import StudyFile

    mass = {"human": "73 kg", "mouse": "22 g"}
    study = StudyFile.model_validate(
        {
            "schema": "pdcraft.study/1", "name": "payload-size", "seed": seed, "draws": draws,
            "agent": {"name": CARRIER}, "host": {"species": species, "body_mass": mass[species]},
            "lesion": [{"name": "metastasis", "mass": "1 mg"}],
            "kinetics": {"source": "calibrated", "thyroid": "blocked"},
            "dosimetry": {"method": "organs", "regions": ["red_marrow"]},
        }
    )  # fmt: skip
    conjugate = conjugate_of(study.agent)
    radius = np.geomspace(*RADII_um, radii)
    out: list[PayloadSize] = []
    for name in payloads:
        kinetics = payload_kinetics(study, Path(), conjugate, name)
        size = size_dose(name, radius)
        out.append(PayloadSize(size, kinetics, kinetics.over_marrow(size.Gy_g_per_MBq_h)))
    return tuple(out)
