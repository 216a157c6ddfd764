"""Published responses of patients: which count fits, which are predicted, which are no use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from pdcraft.core.names import index_of, look_up
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, Problem

__all__ = ["Choice", "ResponseItem", "item", "links", "read_responses", "response_items"]

FILE = "patient_evidence.toml"
NEEDS = ("outcome", "k", "n", "mCi_low", "mCi_high", "at_d")  # of a row that is used
OPTIONAL = ("within", "nested", "month", "total_Gy_low", "total_Gy_high", "activity")


@dataclass(frozen=True, slots=True)
class ResponseItem:
    """A published count; the meaning of each part stands at the head of the table."""

    id: str
    indication: str
    citation: Citation
    grade: Literal["T", "A", "P", "D"]
    use: Literal["fit", "predict", "marrow", "excluded"]
    outcome: str
    reason: str
    k: int | None = None
    n: int | None = None
    mCi_low: float | None = None
    mCi_high: float | None = None
    at_d: tuple[float, ...] = ()
    total_Gy_low: float | None = None
    total_Gy_high: float | None = None
    month: float | None = None
    within: str | None = None
    nested: Literal["subset", "superset", "other"] | None = None
    activity: str = ""

    @property
    def counts(self) -> tuple[int, int]:
        """Responders and patients; refused where none were printed."""
        if self.k is None or self.n is None:
            raise DataError(f"'{self.id}' has no count: {self.reason}")
        return self.k, self.n


@dataclass(frozen=True, slots=True)
class Choice:
    """The one item that fits the link of an indication, and why."""

    indication: str
    fit: str
    reason: str


def read_responses(table: Mapping[str, Any]) -> tuple[ResponseItem, ...]:
    """Check and read the rows of a table of responses.

    Raises
    ------
    DataError
        Naming every row that breaks a rule.
    """
    problems: list[Problem] = []
    rows: list[ResponseItem] = []
    for row in table["item"]:
        used = row["use"] in ("fit", "predict")
        lacking = [name for name in NEEDS if used and name not in row]
        if lacking:
            problems.append(Problem(f"'{row['id']}' is used but has no {', '.join(lacking)}", FILE))
            continue
        k, n = row.get("k"), row.get("n")
        if k is not None and not 0 <= k <= row["n"]:
            problems.append(Problem(f"'{row['id']}': {k} of {n} patients is no count", FILE))
            continue
        source = table["source"][row["source"]]
        rows.append(
            ResponseItem(
                id=row["id"],
                indication=row["indication"],
                citation=Citation(row["source"], source["text"], source.get("doi")),
                grade=row["grade"],
                use=row["use"],
                outcome=row["outcome"],
                reason=row["reason"],
                k=k,
                n=n,
                mCi_low=row.get("mCi_low"),
                mCi_high=row.get("mCi_high"),
                at_d=tuple(float(d) for d in row.get("at_d", ())),
                **{name: row[name] for name in OPTIONAL if name in row},
            )
        )
    problems += _choices(table, rows)
    if problems:
        raise DataError(problems)
    return tuple(rows)


def _choices(table: Mapping[str, Any], rows: list[ResponseItem]) -> list[Problem]:
    """One fitted item per indication: a link fitted on two trials could predict neither."""
    out: list[Problem] = []
    for indication, choice in table["link"].items():
        fitted = [r.id for r in rows if r.indication == indication and r.use == "fit"]
        if fitted != [choice["fit"]]:
            out.append(
                Problem(
                    f"{indication}: fitted on {', '.join(fitted) or 'nothing'}, chosen was "
                    f"'{choice['fit']}'; one item fits, the others are predicted",
                    FILE,
                )
            )
    chosen = set(table["link"])
    out += [
        Problem(f"'{r.id}' is used but no trial is chosen to fit {r.indication}", FILE)
        for r in rows
        if r.use in ("fit", "predict") and r.indication not in chosen
    ]
    return out


@cache
def response_items() -> tuple[ResponseItem, ...]:
    """All published responses that pdcraft holds."""
    return read_responses(load_toml("response", FILE))


@cache
def links() -> Mapping[str, Choice]:
    """Return the chosen trial of each indication."""
    rows = load_toml("response", FILE)["link"]
    return MappingProxyType({k: Choice(k, r["fit"], r["reason"]) for k, r in rows.items()})


def item(name: str) -> ResponseItem:
    """One published response by its name.

    Raises
    ------
    DataError
        For an unknown name, with near matches.
    """
    rows = {r.id: r for r in response_items()}
    found = look_up("published response", name, index_of((k, ()) for k in rows), "see the table")
    return rows[found]
