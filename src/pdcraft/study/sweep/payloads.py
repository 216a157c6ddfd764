"""Which kind of payload a name of a sweep is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pdcraft.data.nuclides import nuclide, nuclide_name
from pdcraft.data.optics.tissues import dye_row
from pdcraft.errors import DataError

__all__ = ["DRUGS", "Kinds", "kinds_of"]

DRUGS = ("paclitaxel",)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Payloads by what they do; a positron emitter doses and is seen."""

    nuclides: tuple[str, ...]
    positrons: tuple[str, ...]
    dyes: tuple[str, ...]
    drugs: tuple[str, ...]


def kinds_of(payloads: Sequence[str]) -> Kinds:
    """Sort payloads into radionuclides, dyes and drugs.

    Raises
    ------
    DataError
        For a name that is none of these.

    Examples
    --------
    >>> kinds_of(["I-124", "CLR 1502", "paclitaxel"]).positrons
    ('I-124',)
    """
    found: dict[str, list[str]] = {"nuclides": [], "positrons": [], "dyes": [], "drugs": []}
    for name in payloads:
        if name.casefold() in DRUGS:
            found["drugs"].append(name.casefold())
            continue
        dye = _dye(name)
        if dye is not None:
            found["dyes"].append(dye)
            continue
        try:
            known = nuclide_name(name)
        except DataError as error:
            one = error.problems[0]
            raise DataError(
                f"'{name}' is no payload of a sweep: {one.message}; dyes are those of scenes, such "
                f"as CLR 1502, drugs: {', '.join(DRUGS)}"
            ) from None
        found["nuclides"].append(known)
        if any(beta.charge == "plus" for beta in nuclide(known).beta):
            found["positrons"].append(known)
    return Kinds(**{kind: tuple(names) for kind, names in found.items()})


def _dye(name: str) -> str | None:
    try:
        return dye_row(name)[0]
    except DataError:
        return None
