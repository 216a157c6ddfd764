"""Shipped draws of the marrow model: of both forms, fitted to all evidence or without a study.

``python -m pdcraft.response.marrow fit`` makes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import IO

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.inputs import stream
from pdcraft.response.marrow.parameters import (
    FORMS,
    LINEAGES,
    Form,
    MarrowParameters,
    fixed,
    priors,
)

__all__ = ["ALL", "MarrowDraws", "marrow_draws", "read_draws", "write_draws"]

ALL = "all evidence"


@dataclass(frozen=True, slots=True, eq=False)
class MarrowDraws:
    """Draws of both model forms.

    Parameters
    ----------
    values : mapping of (form, set) to ndarray, shape (draws, parameters)
        Sets are `ALL` and the studies left out.
    log_evidence : mapping of (form, set) to float
        Of the forms, given the set's studies.
    """

    values: Mapping[tuple[str, str], Floats]
    log_evidence: Mapping[tuple[str, str], float]

    def set_name(self, without: str | None) -> str:
        """Name of the set that has not seen a study; `ALL` for None."""
        known = index_of((name, ()) for _, name in self.values)
        return look_up("draws without", without or ALL, known, "see marrow_evidence.toml")

    def weight(self, without: str | None = None) -> dict[Form, float]:
        """Posterior probability of each model form; equal before the evidence."""
        name = self.set_name(without)
        logs = np.array([self.log_evidence[form, name] for form in FORMS])
        share = np.exp(logs - logs.max())
        return {form: float(w) for form, w in zip(FORMS, share / share.sum(), strict=True)}

    def of_form(self, form: Form, without: str | None = None) -> dict[str, Floats]:
        """Draws of one model form by key, each of shape (draws,)."""
        rows = self.values[form, self.set_name(without)]
        return {row.key: rows[:, i] for i, row in enumerate(priors(form))}

    def averaged(self, n: int, *, without: str | None = None, seed: int = 0) -> dict[str, Floats]:
        """Draws of both forms in proportion to their weights, in random order.

        Parameters
        ----------
        n : int
        without : str, optional
            Study that the draws have not seen.
        seed : int

        Returns
        -------
        mapping of str to ndarray, shape (n,)
            Draws of the one chain have a stem share and a stem rate of zero.
        """
        if n < 1:
            raise PhysicsRangeError(f"{n} draws of the marrow model; ask for 1 or more")
        rng = stream(seed, "response.marrow")
        with_stem = rng.permutation(np.arange(n) < round(n * self.weight(without)["stem"]))
        columns: dict[str, Floats] = {}
        forms = {form: self.of_form(form, without) for form in FORMS}
        picks = {form: _spread(len(next(iter(forms[form].values()))), n, rng) for form in FORMS}
        for row in priors("stem"):
            stem = forms["stem"][row.key][picks["stem"]]
            chain = forms["chain"].get(row.key)
            one = np.zeros(n) if chain is None else chain[picks["chain"]]
            columns[row.key] = np.where(with_stem, stem, one)
        return columns

    def parameters(
        self,
        draws: int,
        subjects: int,
        *,
        seed: int = 0,
        without: str | None = None,
        baseline_1e9_per_L: ArrayLike | None = None,
        pretreated: ArrayLike = False,
        effect_log_sd: float | None = None,
    ) -> MarrowParameters:
        """Parameters of patients, axes (draw, subject).

        Patients differ by baseline and by the effect of a dose; transit and feedback are of the
        draw.

        Parameters
        ----------
        draws, subjects : int
        seed : int
        without : str, optional
        baseline_1e9_per_L : array_like, shape (subject, lineage) or broadcasting to it
            Default: log-normal about the draw's typical patient.
        pretreated : array_like of bool, shape (subject,) or a scalar
            Marrow treated heavily before, or with tumor in it.
        effect_log_sd : float, optional
            SD of the logarithm of a patient's effect. Default: that of the draw, of an activity's
            effect, so with the spread of dose per activity. Give less, or 0, where each patient's
            own dose rate already holds that.
        """
        v = self.averaged(draws, without=without, seed=seed)
        rng = stream(seed, "response.marrow.subjects")
        sd_of = v["between_log_sd"] if effect_log_sd is None else np.full(draws, effect_log_sd)
        effect = np.exp(sd_of[:, None] * rng.standard_normal((draws, subjects)))

        def lineages(name: str) -> Floats:
            return np.stack([v[f"{name}:{lineage}"] for lineage in LINEAGES], axis=-1)[:, None]

        sd = np.array([fixed("baseline_log_sd")[name] for name in LINEAGES])
        scatter = np.exp(sd * rng.standard_normal((draws, subjects, len(LINEAGES))))
        baseline = lineages("baseline_1e9_per_L") * scatter
        if baseline_1e9_per_L is not None:
            baseline = np.broadcast_to(np.asarray(baseline_1e9_per_L, float), baseline.shape)
        factor = np.where(np.asarray(pretreated), v["pretreatment"][:, None], 1.0)
        return MarrowParameters.of(
            lineages("radiosensitivity_per_Gy") * effect[..., None],
            lineages("transit_d"),
            lineages("feedback"),
            baseline,
            stem_share=np.minimum(v["stem_share"], 1.0)[:, None],
            stem_per_d=v["stem_per_d"][:, None],
            pretreatment=np.broadcast_to(factor, (draws, subjects)),
        )


def _spread(
    held: int, n: int, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Pick `n` of `held` draws, each as often as the others but for one."""
    return rng.permutation(np.arange(n) % held)


@cache
def marrow_draws() -> MarrowDraws:
    """Return the shipped draws."""
    stored = files("pdcraft.data").joinpath("response", "marrow_draws.npz").read_bytes()
    return read_draws(BytesIO(stored))


def read_draws(file: IO[bytes]) -> MarrowDraws:
    """Read what `write_draws` wrote."""
    values: dict[tuple[str, str], Floats] = {}
    logs: dict[tuple[str, str], float] = {}
    with np.load(file, allow_pickle=False) as stored:
        for key in stored.files:
            what, form, name = key.split("|")
            if what == "values":
                values[form, name] = frozen(stored[key], key)
            else:
                logs[form, name] = float(stored[key])
    return MarrowDraws(MappingProxyType(values), MappingProxyType(logs))


def write_draws(draws: MarrowDraws, file: IO[bytes]) -> None:
    """Write, in single precision: draws are known to far fewer digits."""
    arrays = {
        f"values|{form}|{name}": v.astype(np.float32) for (form, name), v in draws.values.items()
    }
    logs = {
        f"evidence|{form}|{name}": np.array(v) for (form, name), v in draws.log_evidence.items()
    }
    np.savez_compressed(file, allow_pickle=False, **arrays, **logs)
