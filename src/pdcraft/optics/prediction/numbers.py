r"""Numbers of a frame from the signals of its regions: radiances, electrons, contrasts.

With :math:`m_{x,m,r,l}` the signal of image region *r* by label *l* (transport, mm/sr), photons
leave toward the camera per emitted photon of emission node *m* at the rate

.. math:: L_{m,r} = \sum_x E_x \sum_l m_{x,m,r,l}\, \mu_{x,l}\, Q_l\, B_l

where :math:`E_x` is the photon irradiance of node *x*, :math:`\mu = \ln 10\,\varepsilon C` the
dye's absorption, *Q* its yield at that concentration and *B* the share not bleached. The radiance
in the band sums over *m* with the shares of emitted photons as weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera.readout import fixed_sd_electrons, noise_sd_electrons
from pdcraft.optics.dye import Dye
from pdcraft.optics.prediction.setup import Setup
from pdcraft.physics.radiometry import diffuse_radiance, photon_energy_J

__all__ = [
    "PAIR_KEYS",
    "ROI_KEYS",
    "FrameInput",
    "frame_numbers",
    "pair_column",
    "pair_numbers",
    "photon_radiance",
    "roi_column",
]

ROI_KEYS = (
    "radiance_uW_per_cm2_sr",
    "photon_radiance_per_s_cm2_sr",
    "fluorescence_yield_per_sr",
    "electrons_per_pixel",
    "electrons_autofluorescence",
    "electrons_leak",
    "electrons_ambient",
    "sd_electrons",
)
PAIR_KEYS = ("tbr", "contrast", "cnr", "snr")


@dataclass(frozen=True, slots=True)
class FrameInput:
    """What differs between frames and draws.

    Parameters
    ----------
    dye : Dye
    conc_nM, own_nM : ndarray, shape (labels,)
        Dye, and autofluorescence as dye-equivalent.
    left : ndarray, shape (labels,)
        Share of dye that bleaching left.
    reflected : ndarray, shape (excitations,)
        Diffuse exitance of the scene over the lamp's irradiance, for the leak of excitation.
    spread : ndarray, shape (rois,)
        Relative standard deviation of the light between a region's pixels.
    """

    dye: Dye
    conc_nM: Floats
    own_nM: Floats
    left: Floats
    reflected: Floats
    spread: Floats


def roi_column(roi: int, key: str) -> int:
    """Place of a region's number in the row of `frame_numbers`."""
    return roi * len(ROI_KEYS) + ROI_KEYS.index(key)


def pair_column(rois: int, pair: int, key: str) -> int:
    """Place of a pair's number in the row of `frame_numbers` of so many regions."""
    return rois * len(ROI_KEYS) + pair * len(PAIR_KEYS) + PAIR_KEYS.index(key)


def photon_radiance(setup: Setup, mean: Floats, dye: Dye, conc_nM: Floats, left: Floats) -> Floats:
    """Photon radiance of regions per emitted photon of each emission node.

    Parameters
    ----------
    mean : ndarray, shape (excitations, emissions, rois, labels)
        mm/sr.
    conc_nM, left : ndarray, shape (labels,)

    Returns
    -------
    ndarray, shape (emissions, rois)
        1/(s cm² sr).
    """
    nm = setup.nodes.excitation.wavelength_nm
    per_nM = np.array([dye.mua_per_mm(float(x), 1.0) for x in nm])
    amount = conc_nM * np.asarray(dye.yield_at(conc_nM)) * left
    return np.einsum("x,xmrl,l->mr", setup.photon_irradiance() * per_nM, mean, amount)


def frame_numbers(setup: Setup, mean: Floats, given: FrameInput) -> Floats:
    """Compute a frame's numbers: `ROI_KEYS` of each region, then `PAIR_KEYS` of each pair.

    Returns
    -------
    ndarray, shape (rois * 8 + pairs * 4,)
        NaN where a ratio has no background.
    """
    camera, glow = setup.camera, setup.nodes.emission
    weight = glow.weight[:, None]
    energy_uJ = 1e6 * photon_energy_J(glow.wavelength_nm)[:, None]
    photons = weight * photon_radiance(setup, mean, given.dye, given.conc_nM, given.left)
    power = photons * energy_uJ
    none = np.ones_like(given.left)
    own_power = energy_uJ * (weight * photon_radiance(setup, mean, given.dye, given.own_nM, none))
    lamp = setup.nodes.excitation
    leaking = 1e3 * diffuse_radiance(
        setup.scene.illumination.irradiance_mW_per_cm2 * lamp.weight, given.reflected
    )
    total_photons = float(setup.photon_irradiance().sum())
    seen, leaked = setup.response(glow.wavelength_nm), setup.response(lamp.wavelength_nm)
    room = camera.ambient_uW_per_cm2_sr * setup.response(np.array([camera.filter.center_nm]))[0]
    rows: list[list[float]] = []
    for r in range(len(setup.masks)):
        dye_e = float(np.sum(power[:, r] * seen[:, r]))
        own_e = float(np.sum(own_power[:, r] * seen[:, r]))
        leak_e = float(np.sum(leaking * leaked[:, r]))
        room_e = float(room[r])
        all_e = dye_e + own_e + leak_e + room_e
        noise = float(noise_sd_electrons(camera, np.array(all_e)))
        fixed = float(fixed_sd_electrons(camera, np.array(all_e)))
        sd = float(np.sqrt(noise**2 + fixed**2 + (given.spread[r] * all_e) ** 2))
        rows.append(
            [
                float(power[:, r].sum()),
                float(photons[:, r].sum()),
                float(photons[:, r].sum()) / total_photons,
                all_e,
                own_e,
                leak_e,
                room_e,
                sd,
            ]
        )
    out = np.array(rows)
    light, sd = out[:, ROI_KEYS.index("electrons_per_pixel")], out[:, -1]
    pairs = [
        pair_numbers(light[t], light[b], sd[b], float(noise_sd_electrons(camera, light[t])))
        for t, b in setup.pairs
    ]
    return np.concatenate([out.ravel(), np.array(pairs).ravel()])


def pair_numbers(target_e: float, background_e: float, sd_e: float, noise_e: float) -> list[float]:
    """`PAIR_KEYS` of a target against a background, NaN where a ratio has no divisor.

    Parameters
    ----------
    target_e, background_e : float
        Mean electrons of a pixel, dark subtracted.
    sd_e : float
        SD between the background's pixels.
    noise_e : float
        SD of a pixel of the target from frame to frame.
    """
    ratio = target_e / background_e if background_e > 0.0 else np.nan
    return [
        ratio,
        ratio - 1.0,
        (target_e - background_e) / sd_e if sd_e > 0.0 else np.nan,
        target_e / noise_e if noise_e > 0.0 else np.nan,
    ]
