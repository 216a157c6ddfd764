r"""Red-marrow dose by several named methods, with what it consists of and how far they differ.

.. math:: d_{rm} = \underbrace{\tilde a_{rm} S(rm \leftarrow rm)}_{self}
   + \underbrace{\sum_s \tilde a_s S(rm \leftarrow s)}_{cross}
   + \underbrace{\tilde a_{rest} S(rm \leftarrow rest)}_{remainder}

Two things are a matter of method: where the activity in the marrow comes from (blood, images of
vertebrae, ...), and the fractions that :math:`S` is made of
(`pdcraft.dosimetry.marrow_fractions`). Every combination that is asked for is computed. The spread
between methods is not an uncertainty of any one of them: it is not in their draws.

The remainder is even by mass, so bone and fat of the skeleton hold their part of it and their
electrons reach marrow. Where they take up less, that is an overestimate [Stabin01]_: the part is
kept apart, and the spread goes down to the dose without it.

References
----------
.. [Stabin01] M.G. Stabin et al., J. Nucl. Med. 42, 492 (2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.body import Body
from pdcraft.core.body_fractions import BodyFractions
from pdcraft.data.nuclides import Progeny, Spectra
from pdcraft.dosimetry.marrow_fractions import DEFAULT_METHOD
from pdcraft.dosimetry.organ_dose import organ_dose
from pdcraft.dosimetry.organ_s import MARROW, OrganS, organ_S
from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR
from pdcraft.dosimetry.tiac import REMAINDER, source_weights
from pdcraft.errors import DataError

__all__ = ["COMPARED", "MarrowDose", "MarrowDoses", "marrow_dose", "marrow_dose_of"]

#: Methods of S that are compared where none are named; the default one first.
COMPARED = (DEFAULT_METHOD, "kerma+icrp133", "icrp116+unity")
GIVEN = "given"


@dataclass(frozen=True, slots=True)
class MarrowDose:
    """Red-marrow dose coefficients by one method, mGy/MBq.

    Parameters
    ----------
    activity : str
        Where the activity in red marrow comes from.
    method : str
        Photon and electron method of S.
    self_mGy_per_MBq, cross_mGy_per_MBq, remainder_mGy_per_MBq : ndarray, shape (draws,)
        From the marrow, from named sources, from the remainder of the body.
    remainder_electrons_mGy_per_MBq : ndarray, shape (draws,)
        What of the remainder's is from electrons: activity in bone and fat of the skeleton.
    std_err : float
        Monte Carlo error of the mean dose.
    remarks : tuple of str
    """

    activity: str
    method: str
    self_mGy_per_MBq: Floats
    cross_mGy_per_MBq: Floats
    remainder_mGy_per_MBq: Floats
    remainder_electrons_mGy_per_MBq: Floats
    std_err: float
    remarks: tuple[str, ...]

    def __post_init__(self) -> None:
        for part in ("self", "cross", "remainder", "remainder_electrons"):
            name = f"{part}_mGy_per_MBq"
            object.__setattr__(self, name, frozen(getattr(self, name), f"marrow dose, {part}"))

    @property
    def mGy_per_MBq(self) -> Floats:
        """All together, shape (draws,)."""
        return self.self_mGy_per_MBq + self.cross_mGy_per_MBq + self.remainder_mGy_per_MBq

    @property
    def shares(self) -> Mapping[str, float]:
        """Shares of ``self``, ``cross`` and ``remainder`` in the mean dose; sum 1."""
        parts = {
            "self": self.self_mGy_per_MBq,
            "cross": self.cross_mGy_per_MBq,
            "remainder": self.remainder_mGy_per_MBq,
        }
        whole = float(self.mGy_per_MBq.mean())
        return {k: float(v.mean()) / whole if whole > 0 else float("nan") for k, v in parts.items()}


@dataclass(frozen=True, slots=True)
class MarrowDoses:
    """Doses by all methods, the preferred one first."""

    doses: tuple[MarrowDose, ...]

    @property
    def preferred(self) -> MarrowDose:
        """The first."""
        return self.doses[0]

    @property
    def spread(self) -> tuple[float, float]:
        """Lowest and highest mean dose of the methods, mGy/MBq.

        The lowest is without the electrons of the remainder, as if bone and fat of the skeleton
        took up nothing.
        """
        low = [d.mGy_per_MBq - d.remainder_electrons_mGy_per_MBq for d in self.doses]
        high = [d.mGy_per_MBq for d in self.doses]
        return min(float(v.mean()) for v in low), max(float(v.mean()) for v in high)

    def by(self, activity: str, method: str = DEFAULT_METHOD) -> MarrowDose:
        """One of them.

        Raises
        ------
        DataError
            If it was not computed.
        """
        for dose in self.doses:
            if (dose.activity, dose.method) == (activity, method):
                return dose
        known = "; ".join(f"{d.activity}, {d.method}" for d in self.doses)
        raise DataError(f"no marrow dose by '{activity}, {method}'; there are {known}")


def marrow_dose_of(
    S: OrganS,
    tiac_h: Mapping[str, Floats],
    marrow_g: Floats | None = None,
    *,
    activity: str = GIVEN,
    remarks: Sequence[str] = (),
) -> MarrowDose:
    """Red-marrow dose from S values and activities of all sources.

    Parameters
    ----------
    S : OrganS
        Of a body with red marrow.
    tiac_h : mapping of str to ndarray, shape (draws,)
        As of `pdcraft.dosimetry.organ_dose.organ_dose`, with ``red_marrow``.
    marrow_g : ndarray, shape (draws,), optional
        The patient's mass of red marrow; that of the mass table without.
    activity : str
        Where the activity in red marrow comes from.
    remarks : sequence of str

    Raises
    ------
    DataError
        If the body has no red marrow; what `organ_dose` refuses.
    """
    if MARROW not in S.targets:
        raise DataError(f"{S.body} has no target '{MARROW}': where its marrow lies is not known")
    mass = {} if marrow_g is None else {MARROW: marrow_g}
    dose = organ_dose(S, tiac_h, mass)
    t = S.targets.index(MARROW)
    total = dose.coefficient_mGy_per_MBq[:, t]
    none = np.zeros_like(total)
    sources = dose.by_source
    own = sources[MARROW][:, t] if MARROW in dose.tiac_h else none
    rest, electrons = none, none
    if REMAINDER in dose.tiac_h:
        rest = sources[REMAINDER][:, t]
        weight = source_weights(S, tuple(dose.tiac_h))[list(dose.tiac_h).index(REMAINDER)]
        per_decay = max(float(S.electron[t] @ weight), 0.0)
        electrons = SECONDS_PER_HOUR * dose.tiac_h[REMAINDER] * per_decay
    return MarrowDose(
        activity,
        S.red_marrow_method,
        own,
        np.maximum(total - own - rest, 0.0),
        rest,
        electrons,
        float(dose.std_err[t]),
        (*S.remarks, *remarks),
    )


def marrow_dose(
    body: Body,
    fractions: BodyFractions,
    nuclide: str,
    tiac_h: Mapping[str, Floats],
    marrow_tiac_h: Mapping[str, Floats] | None = None,
    *,
    methods: Sequence[str] = COMPARED,
    marrow_g: Floats | None = None,
    masses: str | None = None,
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    remarks: Mapping[str, Sequence[str]] | None = None,
) -> MarrowDoses:
    """Red-marrow dose by every combination of activity in the marrow and method of S.

    Parameters
    ----------
    body : Body
    fractions : BodyFractions
        Of this body, with marrow kerma.
    nuclide, progeny, spectra : str
        As of `pdcraft.data.nuclides.nuclide`.
    tiac_h : mapping of str to ndarray, shape (draws,)
        Of all other sources and the ``remainder`` (or ``total_body``), h. With ``red_marrow`` in
        it, that is one more activity, called "given".
    marrow_tiac_h : mapping of str to ndarray, shape (draws,), optional
        TIAC of red marrow by where it comes from, such as "blood" or "vertebrae"
        (`pdcraft.dosimetry.blood_marrow`, `pdcraft.dosimetry.marrow_patient`), the preferred first.
    methods : sequence of str
        Of `pdcraft.dosimetry.marrow_fractions.marrow_methods`, the preferred first.
    marrow_g : ndarray, shape (draws,), optional
        The patient's mass of red marrow.
    masses : str, optional
        Mass table of the body.
    remarks : mapping of str to sequence of str, optional
        By activity, such as `pdcraft.dosimetry.blood_marrow.blood_method_faults`.

    Raises
    ------
    DataError
        Without any activity in red marrow (the dose would lack the self-dose unseen); for unknown
        methods; what `organ_dose` refuses.
    """
    others = {name: values for name, values in tiac_h.items() if name != MARROW}
    marrows = dict(marrow_tiac_h or {})
    if MARROW in tiac_h:
        marrows[GIVEN] = tiac_h[MARROW]
    if not marrows or not methods:
        raise DataError(
            "marrow dose needs an activity of the red marrow, from blood, images or as given, and "
            "a method"
        )
    doses: list[MarrowDose] = []
    for method in methods:
        S = organ_S(
            body,
            fractions,
            nuclide,
            progeny=progeny,
            spectra=spectra,
            masses=masses,
            marrow=method,
        )
        for activity, own in marrows.items():
            said = (remarks or {}).get(activity, ())
            doses.append(
                marrow_dose_of(
                    S, {**others, MARROW: own}, marrow_g, activity=activity, remarks=said
                )
            )
    return MarrowDoses(tuple(doses))
