"""A conjugate of two compartments and a drug of round numbers, for the tests of this folder."""

import numpy as np

from pdcraft.exposure.drug import FreeDrug, TissueExchange
from pdcraft.exposure.network import ConjugateNetwork
from pdcraft.numerics.compartments import LinearSystem
from pdcraft.numerics.transfers import Transfer

TUMOR_g = 0.5


def network(draws=3, out=0.02):
    spread = np.linspace(0.8, 1.2, draws)
    system = LinearSystem.from_transfers(
        ("blood", "body", "growth"),
        [
            Transfer("blood", "body", 0.5 * spread),
            Transfer("body", "blood", 0.1),
            Transfer("blood", "growth", 0.05 * spread),
            Transfer("growth", "blood", 0.004),
            Transfer("blood", None, out),
        ],
    )
    sites = {"blood": "plasma", "body": "tissue", "growth": "tumor"}
    return ConjugateNetwork(
        system, sites, "blood", 2.0, 20.0, TUMOR_g, {"body": np.full(draws, 0.05)}
    )


def drug(bound=10.0):
    return FreeDrug("testane", "mouse", 500.0, 100.0, 80.0, 30.0, 200.0, bound)


TUMOR = TissueExchange(4.0, 2.0, 60.0)
MARROW = TissueExchange(8.0, 0.0, 40.0)
