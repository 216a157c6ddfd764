"""Virtual xenografts: growth records, members of the bench, and where each number is from.

A named member is a model about which something was published. A virtual one is a draw of an
indication: it never carries the name of a cell line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import csv_rows, load_toml
from pdcraft.data.indications import indications
from pdcraft.errors import DataError

__all__ = [
    "PARAMETERS",
    "Cell",
    "Given",
    "GrowthRecord",
    "Member",
    "PublishedFigure",
    "XenograftPrior",
    "growth_records",
    "member",
    "members",
    "published_figures",
    "radiobiology",
    "select_members",
    "without_subjects",
    "xenograft_prior",
    "xenograft_source",
]

#: Parameters of a member, each with a provenance cell.
PARAMETERS = (
    "growth",
    "switch",
    "transit",
    "vascularity",
    "raft_share",
    "uptake",
    "radiosensitivity",
    "drug_sensitivity",
    "take_rate",
)
ORIGINS = ("measured", "pooled", "assumed")
_PRIOR_OF = {
    "transit": "transit_per_d",
    "vascularity": "vascularity",
    "raft_share": "raft_share",
    "uptake": "uptake",
    "drug_sensitivity": "drug_sensitivity",
    "take_rate": "take_rate",
}
_GIVEN_AS = {  # keys of models.toml
    "uptake": "uptake",
    "transit": "transit",
    "drug": "drug_sensitivity",
    "take": "take_rate",
}


@dataclass(frozen=True, slots=True)
class GrowthRecord:
    """Growth of one untreated model.

    Parameters
    ----------
    key, model, kind, indication, site : str
    n_animals, n_values : int or None
        None where no animals were seen singly.
    lambda0_per_d : float
    sd_ln_lambda0, switch_mm3, residual_log_sd : float or None
    source, grade : str
    """

    key: str
    model: str
    kind: str
    indication: str
    site: str
    n_animals: int | None
    n_values: int | None
    lambda0_per_d: float
    sd_ln_lambda0: float | None
    switch_mm3: float | None
    residual_log_sd: float | None
    source: str
    grade: str

    @property
    def has_spread(self) -> bool:
        """Whether the spread between animals is known."""
        return self.sd_ln_lambda0 is not None


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a member's parameter comes from.

    Parameters
    ----------
    origin : {"measured", "pooled", "assumed"}
        Of this model; of other models; of nobody.
    n : str
        Animals behind it, as said; empty where that has no meaning.
    sources : tuple of str
    text : str
    """

    origin: str
    n: str = ""
    sources: tuple[str, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        if self.origin not in ORIGINS:
            raise DataError(
                f"provenance '{self.origin}': a parameter is one of {', '.join(ORIGINS)}"
            )
        if self.origin == "measured" and not self.sources:
            raise DataError("provenance: a measured parameter names its source")


@dataclass(frozen=True, slots=True)
class Given:
    """A figure of one member: its median, the spread of what is not known, and its cell."""

    value: float
    log_sd: float
    cell: Cell


@dataclass(frozen=True, slots=True)
class XenograftPrior:
    """What stands where a member has no figure of its own."""

    name: str
    level: str
    unit: str
    value: float
    log_sd: float | None
    sd: float | None
    low: float | None
    high: float | None
    cell: Cell


@dataclass(frozen=True, slots=True)
class Member:
    """A model of the bench.

    Parameters
    ----------
    name, indication : str
    virtual : bool
    growth : GrowthRecord or None
    given : mapping of str to Given
        By name in `PARAMETERS`.
    aliases, published : tuple of str
    """

    name: str
    indication: str
    virtual: bool
    growth: GrowthRecord | None = None
    given: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    aliases: tuple[str, ...] = ()
    published: tuple[str, ...] = ()

    @property
    def provenance(self) -> Mapping[str, Cell]:
        """A cell for each of `PARAMETERS`."""
        out: dict[str, Cell] = {}
        for name in PARAMETERS:
            if name in self.given:
                out[name] = self.given[name].cell
            elif name in ("growth", "switch"):
                out[name] = self._growth_cell(name)
            elif name == "radiosensitivity":
                out[name] = radiobiology(self.indication)[1]
            else:
                out[name] = xenograft_prior(_PRIOR_OF[name]).cell
        return MappingProxyType(out)

    def _growth_cell(self, name: str) -> Cell:
        record = self.growth
        known = record is not None and (name == "growth" or record.switch_mm3 is not None)
        if not known or record is None:
            keys = tuple(dict.fromkeys(r.source for r in growth_records()))
            return Cell("pooled", "", keys, "records of other models")
        n = "not said" if record.n_animals is None else str(record.n_animals)
        return Cell("measured", n, (record.source,))


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A published figure of a member under an agent: shown, never fitted to.

    Parameters
    ----------
    member, agent, quantity, region : str
    value, per_MBq : float or None
        One of them.
    source, text : str
    """

    member: str
    agent: str
    quantity: str
    region: str
    value: float | None
    per_MBq: float | None
    source: str
    text: str


@cache
def published_figures() -> tuple[PublishedFigure, ...]:
    """All published figures of ``models.toml``."""
    rows = load_toml("xenografts", "models.toml")["published"]
    return tuple(
        PublishedFigure(
            row["member"], row["agent"], row["quantity"], row["region"], row.get("value"),
            row.get("per_MBq"), row["source"], row["text"],
        )
        for row in rows
    )  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def growth_records() -> tuple[GrowthRecord, ...]:
    """All growth records, as ``growth.csv`` has them."""
    out: list[GrowthRecord] = []
    for row in csv_rows("xenografts", "growth.csv"):
        rate = _number(row["lambda0_per_d"])
        if rate is None or not rate > 0:
            raise DataError(f"growth.csv: {row['record']}: lambda0_per_d is above zero")
        if row["source"] not in _sources():
            raise DataError(f"growth.csv: {row['record']}: no source '{row['source']}'")
        out.append(
            GrowthRecord(
                row["record"],
                row["model"],
                row["kind"],
                row["indication"],
                row["site"],
                int(row["n_animals"]) if row["n_animals"] else None,
                int(row["n_values"]) if row["n_values"] else None,
                rate,
                _number(row["sd_ln_lambda0"]),
                _number(row["switch_mm3"]),
                _number(row["residual_log_sd"]),
                row["source"],
                row["grade"],
            )
        )
    twice = [key for key, k in Counter(r.model for r in out).items() if k > 1]
    if twice:
        raise DataError(f"growth.csv: two records of {twice[0]}; keep the one with more animals")
    return tuple(out)


@cache
def _sources() -> Mapping[str, Any]:
    table = load_toml("xenografts", "sources.toml")
    return {key: row for key, row in table.items() if key != "version"}


def xenograft_source(key: str) -> tuple[str, str | None]:
    """Text and DOI of a source.

    Raises
    ------
    DataError
        For an unknown key, with near matches.
    """
    index = index_of((name, ()) for name in _sources())
    row = _sources()[look_up("source", key, index, "see data/xenografts/sources.toml")]
    return row["text"], row.get("doi")


@cache
def xenograft_prior(name: str) -> XenograftPrior:
    """Return a prior of ``priors.toml``.

    Raises
    ------
    DataError
        For an unknown one, or one without provenance.
    """
    table = load_toml("xenografts", "priors.toml")
    index = index_of((key, ()) for key in table if key != "version")
    row = table[look_up("xenograft prior", name, index, "see data/xenografts/priors.toml")]
    if "origin" not in row or "text" not in row:
        raise DataError(f"priors.toml: {name} has no provenance; give origin and text")
    cell = Cell(row["origin"], "", tuple(row.get("sources", ())), row["text"])
    return XenograftPrior(
        name,
        row["level"],
        row["unit"],
        float(row.get("value", 1.0)),
        row.get("log_sd"),
        row.get("sd"),
        row.get("low"),
        row.get("high"),
        cell,
    )


def radiobiology(indication: str) -> tuple[tuple[float, float, float], Cell]:
    """Median and limits of alpha, 1/Gy, of an indication, and where they come from.

    Raises
    ------
    DataError
        For an unknown indication, with near matches.
    """
    own = load_toml("xenografts", "models.toml")["indication"]
    known = index_of([*((n, ()) for n in own), *((n, i.aliases) for n, i in indications().items())])
    name = look_up("indication", indication, known, "see pdcraft indications")
    if name in own:
        row = own[name]
        origin = "assumed" if row["origin"] == "assumed" else "pooled"
        cell = Cell(origin, "", tuple(row.get("sources", ())), row["text"])
        return (row["value"], row["low"], row["high"]), cell
    prior = indications()[name].priors["alpha_per_Gy"]
    origin = "assumed" if prior.origin == "assumed" else "pooled"
    cell = Cell(origin, "", prior.sources, f"of the indication: {prior.text}")
    return (prior.value, prior.low, prior.high), cell


@cache
def members() -> Mapping[str, Member]:
    """All members by name: those of ``models.toml``, every model of ``growth.csv``, the virtual."""
    table = load_toml("xenografts", "models.toml")
    out = {name: _named(name, row) for name, row in table["member"].items()}
    for record in growth_records():
        known = out.get(record.model) or Member(record.model, record.indication, virtual=False)
        out[record.model] = replace(
            known, growth=record, published=tuple(dict.fromkeys((*known.published, record.source)))
        )
    number = 0
    for indication, count in table["virtual"].items():
        for _ in range(count):
            number += 1
            name = f"virtual-{number:03d}"
            out[name] = Member(name, indication, virtual=True)
    for one in out.values():
        radiobiology(one.indication)
    return MappingProxyType(out)


def _named(name: str, row: Mapping[str, Any]) -> Member:
    given = {
        parameter: Given(
            float(row[key]["value"]),
            float(row[key].get("log_sd", 0.0)),
            Cell(
                "measured",
                str(row[key].get("n", "not said")),
                tuple(row[key].get("sources", ())),
                row[key].get("text", ""),
            ),
        )
        for key, parameter in _GIVEN_AS.items()
        if key in row
    }
    return Member(
        name,
        row["indication"],
        virtual=False,
        given=MappingProxyType(given),
        aliases=tuple(row.get("aliases", ())),
        published=tuple(row.get("published", ())),
    )


def member(name: str) -> Member:
    """Look a member up by name or alias.

    Raises
    ------
    DataError
        For an unknown one; near matches are named.

    Examples
    --------
    >>> member("PC-3").name
    'PC3'
    """
    index = index_of((one.name, one.aliases) for one in members().values())
    return members()[look_up("xenograft model", name, index, "see members()")]


def without_subjects(one: Member, subjects: str) -> Member:
    """Return a member without the figures that these subjects gave: as if they were not known.

    Parameters
    ----------
    one : Member
    subjects : str
        As the carrier's evidence names them, e.g. ``mouse-nm600-4t``.

    Examples
    --------
    >>> blind = without_subjects(member("4T07"), "mouse-nm600-4t")
    >>> member("4T07").provenance["uptake"].origin, blind.provenance["uptake"].origin
    ('measured', 'pooled')
    """
    own = {key for key, row in _sources().items() if row.get("subjects") == subjects}
    kept = {name: g for name, g in one.given.items() if own.isdisjoint(g.cell.sources)}
    return replace(one, given=MappingProxyType(kept))


def select_members(wanted: Sequence[str] | str) -> tuple[Member, ...]:
    """Return members: ``all``, ``named``, ``virtual``, an indication, or a list of names.

    Raises
    ------
    DataError
        For what is neither.
    """
    everyone = tuple(members().values())
    if not isinstance(wanted, str):
        return tuple(member(name) for name in wanted)
    if wanted == "all":
        return everyone
    if wanted in ("named", "virtual"):
        return tuple(one for one in everyone if one.virtual == (wanted == "virtual"))
    found = tuple(one for one in everyone if one.indication == wanted)
    return found or (member(wanted),)
