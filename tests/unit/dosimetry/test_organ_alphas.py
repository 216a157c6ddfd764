"""Alpha emitters in organs: absorbed where they start, no effective dose, lost alphas told."""

import numpy as np
import pytest

from pdcraft.data.emissions import electron_keV
from pdcraft.data.nuclides import nuclide
from pdcraft.dosimetry.effective_dose import effective_dose
from pdcraft.dosimetry.organ_dose import organ_dose
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.dosimetry.phantom import phantom
from pdcraft.errors import DataError
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV


def test_an_organ_keeps_all_its_alphas():
    body, fractions = phantom("adult-male")
    S = organ_S(body, fractions, "Ac-225", progeny="equilibrium")
    liver = S.targets.index("liver"), S.sources.index("liver")
    source = nuclide("Ac-225", "equilibrium")
    emitted = source.alpha_keV + source.recoil_keV + electron_keV(source)
    expected = emitted * S_UNIT_mGy_g_per_MBq_s_keV / S.target_mass_g[liver[0]]
    # electrons (2% of it) leave a liver by at most 1% of theirs
    assert S.electron[liver] == pytest.approx(expected, rel=5e-4, abs=0)
    kidneys = S.targets.index("kidneys")
    assert S.electron[kidneys, liver[1]] < 1e-4 * S.electron[liver]


def test_alpha_emitters_have_no_effective_dose():
    body, fractions = phantom("adult-male")
    with pytest.warns(match="Bi-213, Po-213 emit 30% of the energy"):
        S = organ_S(body, fractions, "Ac-225", progeny="prompt")
    dose = organ_dose(S, {"liver": np.array([1.0])})
    with pytest.raises(DataError, match="Ac-225 emits alpha particles, which weigh 20"):
        effective_dose(dose, dose)
