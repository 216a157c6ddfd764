r"""S of red marrow and endosteum, from a body's marrow kerma and the skeleton's absorbed fractions.

.. math:: S(T \leftarrow s) = \sum_i E_i Y_i \Big[ \sum_b K_{s b}(E_i)\, r_T(E_b)
   \Big]_{photons} + \sum_j E_j Y_j\, \frac{\phi_T(E_j)}{m}

with the kerma :math:`K` to red marrow by bins of the photon's energy in the bone, the ratios
:math:`r` and fractions :math:`\phi` of `pdcraft.dosimetry.marrow_fractions`. Electrons come from
red marrow, and from activity spread over the bones (``skeleton``), which irradiates all of it
evenly; from elsewhere the bones' cortex keeps them away (their bremsstrahlung is not counted).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.body import Body
from pdcraft.core.body_fractions import BodyFractions, Fractions
from pdcraft.data.marrow import bone_responses, skeletal_electrons
from pdcraft.data.masses import reference_mass_g
from pdcraft.data.nuclides import Progeny, Spectra
from pdcraft.data.nuclides import nuclide as decay_data
from pdcraft.dosimetry.fraction_folding import Emitted, absorbed_keV_per_g, emitted
from pdcraft.dosimetry.marrow_fractions import (
    DEFAULT_METHOD,
    TARGETS,
    marrow_electron_fraction,
    marrow_method,
    marrow_photon_ratio,
)
from pdcraft.errors import DataError
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV

__all__ = [
    "DEFAULT_METHOD",
    "MARROW",
    "MARROW_TARGETS",
    "SKELETON",
    "MarrowS",
    "marrow_S",
    "marrow_electron_S",
    "marrow_photon_fractions",
]

MARROW_TARGETS = TARGETS
MARROW, SKELETON = "red_marrow", "skeleton"
SOFT_keV = 1.0  # energy at which what has no range is looked up


@dataclass(frozen=True, slots=True)
class MarrowS:
    """S of red marrow and endosteum, mGy/(MBq s), by source.

    Parameters
    ----------
    method : str
        Photon and electron method.
    remark : str
        What the methods rest on.
    sources : tuple of str
        Those of the body's fractions.
    targets : tuple of str
        ``red_marrow``, ``bone_surface``.
    target_mass_g : ndarray, shape (2,)
        Endosteum's in proportion to red marrow's: 544 g (recalled) in the reference man.
    electron, photon, std_err : ndarray, shape (2, sources)
        ``std_err`` is that of the photons: statistics of the transport.
    """

    method: str
    remark: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    target_mass_g: Floats
    electron: Floats
    photon: Floats
    std_err: Floats

    def __post_init__(self) -> None:
        for name in ("target_mass_g", "electron", "photon", "std_err"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"marrow S, {name}"))

    @property
    def total(self) -> Floats:
        """Electrons and photons, shape (2, sources)."""
        return self.electron + self.photon


def marrow_electron_S(
    emission: Emitted,
    source: str,
    marrow_g: float,
    *,
    method: str = "icrp133",
    cellularity: float | None = None,
) -> Floats:
    """S of electrons for red marrow and endosteum from one tissue of the skeleton.

    Endosteum lies in the marrow, so both doses go as the inverse of the red marrow's mass.

    Parameters
    ----------
    emission : Emitted
        Electrons of a decay, of `pdcraft.dosimetry.fraction_folding.emitted`.
    source : str
        Of `pdcraft.dosimetry.marrow_fractions.SOURCES`.
    marrow_g : float
        Mass of red marrow.
    method : {"icrp133", "icrp30", "unity"}
    cellularity : float, optional
        As in `pdcraft.dosimetry.marrow_fractions.marrow_electron_fraction`.

    Returns
    -------
    ndarray, shape (2,)
        mGy/(MBq s).
    """
    energy = np.append(emission.energy_keV, SOFT_keV)
    carried = np.append(emission.energy_keV * emission.per_decay, emission.soft_keV)
    reference = skeletal_electrons().mass_g
    scale = S_UNIT_mGy_g_per_MBq_s_keV * reference[MARROW] / marrow_g
    return scale * np.array(
        [
            carried
            @ marrow_electron_fraction(t, source, energy, cellularity, method)
            / reference[t]
            for t in TARGETS
        ]
    )


def _endosteum_elsewhere(fractions: BodyFractions) -> Floats:
    """Correct marrow kerma for the bones in which endosteum lies, shape (energies, sources).

    The ratio of the photon doses of homogeneous bones, weighted by their share of endosteum and of
    red marrow; 1 for a body with other bones and where a source gives the bones nothing.
    """
    table = bone_responses(fractions.body)
    means: list[Floats] = []
    for tissue in reversed(TARGETS):
        share = table.share_of_regions(tissue)
        if not set(share) <= set(fractions.targets):
            return np.ones(fractions.photon.per_g.shape[:2])
        weight = np.array([share.get(t, 0.0) for t in fractions.targets])
        means.append(fractions.photon.per_g @ weight)
    return np.divide(means[0], means[1], out=np.ones_like(means[0]), where=means[1] > 0)


def marrow_photon_fractions(fractions: BodyFractions, method: str) -> Fractions:
    """Photon specific absorbed fractions of red marrow and endosteum.

    Parameters
    ----------
    fractions : BodyFractions
        With marrow kerma.
    method : str
        Of the photons, as of `pdcraft.dosimetry.marrow_fractions.marrow_photon_ratio`.

    Returns
    -------
    Fractions
        Of the sources of ``fractions`` and the targets ``red_marrow`` and ``bone_surface``, 1/g.

    Raises
    ------
    DataError
        For a body without marrow kerma, or an unknown method.
    """
    kerma = fractions.marrow
    if kerma is None:
        raise DataError(f"absorbed fractions of {fractions.body} have no marrow kerma")
    middle = np.sqrt(kerma.bin_keV[1:] * kerma.bin_keV[:-1])
    ratios = marrow_photon_ratio(method, middle, fractions.body)
    per_g = np.stack([kerma.per_g @ ratio for ratio in ratios], axis=-1)
    per_g[..., 1] *= _endosteum_elsewhere(fractions)
    plain = kerma.per_g.sum(axis=-1)
    relative = np.divide(kerma.std_err_per_g, plain, out=np.zeros_like(plain), where=plain > 0)
    return Fractions(fractions.photon.energy_keV, per_g, relative[..., None] * per_g)


def _photons(
    fractions: BodyFractions, method: str, spot_per_g: Floats, emission: Emitted
) -> tuple[Floats, Floats]:
    """Photons' keV/g and its error, shape (2, sources)."""
    table = marrow_photon_fractions(fractions, method)
    value, error = absorbed_keV_per_g(table, spot_per_g, emission)
    return value.T, error.T


def marrow_S(
    body: Body,
    fractions: BodyFractions,
    nuclide: str,
    *,
    method: str = DEFAULT_METHOD,
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    masses: str | None = None,
    cellularity: float | None = None,
) -> MarrowS:
    """S of red marrow and endosteum for every source of a body's fractions.

    Parameters
    ----------
    body : Body
    fractions : BodyFractions
        Of this body, with marrow kerma.
    nuclide, progeny, spectra : str
        As of `pdcraft.data.nuclides.nuclide`.
    method : str
        Of `pdcraft.dosimetry.marrow_fractions.marrow_methods`.
    masses : str, optional
        Mass table of the body; its default without. Electrons are of its red marrow and skeleton;
        photons are of the geometry.
    cellularity : float, optional
        As in `pdcraft.dosimetry.marrow_fractions.marrow_electron_fraction`.

    Returns
    -------
    MarrowS

    Raises
    ------
    DataError
        For fractions of another body, without marrow kerma, or an unknown method.
    PhysicsRangeError
        For emissions beyond the tables.

    Notes
    -----
    Photons below the lowest energy of the fractions stay in the tissue they start in.
    """
    photon_method, electron_method = marrow_method(method)
    if fractions.body != body.name:
        raise DataError(f"fractions are of '{fractions.body}', not of the body '{body.name}'")
    if fractions.marrow is None:
        raise DataError(
            f"{body.name} has no marrow kerma: where its red marrow lies is not known; use the "
            "target 'skeleton' or single bones"
        )
    table = body.mass_table(masses)
    marrow_g, skeleton_g = table.mass_g(MARROW), table.mass_g(SKELETON)
    endosteum_g = skeletal_electrons().mass_g[TARGETS[1]] / reference_mass_g("adult-male", MARROW)
    target_g = marrow_g * np.array([1.0, endosteum_g])
    photons, electrons = emitted(decay_data(nuclide, progeny, spectra))
    shape = (len(fractions.sources), len(TARGETS))
    spot, electron = np.zeros(shape), np.zeros(shape[::-1])
    for s, source in enumerate(fractions.sources):
        if source == MARROW:
            spot[s] = 1.0 / marrow_g
            electron[:, s] = marrow_electron_S(
                electrons, MARROW, marrow_g, method=electron_method.name, cellularity=cellularity
            )
        elif source == SKELETON:
            spot[s] = 1.0 / skeleton_g
            electron[:, s] = electrons.keV / skeleton_g * S_UNIT_mGy_g_per_MBq_s_keV
    photon, error = _photons(fractions, photon_method.name, spot, photons)
    return MarrowS(
        method,
        f"photons: {photon_method.remark} ({photon_method.grade}); electrons: "
        f"{electron_method.remark} ({electron_method.grade})",
        fractions.sources,
        TARGETS,
        target_g,
        electron,
        photon * S_UNIT_mGy_g_per_MBq_s_keV,
        error * S_UNIT_mGy_g_per_MBq_s_keV,
    )
