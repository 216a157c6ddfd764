"""``pdcraft sphere``: self-dose S value of a sphere of water."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, err_console, table

if TYPE_CHECKING:
    from rich.console import Console


def sphere(
    nuclide: Annotated[str, typer.Option("--nuclide", help="For instance I-131.")],
    mass: Annotated[str | None, typer.Option("--mass", help='Mass, "1 g".')] = None,
    radius: Annotated[str | None, typer.Option("--radius", help='Or the radius, "100 um".')] = None,
    electrons: Annotated[
        str,
        typer.Option("--electrons", help="local: absorbed where they start; range: they run."),
    ] = "range",
    water_i: Annotated[
        float, typer.Option("--water-I", help="Mean excitation energy of water, 78 or 75 eV.")
    ] = 78.0,
    progeny: Annotated[
        str, typer.Option("--progeny", help="none, prompt, equilibrium or explicit.")
    ] = "prompt",
    until: Annotated[
        str | None,
        typer.Option("--until", help='Explicit progeny: decays counted to then, "30 d".'),
    ] = None,
    spectra: Annotated[str, typer.Option("--spectra", help="own or icrp107.")] = "own",
    transport: Annotated[
        bool, typer.Option("--transport", help="Monte Carlo transport instead (not available yet).")
    ] = False,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Self-dose S value of a uniform sphere of water within water, by the simple method."""
    import warnings
    from math import inf

    from pdcraft.dosimetry.spheres import METHODS, MemberS, local_words, sphere_S, sphere_S_members
    from pdcraft.errors import DataError
    from pdcraft.io.units import parse

    if transport:
        raise DataError(
            "--transport: this version has no transport engine yet; without the option the simple "
            "method answers, best with --electrons range"
        )
    if electrons not in METHODS:
        raise DataError(f"--electrons: '{electrons}' is not one of {', '.join(METHODS)}")
    if water_i not in (75.0, 78.0):
        raise DataError(f"--water-I: {water_i:g} eV is not one of 75 (ICRU 37) and 78 (ICRU 90)")
    if until is not None and progeny != "explicit":
        raise DataError(
            "--until counts the decays of --progeny explicit; leave it out, or ask both"
        )
    until_h = None if until is None else parse(until, "time")
    asked: dict[str, Any] = {
        "mass_g": None if mass is None else parse(mass, "mass"),
        "radius_mm": None if radius is None else parse(radius, "length"),
        "electrons": electrons,
        "spectra": spectra,
        "water_I_eV": water_i,
    }
    members: tuple[MemberS, ...] = ()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if progeny == "explicit":
            members = sphere_S_members(
                nuclide, until_h=inf if until_h is None else until_h, **asked
            )
            result = members[0].S
        else:
            result = sphere_S(
                nuclide,
                progeny=progeny,  # pyright: ignore[reportArgumentType]  # checked there
                **asked,
            )
    messages = [str(w.message) for w in caught]

    def number(value: float) -> dict[str, Any]:
        return {"value": value, "std_err": None}

    document: dict[str, Any] = {
        "schema": "pdcraft.sphere/1",
        "nuclide": result.nuclide,
        "radius_mm": result.radius_mm,
        "mass_g": result.mass_g,
        "S_mGy_per_MBq_s": number(result.total),
        "electron": number(result.electron) | {"absorbed_fraction": result.electron_fraction},
        "photon": number(result.photon) | {"absorbed_fraction": result.photon_fraction},
        "includes": list(result.includes),
        "method": result.method,
        "local_overestimate": result.local_overestimate,
        "water_I_eV": water_i,
        "progeny": result.progeny,
        "spectra": result.spectra,
        "progeny_note": result.progeny_note,
        "until_h": until_h,
        "members": [
            {
                "nuclide": m.member.name,
                "half_life_h": m.member.half_life_h,
                "decays_per_parent_decay": m.decays_per_parent_decay,
                "S_mGy_per_MBq_s": number(m.S.total),
                "electron": number(m.S.electron),
                "photon": number(m.S.photon),
                "includes": list(m.S.includes),
            }
            for m in members
        ],
        "notice": result.notice or None,
        "sources": list(result.sources),
        "warnings": messages,
    }

    def render(console: Console) -> None:
        title = (
            f"{result.nuclide} in a sphere of {result.mass_g:.4g} g (radius "
            f"{result.radius_mm:.4g} mm), mGy/(MBq·s)"
        )
        rows = [
            ("electrons", result.electron, result.electron_fraction),
            ("photons", result.photon, result.photon_fraction),
            ("S", result.total, None),
        ]
        console.print(table(title, ["", "S value", "absorbed fraction"], rows))
        console.print(result.method)
        console.print(local_words(result.local_overestimate))
        console.print(f"progeny ({result.progeny}): {result.progeny_note}")
        if members:
            span = "all decays" if until_h is None else f"decays to {until_h:.4g} h"
            rows = [
                (m.member.name, m.member.half_life_h, m.decays_per_parent_decay, m.S.total)
                for m in members
            ]
            columns = ["member", "half-life, h", "decays per parent decay", "S, per its own MBq·s"]
            console.print(table(f"members one by one, {span}, nothing leaves", columns, rows))

    emit(document, json, render)
    if result.notice:
        err_console().print(result.notice)
    for message in messages:
        err_console().print(f"warning: {message}", style="yellow")
