"""The shipped draws of the carrier's parameters: fitted to all evidence, and without one study.

``python -m pdcraft.kinetics.carrier fit`` makes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import IO

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.kinetics.carrier.parameters import Species

__all__ = ["ALL", "CarrierDraws", "carrier_draws", "read_draws", "write_draws"]

ALL = "all evidence"


@dataclass(frozen=True, slots=True, eq=False)
class CarrierDraws:
    """Draws of a species' parameters.

    Parameters
    ----------
    names : tuple of str
    sets : mapping of str to ndarray, shape (draws, parameters)
        `ALL`, and by the subjects left out.
    """

    names: tuple[str, ...]
    sets: Mapping[str, Floats]

    def values(self, without: str | None = None) -> Floats:
        """Draws as an array, shape (draws, parameters).

        Parameters
        ----------
        without : str, optional
            Subjects whose every item the draws have not seen. Default: fitted to all evidence.

        Raises
        ------
        DataError
            If no draws left these subjects out, with near matches.
        """
        known = index_of((name, ()) for name in self.sets)
        return self.sets[look_up("draws without", without or ALL, known, "see the evidence table")]

    def named(self, without: str | None = None) -> dict[str, Floats]:
        """Draws by parameter, each of shape (draws,); as `values`."""
        values = self.values(without)
        return {name: values[:, i] for i, name in enumerate(self.names)}


@cache
def carrier_draws(species: Species) -> CarrierDraws:
    """Shipped draws of a species."""
    stored = files("pdcraft.data").joinpath("carrier", f"draws_{species}.npz").read_bytes()
    return read_draws(BytesIO(stored))


def read_draws(file: IO[bytes]) -> CarrierDraws:
    """Read what `write_draws` wrote."""
    with np.load(file, allow_pickle=False) as stored:
        names = tuple(str(n) for n in stored["names"])
        sets = {key: frozen(stored[key], key) for key in stored.files if key != "names"}
    return CarrierDraws(names, sets)


def write_draws(draws: CarrierDraws, file: IO[bytes]) -> None:
    """Write, in single precision: draws are known to far fewer digits."""
    arrays = {key: np.asarray(values, dtype=np.float32) for key, values in draws.sets.items()}
    np.savez_compressed(file, allow_pickle=False, names=np.array(draws.names), **arrays)
