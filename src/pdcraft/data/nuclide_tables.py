"""Read the package's own decay tables and derive what they leave out.

The tables hold what evaluations print. Derived here: conversion-electron lines from coefficients,
annihilation photons, recoils of alpha particles, and, where a table has no ``auger`` rows, the
cascade of its vacancies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pdcraft.data.files import load_toml
from pdcraft.data.radiation import BetaBranch, Line, Nuclide
from pdcraft.data.relaxation import Relaxation, relax
from pdcraft.errors import DataError
from pdcraft.physics.alpha import recoil_keV
from pdcraft.physics.constants import ELECTRON_REST_keV

if TYPE_CHECKING:
    from pdcraft.physics.beta import Charge

__all__ = ["half_life_d", "progeny_rows", "relaxation_of", "table_names", "without_progeny"]

Table = Mapping[str, Any]

HOURS_PER_DAY = 24.0
SHELLS = "KLMNO"
PAIR_THRESHOLD_keV = 2 * ELECTRON_REST_keV
BRANCH_SUM_TOLERANCE = 0.005  # evaluations sum their branches to 1 within this


@cache
def table_names() -> tuple[str, ...]:
    """Names of the nuclides that have a table."""
    tables = files("pdcraft.data").joinpath("nuclides").iterdir()
    return tuple(sorted(t.name.removesuffix(".toml") for t in tables if t.name.endswith(".toml")))


@cache
def _table(name: str) -> Table:
    return load_toml("nuclides", f"{name}.toml")


def half_life_d(name: str) -> float:
    """Half-life in days, without working out the emissions."""
    return _table(name)["half_life_d"]


def progeny_rows(name: str) -> tuple[Mapping[str, Any], ...]:
    """Rows ``name``, ``branching``, ``prompt`` of the nuclides that this one decays to."""
    return tuple(_table(name).get("progeny", ()))


@cache
def without_progeny(name: str) -> Nuclide:
    """Nuclide of a table, alone.

    Raises
    ------
    DataError
        If beta branches do not sum to 1, or if X-rays and Auger electrons hold more energy than
        the vacancies release.
    """
    table = _table(name)
    beta = _beta(name, table)
    atoms = [_emitted_by(name, atom) for atom in _atoms(table)]
    gammas = [line for atom in atoms for line in atom[0]]
    x_rays = [line for atom in atoms for line in atom[1]]
    electrons = [line for atom in atoms for line in atom[2]]
    positrons = sum(b.per_decay for b in beta if b.charge == "plus")
    if positrons:
        gammas.append(Line("annihilation", ELECTRON_REST_keV, 2.0 * positrons))
    alpha = tuple(
        Line("alpha", r["energy_keV"], r["per_decay"], r.get("unc")) for r in table.get("alpha", ())
    )
    return Nuclide(
        name=name,
        z=table["z"],
        a=table["a"],
        daughter_z=table["daughter_z"],
        half_life_h=table["half_life_d"] * HOURS_PER_DAY,
        half_life_unc_h=table["half_life_unc_d"] * HOURS_PER_DAY,
        beta=beta,
        photons=(*gammas, *x_rays),
        electrons=tuple(electrons),
        soft_keV=sum(atom[3] for atom in atoms),
        includes=(name,),
        progeny_note=table["progeny_note"],
        sources=(table["source"],),
        alpha=alpha,
        recoil_keV=sum(x.per_decay * recoil_keV(x.energy_keV, table["a"]) for x in alpha),
    )


def _atoms(table: Table) -> Iterator[Table]:
    """Yield the parts of a table that hold one daughter atom: its own, that after alpha decay."""
    yield table
    if "after_alpha" in table:
        yield table["after_alpha"]


def _emitted_by(name: str, atom: Table) -> tuple[list[Line], list[Line], list[Line], float]:
    """Gamma rays, X-rays, electrons of an atom and its nucleus, and the energy of the soft rest."""
    conversion, vacancies = _electrons_and_vacancies(atom)
    gammas = [
        Line("gamma", r["energy_keV"], r["per_decay"], r.get("unc")) for r in atom.get("gamma", ())
    ]
    x_rays, auger = _atomic(atom, vacancies)
    binding: dict[str, float] = atom["binding_keV"]
    released = sum(binding.get(shell, 0.0) * count for shell, count in vacancies.items())
    soft = released - sum(x.energy_keV * x.per_decay for x in (*x_rays, *auger))
    if soft < 0.0:
        raise DataError(
            f"{name}: X-rays and Auger electrons hold {-soft:.3g} keV per decay more than the "
            "vacancies release; check the table's x_ray, auger and conversion entries"
        )
    return gammas, x_rays, [*conversion, *auger], soft


def _atomic(table: Table, vacancies: Mapping[str, float]) -> tuple[list[Line], list[Line]]:
    """X-rays and Auger electrons: the table's rows, else the cascade's groups."""
    x_rays = [
        Line("X", r["energy_keV"], r["per_decay"], r.get("unc")) for r in table.get("x_ray", ())
    ]
    if "auger" in table or not vacancies:
        rows = table.get("auger", ())
        return x_rays, [Line("Auger electron", r["energy_keV"], r["per_decay"]) for r in rows]
    cascade = _cascade(table, vacancies)
    if not x_rays:
        x_rays = [Line("X", g.energy_keV, g.number) for g in cascade.x_rays]
    return x_rays, [Line("Auger electron", g.energy_keV, g.number) for g in cascade.electrons]


def relaxation_of(name: str, after_alpha: bool = False) -> Relaxation:
    """Cascade of a table's vacancies, with the yields that its X-ray rows imply.

    What the ``auger`` rows of the shipped tables (and computed ``x_ray`` rows) were made with. Of a
    nuclide with alpha and beta decay, ``after_alpha`` asks for the atom that alpha decay leaves.
    """
    table = _table(name)["after_alpha"] if after_alpha else _table(name)
    return _cascade(table, _electrons_and_vacancies(table)[1])


def _cascade(table: Table, vacancies: Mapping[str, float]) -> Relaxation:
    z: int = table["daughter_z"]
    rays = {
        shell: sum(r["per_decay"] for r in table.get("x_ray", ()) if r["line"][0] == shell)
        for shell in "KL"
    }
    k_yield = rays["K"] / vacancies["K"] if rays["K"] else None
    plain = relax(z, vacancies, k_yield)
    if not rays["L"]:
        return plain
    own = sum(g.number for g in plain.x_rays if g.name[0] == "L")
    return relax(z, vacancies, k_yield, rays["L"] / own)


def _beta(name: str, table: Table) -> tuple[BetaBranch, ...]:
    """Beta branches; those of a beta-minus emitter are scaled so that all decays sum to 1."""
    minus: list[Mapping[str, Any]] = table.get("beta_minus", [])
    plus: list[Mapping[str, Any]] = table.get("beta_plus", [])
    beta, alpha = (
        sum(row["per_decay"] for row in table.get(k, ())) for k in ("beta_minus", "alpha")
    )
    scale = 1.0
    if minus and not plus and "capture_vacancies" not in table:
        if abs(beta + alpha - 1.0) > BRANCH_SUM_TOLERANCE:
            what = "beta and alpha" if alpha else "beta"
            total = beta + alpha
            raise DataError(f"{name}: {what} branches sum to {total:.4f} per decay instead of 1")
        scale = (1.0 - alpha) / beta
    branches = [_branch(table, "minus", row, scale) for row in minus]
    return (*branches, *(_branch(table, "plus", row, 1.0) for row in plus))


def _branch(table: Table, charge: Charge, row: Mapping[str, Any], scale: float) -> BetaBranch:
    return BetaBranch(
        charge=charge,
        end_point_keV=row["end_point_keV"],
        per_decay=row["per_decay"] * scale,
        shape=row["shape"],
        daughter_z=table["z"] + (1 if charge == "minus" else -1),
        a=table["a"],
        unc=row.get("unc"),
    )


def _electrons_and_vacancies(table: Table) -> tuple[list[Line], dict[str, float]]:
    """Conversion-electron lines, and the vacancies per decay of conversion and capture by shell."""
    binding: dict[str, float] = table["binding_keV"]
    lines: list[Line] = []
    vacancies: dict[str, float] = {}

    def convert(shell: str, energy_keV: float, per_decay: float) -> None:
        lines.append(Line("conversion electron", energy_keV, per_decay))
        vacancies[shell] = vacancies.get(shell, 0.0) + per_decay

    for row in table.get("gamma", ()):
        energy: float = row["energy_keV"]
        named = 0.0
        for shell in SHELLS:
            if shell in row:
                named += row[shell]
                convert(shell, energy - binding.get(shell, 0.0), row["per_decay"] * row[shell])
        rest = row.get("total", 0.0) - named
        if rest > 0.0 and energy < PAIR_THRESHOLD_keV:  # shells that the evaluation lumps
            convert("outer", energy, row["per_decay"] * rest)
    for row in table.get("conversion_electron", ()):
        convert(row["shell"], row["energy_keV"], row["per_decay"])
    for shell, count in table.get("capture_vacancies", {}).items():
        vacancies[shell] = vacancies.get(shell, 0.0) + count
    return lines, vacancies
