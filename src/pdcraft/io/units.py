"""Text with units, read here and nowhere else.

Users write ``"7.4 GBq"``, ``"12.5 mCi/m^2"``, ``"30 min"``; inside, numbers are floats in one unit
that the name says. A bare number is refused: it has no unit. Dimensions are told in words.
"""

from __future__ import annotations

import difflib
import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pdcraft.errors import DataError, Problem

if TYPE_CHECKING:
    import pint

__all__ = ["FIELDS", "parse", "parse_any"]

# What a field takes: internal unit as pint spells it, words, an example.
FIELDS: dict[str, tuple[str, str, str]] = {
    "activity": ("MBq", "an activity", "7.4 GBq"),
    "activity_per_surface": ("MBq/m^2", "an activity per body surface", "12.5 mCi/m^2"),
    "activity_per_mass": ("MBq/kg", "an activity per body mass", "5 MBq/kg"),
    "amount": ("nmol", "an amount of substance", "20 nmol"),
    "mass": ("g", "a mass", "70 kg"),
    "length": ("mm", "a length", "2 mm"),
    "time": ("h", "a time", "30 min"),
    "volume": ("mL", "a volume", "3 L"),
    "surface": ("m^2", "a surface", "1.8 m^2"),
    "molar_concentration": ("nM", "a molar concentration", "200 nM"),
    "mass_concentration": ("ng/mL", "a mass concentration", "72 ng/mL"),
    "auc": ("ng*h/mL", "an area under a concentration curve", "15 ug*h/mL"),
    "absorbed_dose": ("Gy", "an absorbed dose", "2 Gy"),
    "energy": ("keV", "an energy", "364 keV"),
    "clearance": ("mL/h", "a clearance", "5 L/d"),
    "time_per_mass": ("h/g", "a time integral per mass", "15 h/g"),
    "drug_mass": ("mg", "a drug mass", "50 mg"),
    "wavelength": ("nm", "a wavelength", "760 nm"),
    "per_length": ("1/mm", "a coefficient per length", "0.02 /mm"),
    "extinction": ("L/mol/cm", "a molar extinction coefficient", "200000 L/mol/cm"),
    "irradiance": ("mW/cm^2", "an irradiance", "10 mW/cm^2"),
    "radiance": ("uW/cm^2/sr", "a radiance", "0.1 uW/cm^2/sr"),
    "radiant_exposure": ("J/cm^2", "a radiant exposure", "20 J/cm^2"),
    "angle": ("deg", "an angle", "30 deg"),
    "electrons": ("e", "a number of electrons", "30000 e"),
    "electron_rate": ("e/s", "electrons per time", "1 e/s"),
    "seconds": ("s", "a time", "33 ms"),
}

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*\Z")


# The field's units and no others. pint's own list takes Bq and Hz, Gy and Sv for one thing, and
# rad for an angle; here a decay and a dose equivalent are dimensions of their own.
_DEFINITIONS = """
tera- = 1e12 = T-
giga- = 1e9 = G-
mega- = 1e6 = M-
kilo- = 1e3 = k-
deci- = 1e-1 = d-
centi- = 1e-2 = c-
milli- = 1e-3 = m-
micro- = 1e-6 = u-
nano- = 1e-9 = n-
pico- = 1e-12 = p-
second = [time] = s = sec
minute = 60 * second = min
hour = 60 * minute = h = hr
day = 24 * hour = d
week = 7 * day = wk
meter = [length] = m = metre
gram = [mass] = g
mole = [substance] = mol
decay = [transformations]
sievert = [dose_equivalent] = Sv
joule = kilogram * meter ** 2 / second ** 2 = J
watt = joule / second = W
electron_volt = 1.602176634e-19 * joule = eV
gray = joule / kilogram = Gy
rad = 0.01 * gray
rem = 0.01 * sievert
becquerel = decay / second = Bq
curie = 3.7e10 * becquerel = Ci
hertz = 1 / second = Hz
liter = 1e-3 * meter ** 3 = L = l = litre
molar = mole / liter = M
degree = [angle] = deg
steradian = [solid_angle] = sr
electron = [electrons] = e
""".strip().splitlines()


@cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    # None means "no definitions", which pint documents and its annotation forgets
    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None)  # pyright: ignore[reportArgumentType]
    registry.load_definitions(_DEFINITIONS)
    return registry


def _words(dimension: Any) -> str:
    for unit, words, _ in FIELDS.values():
        if _registry().get_dimensionality(_spelled(unit)) == dimension:
            return words
    return "something of another kind"


def _spelled(unit: str) -> str:
    plain = unit.replace("·", "*").replace("²", "^2").replace("µ", "u").replace("μ", "u")
    plain = re.sub(r"\b(m|cm|mm)2\b", r"\1^2", plain)
    return f"1{plain}" if plain.startswith("/") else plain


_KNOWN = (
    "Bq kBq MBq GBq TBq uCi mCi Ci g kg mg ug ng mm cm m um nm s min h hour d day week mL L uL "
    "nmol umol pmol mol nM uM mM ng/mL ug/mL mg/L m^2 mCi/m^2 MBq/m^2 GBq/m^2 MBq/kg mCi/kg Gy mGy "
    "cGy rad keV MeV eV mL/h L/h L/d ng*h/mL ms nm "
    "/mm /cm L/mol/cm mW/cm^2 uW/cm^2 uW/cm^2/sr J/cm^2 deg e e/s"
).split()


def parse(text: object, field: str) -> float:
    """Read a quantity with its unit into pdcraft's unit of that field.

    Parameters
    ----------
    text : str
        A number and a unit, e.g. ``"7.4 GBq"``.
    field : str
        A key of `FIELDS`, which fixes the internal unit: MBq, h, mm, g, mL, keV ...

    Returns
    -------
    float
        The value in the internal unit.

    Raises
    ------
    DataError
        No unit, an unknown unit (with a near match), the wrong kind of unit, not a number.

    Examples
    --------
    >>> parse("7.4 GBq", "activity")
    7400.0
    >>> round(parse("12.5 mCi/m^2", "activity_per_surface"), 6)
    462.5
    """
    target, words, example = FIELDS[field]
    if isinstance(text, bool) or not isinstance(text, str):
        raise DataError(
            Problem(
                f"'{text}' needs a unit", value=str(text), hint=f'write {words}, e.g. "{example}"'
            )
        )
    match = _NUMBER.match(text)
    if not match:
        raise DataError(
            Problem(f"'{text}' is not a number with a unit", value=text, hint=f'e.g. "{example}"')
        )
    number, unit = float(match.group(1)), match.group(2)
    if not unit:
        raise DataError(
            Problem(f"'{text}' needs a unit", value=text, hint=f'write {words}, e.g. "{example}"')
        )
    if not math.isfinite(number):
        raise DataError(Problem(f"'{text}' is not finite", value=text))
    try:
        got = _registry().Quantity(number, _spelled(unit))
        if got.dimensionality != _registry().get_dimensionality(_spelled(target)):
            raise DataError(
                Problem(
                    f"'{text}' is {_words(got.dimensionality)}, but this field takes {words}",
                    value=text,
                    hint=f'e.g. "{example}"',
                )
            )
        return float(got.to(_spelled(target)).magnitude)
    except DataError:
        raise
    except Exception as error:  # pint raises a dozen kinds, and token errors of the tokenizer
        near = difflib.get_close_matches(unit, _KNOWN, n=1, cutoff=0.5) or [
            k for k in _KNOWN if k.casefold() == unit.casefold()
        ]
        hint = f"did you mean '{near[0]}'?" if near else f'e.g. "{example}"'
        raise DataError(Problem(f"unknown unit '{unit}'", value=text, hint=hint)) from error


def parse_any(text: object, fields: tuple[str, ...]) -> tuple[str, float]:
    """Read a quantity that may be of several kinds; returns the field that fits and the value."""
    errors: list[DataError] = []
    for field in fields:
        try:
            return field, parse(text, field)
        except DataError as error:
            errors.append(error)
    if isinstance(text, str) and _NUMBER.match(text):
        kinds = " or ".join(FIELDS[f][1] for f in fields)
        first = errors[0].problems[0]
        if first.message.startswith(f"'{text}' is "):
            said = first.message.split(", but")[0]
            raise DataError(Problem(f"{said}, but this field takes {kinds}", value=str(text)))
    raise errors[0]
