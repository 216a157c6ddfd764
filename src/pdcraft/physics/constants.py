"""Constants of physics, CODATA 2022, in pdcraft's units.

References
----------
.. [CODATA22] P. Mohr et al., CODATA recommended values 2022, doi:10.1103/RevModPhys.97.025002
"""

from __future__ import annotations

__all__ = [
    "FINE_STRUCTURE",
    "AVOGADRO_per_mol",
    "CLASSICAL_ELECTRON_RADIUS_2_b",
    "ELECTRON_REST_keV",
    "J_per_keV",
    "S_UNIT_mGy_g_per_MBq_s_keV",
]

ELECTRON_REST_keV = 510.99895069  # [CODATA22]_
FINE_STRUCTURE = 7.2973525643e-3  # [CODATA22]_
CLASSICAL_ELECTRON_RADIUS_2_b = 0.0794078765  # r_e², r_e = 2.8179403205e-15 m [CODATA22]_
AVOGADRO_per_mol = 6.02214076e23  # exact
J_per_keV = 1.602176634e-16  # exact: the elementary charge times 1 kV
# 1 keV absorbed in 1 g at each of 1e6 decays: J/keV / (1e-3 kg/g) * 1e6 /(MBq s) * 1e3 mGy/Gy
S_UNIT_mGy_g_per_MBq_s_keV = J_per_keV * 1e12
