"""Kinds of number and their one field unit, in the terms of MIRD Pamphlet No. 21.

A unit alone does not guard the boundaries that matter: absorbed dose, BED and RBE-weighted
dose are all "Gy". So every number in pdcraft carries its kind, and kinds do not add.

References
----------
.. [MIRD21] W. E. Bolch et al., J Nucl Med 50, 477 (2009), doi:10.2967/jnumed.108.056036
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pdcraft.core.notebook import Shown, Table
from pdcraft.errors import DataError, KindError, did_you_mean

__all__ = ["QUANTITIES", "Quantity", "quantity", "require_same_kind"]


@dataclass(frozen=True, slots=True)
class Quantity(Shown):
    """A kind of number: its key in files, its symbol, its one unit and what it is called.

    Parameters
    ----------
    key : str
        Name in ``results.json``, e.g. ``"absorbed_dose_coefficient"``.
    symbol : str
        The field's symbol, e.g. ``"d"``.
    unit : str
        The one unit in which pdcraft holds it, ``"1"`` for a pure number.
    name : str
        Words for people.
    over_period : bool
        Whether the number means nothing without its integration period.
    """

    key: str
    symbol: str
    unit: str
    name: str
    over_period: bool = False

    @property
    def heading(self) -> str:
        """Name with unit, for a table of such numbers."""
        return self.name if self.unit == "1" else f"{self.name}, {self.unit}"

    def _table(self) -> Table:
        period = "needs its integration period" if self.over_period else ""
        columns = ("key", "symbol", "unit", "")
        return Table(self.name, columns, [(self.key, self.symbol, self.unit, period)])


_ALL = (
    # amounts of activity and their integrals [MIRD21]
    Quantity("activity", "A", "MBq", "activity"),
    Quantity("administered_activity", "A0", "MBq", "administered activity"),
    Quantity("activity_fraction", "a", "1", "fraction of administered activity"),
    Quantity("activity_fraction_per_g", "a/m", "1/g", "fraction of administered activity per gram"),
    Quantity(
        "activity_fraction_per_mL",
        "a/V",
        "1/mL",
        "fraction of administered activity per milliliter",
    ),
    Quantity("amount_fraction", "f", "1", "fraction of administered carrier, no physical decay"),
    Quantity(
        "amount_fraction_per_g", "f/m", "1/g", "fraction of administered carrier per gram, no decay"
    ),
    Quantity(
        "amount_fraction_per_mL",
        "f/V",
        "1/mL",
        "fraction of administered carrier per milliliter, no decay",
    ),
    Quantity("time_integrated_activity", "Ã", "MBq·h", "time-integrated activity", True),
    Quantity(
        "time_integrated_activity_coefficient",
        "ã",
        "h",
        "time-integrated activity coefficient",
        True,
    ),
    Quantity(
        "time_integrated_activity_coefficient_per_g",
        "ã/m",
        "h/g",
        "time-integrated activity coefficient per gram",
        True,
    ),
    Quantity(
        "time_integrated_activity_coefficient_per_mL",
        "ã/V",
        "h/mL",
        "time-integrated activity coefficient per milliliter",
        True,
    ),
    Quantity(
        "time_integrated_activity_concentration",
        "Ã/V",
        "MBq·h/mL",
        "time-integrated activity concentration",
        True,
    ),
    Quantity(
        "extrapolated_share", "x", "1", "share of the time integral beyond the last measurement"
    ),
    # dose
    Quantity(
        "dose_factor", "S", "mGy/(MBq·s)", "S value: absorbed dose per nuclear transformation"
    ),
    Quantity("specific_absorbed_fraction", "Φ", "1/kg", "specific absorbed fraction"),
    Quantity("absorbed_fraction", "φ", "1", "absorbed fraction"),
    Quantity("absorbed_dose", "D", "Gy", "absorbed dose", True),
    Quantity("absorbed_dose_rate", "Ḋ", "Gy/h", "absorbed dose rate"),
    Quantity("absorbed_dose_coefficient", "d", "mGy/MBq", "absorbed dose coefficient", True),
    Quantity(
        "absorbed_dose_rate_coefficient", "ḋ", "mGy/(MBq·h)", "absorbed dose rate coefficient"
    ),
    Quantity("dose_share", "d_S/d", "1", "share of the dose that a source gives", True),
    Quantity("rbe_weighted_dose", "D_RBE", "Gy", "RBE-weighted dose", True),
    Quantity("equivalent_dose", "H", "Sv", "equivalent dose", True),
    Quantity("equivalent_dose_coefficient", "h", "mSv/MBq", "equivalent dose coefficient", True),
    Quantity("effective_dose", "E", "Sv", "effective dose", True),
    Quantity("effective_dose_coefficient", "e", "mSv/MBq", "effective dose coefficient", True),
    Quantity("external_beam_dose", "D_x", "Gy", "absorbed dose of external beam", True),
    Quantity("biologically_effective_dose", "BED", "Gy", "biologically effective dose", True),
    Quantity("equieffective_dose_2Gy", "EQD2", "Gy", "equieffective dose in 2-Gy fractions", True),
    # response
    Quantity("blood_count", "C", "10^9/L", "blood count"),
    Quantity("blood_count_of_patients", "C_i", "10^9/L", "blood count, between patients"),
    Quantity("blood_count_nadir", "C_min", "10^9/L", "lowest blood count"),
    Quantity(
        "blood_count_nadir_of_patients", "C_min,i", "10^9/L", "lowest blood count, between patients"
    ),
    Quantity("nadir_day", "t_min", "d", "day of the lowest blood count"),
    Quantity("recovery_days", "Δt", "d", "days from the lowest blood count to recovery"),
    Quantity("grade_3_probability", "p_3", "1", "probability of CTCAE grade 3 or 4"),
    Quantity("grade_4_probability", "p_4", "1", "probability of CTCAE grade 4"),
    Quantity("tumor_control_probability", "TCP", "1", "probability of tumor control"),
    Quantity("tumor_over_marrow_dose", "D_T/D_M", "1", "tumor dose over red-marrow dose"),
    Quantity("image_contrast", "B_t/B_b", "1", "brightness of the tumor over that around it"),
    Quantity("control_gain", "ΔTCP", "1", "gain in the probability of tumor control"),
    Quantity("controlled_share", "p_m", "1", "share of metastases that are controlled"),
    Quantity("metastasis_dose", "D_m", "Gy", "mean absorbed dose of a metastasis's cells", True),
    Quantity("marrow_dose_beside", "D_M", "Gy", "marrow dose of a payload beside others", True),
    Quantity("activity_at_marrow_dose", "A_M", "MBq", "activity that gives the marrow its dose"),
    Quantity("response_probability", "p_R", "1", "probability of a best response"),
    Quantity("tumor_marker", "m/m0", "1", "size or protein relative to baseline"),
    # xenografts
    Quantity("tumor_volume", "V", "mm^3", "tumor volume"),
    Quantity("treated_over_control", "T/C", "1", "tumor volume of treated over control animals"),
    Quantity("best_volume_change", "ΔV/V0", "1", "best relative change of tumor volume"),
    Quantity("median_survival", "t_50", "d", "median time to the limit of tumor volume"),
    Quantity("mean_survival", "t_mean", "d", "mean time to the limit of tumor volume in the study"),
    Quantity("growth_delay", "TGD", "d", "delay of the limit of tumor volume against control"),
    Quantity("complete_response_probability", "p_CR", "1", "share with no palpable tumor"),
    Quantity("removal_probability", "p_H", "1", "share that left by another humane endpoint"),
    Quantity("relative_body_weight", "w/w0", "1", "lowest body weight over that at entry"),
    Quantity("relative_count_nadir", "C_min/C_0", "1", "lowest blood count over its baseline"),
    Quantity("relapse_free_probability", "RFS", "1", "share without relapse in the study"),
    Quantity("statistical_power", "1-β", "1", "probability that the planned test is significant"),
    Quantity("animals_per_group", "n", "1", "animals in a group for the wanted power"),
    Quantity("eligible_share", "e", "1", "inoculated animals that qualify at entry"),
    # free drug
    Quantity("unbound_drug_integral", "AUC_u", "µmol·h/L", "AUC of unbound drug", True),
    Quantity("total_drug_integral", "AUC", "µmol·h/L", "AUC of drug, bound and unbound", True),
    Quantity("conjugate_integral", "AUC_c", "µmol·h/L", "AUC of payload on its carrier", True),
    Quantity("largest_unbound_drug", "Cmax_u", "µmol/L", "largest unbound drug concentration"),
    Quantity("largest_total_drug", "Cmax", "µmol/L", "largest drug concentration"),
    Quantity(
        "largest_conjugate", "Cmax_c", "µmol/L", "largest concentration of payload on carrier"
    ),
    Quantity("unbound_drug", "C_u", "µmol/L", "unbound drug concentration"),
    Quantity("conjugate_concentration", "C_c", "µmol/L", "concentration of payload on its carrier"),
    Quantity("released_share", "f_r", "1", "share of the payload that is set free"),
    Quantity("drug_amount", "n", "nmol", "amount of drug"),
    Quantity("delivery_ratio", "r_d", "1", "tumor drug over that of plain drug at the same amount"),
    Quantity("tumor_to_plasma", "r_TP", "1", "AUC of drug in tumor over that in plasma"),
    Quantity("relative_tumor_mass", "T/C", "1", "tumor mass over the control's"),
    Quantity("therapeutic_index", "TI", "1", "dose that marrow bears over dose that a tumor needs"),
    Quantity("relative_index", "TI/TI0", "1", "therapeutic index over that of the plain drug"),
    # the conjugate
    Quantity("molar_mass", "M", "g/mol", "molar mass"),
    Quantity("molar_activity", "A_m", "MBq/nmol", "molar activity"),
    Quantity(
        "carrier_mass_per_activity", "m/A", "ng/MBq", "carrier mass per activity, carrier-free"
    ),
    Quantity("logP", "logP", "1", "octanol-water partition coefficient, decadic logarithm"),
    Quantity("hlb", "HLB", "1", "hydrophile-lipophile balance after Griffin"),
    Quantity("public_facts", "n", "1", "facts of public sources in the catalogue"),
    Quantity("protection_left", "t", "d", "days to the published expiry of a patent"),
    # kinetics
    Quantity("half_life", "T½", "h", "half-life"),
    Quantity("mass_concentration", "c", "ng/mL", "mass concentration"),
    Quantity("maximum_mass_concentration", "Cmax", "ng/mL", "largest mass concentration"),
    Quantity(
        "mass_concentration_integral", "AUC", "ng·h/mL", "area under the concentration curve", True
    ),
    Quantity("molar_concentration", "C", "nM", "molar concentration"),
    Quantity("clearance", "CL", "mL/h", "clearance"),
    Quantity("mass", "m", "g", "mass"),
    Quantity("volume", "V", "mL", "volume"),
    Quantity("ratio", "r", "1", "ratio"),
    # optics
    Quantity("fluence_rate", "φ", "mW/cm2", "fluence rate of light"),
    Quantity("photon_radiance", "L", "1/(s·cm²·sr)", "photon radiance of the dye"),
    Quantity("target_to_background", "TBR", "1", "target-to-background ratio of an image"),
    Quantity("optical_contrast", "TBR - 1", "1", "contrast of an image"),
    Quantity("contrast_to_noise", "CNR", "1", "contrast-to-noise ratio of an image"),
    Quantity("imaging_time", "t", "h", "best time of imaging"),
    Quantity("cell_uptake", "n", "pmol/1e6 cells", "uptake by a million cells"),
    Quantity("molecules_per_cell", "N", "1", "molecules in and on a cell"),
    Quantity("plate_reading", "RFU", "1", "reading of a plate above its blank"),
    Quantity("positive_share", "p", "1", "share of cells above the untreated in a cytometer"),
    Quantity("probability", "p", "1", "probability"),
)

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({q.key: q for q in _ALL})


def quantity(key: str) -> Quantity:
    """Look a kind of number up by its key.

    Raises
    ------
    DataError
        If there is no such kind; near matches are named.

    Examples
    --------
    >>> quantity("absorbed_dose").unit
    'Gy'
    """
    try:
        return QUANTITIES[key]
    except KeyError:
        hint = did_you_mean(key, QUANTITIES, most=3) or "see pdcraft.core.quantity.QUANTITIES"
        raise DataError(f"no quantity is called '{key}'; {hint}") from None


def require_same_kind(verb: str, a: Quantity, b: Quantity) -> None:
    """Raise `KindError` unless `a` and `b` are one kind of number."""
    if a.key != b.key:
        raise KindError(
            f"cannot {verb} {b.name} ({b.unit}) and {a.name} ({a.unit}); convert explicitly"
        )
