"""``pdcraft sphere``: self-dose S value of a sphere of water."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    compiling,
    emit,
    say_warnings,
    table,
)
from pdcraft.cli.common import progress as progress_bar
from pdcraft.cli.transport_options import (
    DeviceOption,
    NuclideOption,
    SpectraOption,
    StayOption,
    WaterIOption,
    WorkersOption,
    parse_stay,
    require_cpu,
    require_precision,
    require_water_I,
    stay_words,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.dosimetry.spheres import SphereS


def sphere(
    nuclide: NuclideOption,
    mass: Annotated[str | None, typer.Option("--mass", help='Mass, "1 g".')] = None,
    radius: Annotated[str | None, typer.Option("--radius", help='Or the radius, "100 um".')] = None,
    electrons: Annotated[
        str,
        typer.Option("--electrons", help="transported, or local: absorbed where they start."),
    ] = "transported",
    water_i: WaterIOption = 78.0,
    progeny: Annotated[
        str | None, typer.Option("--progeny", help="none, prompt, equilibrium or explicit.")
    ] = None,
    stay: StayOption = None,
    until: Annotated[
        str | None,
        typer.Option("--until", help='Explicit progeny: decays counted to then, "30 d".'),
    ] = None,
    spectra: SpectraOption = "own",
    transport: Annotated[
        bool, typer.Option("--transport", help="A Monte Carlo run of its own, not the tables.")
    ] = False,
    precision: Annotated[
        float, typer.Option("--precision", help="Of --transport: relative standard error of S.")
    ] = 0.01,
    threads: Annotated[
        int | None, typer.Option("--threads", help="Of --transport; all processors.", min=1)
    ] = None,
    workers: WorkersOption = None,
    device: DeviceOption = "cpu",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Self-dose S value of a uniform sphere of water within water."""
    import warnings
    from math import inf

    from pdcraft.dosimetry.spheres import METHODS, MemberS, local_words, sphere_S, sphere_S_members
    from pdcraft.errors import DataError
    from pdcraft.io.units import parse

    require_cpu(device)
    require_precision(precision)
    if electrons not in METHODS:
        raise DataError(f"--electrons: '{electrons}' is not one of {', '.join(METHODS)}")
    if transport and (electrons == "local" or progeny == "explicit"):
        raise DataError(
            "--transport lets all electrons run and sums the progeny that it includes; leave out "
            "--electrons local and --progeny explicit, or run the members one by one with "
            "--progeny none"
        )
    require_water_I(water_i)
    if until is not None and progeny != "explicit":
        raise DataError(
            "--until counts the decays of --progeny explicit; leave it out, or ask both"
        )
    staying = parse_stay(stay)
    if progeny == "explicit" and staying != 1.0:
        raise DataError(
            "--stay: explicit progeny are given one by one, each per its own decays; leave it out"
        )
    until_h = None if until is None else parse(until, "time")
    asked: dict[str, Any] = {
        "mass_g": None if mass is None else parse(mass, "mass"),
        "radius_mm": None if radius is None else parse(radius, "length"),
        "spectra": spectra,
        "water_I_eV": water_i,
    }
    members: tuple[MemberS, ...] = ()
    reached = True
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if progeny == "explicit":
            members = sphere_S_members(
                nuclide,
                electrons=electrons,
                until_h=inf if until_h is None else until_h,
                **asked,
            )
            result = members[0].S
        elif transport:
            result, reached = _transported(
                nuclide,
                precision=precision,
                threads=threads,
                seed=seed,
                progeny=progeny,
                stay=staying,
                **asked,
            )
        else:
            result = sphere_S(
                nuclide,
                electrons=electrons,
                progeny=progeny,  # pyright: ignore[reportArgumentType]  # checked there
                stay=staying,
                **asked,
            )
    messages = [str(w.message) for w in caught]
    if not reached:
        messages.append(
            f"the precision of {precision:g} was not reached with {result.histories:,} decays"
        )

    counted = {one.rsplit(" ", 2)[0] for one in result.includes}

    def number(value: float, std_err: float) -> dict[str, Any]:
        return {"value": value, "std_err": std_err}

    document: dict[str, Any] = {
        "schema": "pdcraft.sphere/1",
        "nuclide": result.nuclide,
        "radius_mm": result.radius_mm,
        "mass_g": result.mass_g,
        "S_mGy_per_MBq_s": number(result.total, result.total_err),
        "electron": number(result.electron, result.electron_err)
        | {"absorbed_fraction": result.electron_fraction},
        "photon": number(result.photon, result.photon_err)
        | {"absorbed_fraction": result.photon_fraction},
        "alpha": number(result.alpha, 0.0) | {"absorbed_fraction": result.alpha_fraction},
        "by_type": {kind: number(*both) for kind, both in result.by_type.items()},
        "includes": list(result.includes),
        "method": result.method,
        "decays_simulated": result.histories,
        "precision_reached": result.total_err / result.total if transport else None,
        "seed": seed if transport else None,
        "local_overestimate": result.local_overestimate,
        "water_I_eV": water_i,
        "progeny": result.progeny,
        "spectra": result.spectra,
        "progeny_note": result.progeny_note,
        "stay": stay_words(staying) if len(counted) > 1 else None,
        "until_h": until_h,
        "members": [
            {
                "nuclide": m.member.name,
                "half_life_h": m.member.half_life_h,
                "decays_per_parent_decay": m.decays_per_parent_decay,
                "S_mGy_per_MBq_s": number(m.S.total, m.S.total_err),
                "electron": number(m.S.electron, m.S.electron_err),
                "photon": number(m.S.photon, m.S.photon_err),
                "alpha": number(m.S.alpha, 0.0),
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
        alphas = result.alpha_fraction is not None
        rows = [
            ("electrons", result.electron, result.electron_err, result.electron_fraction),
            ("photons", result.photon, result.photon_err, result.photon_fraction),
            *([("alpha particles", result.alpha, None, result.alpha_fraction)] * alphas),
            ("S", result.total, result.total_err, None),
        ]
        columns = ["", "S value", "± Monte Carlo", "absorbed fraction"]
        console.print(table(title, columns, rows))
        console.print(result.method)
        console.print(local_words(result.local_overestimate))
        console.print(f"progeny ({result.progeny}): {result.progeny_note}")
        if document["stay"]:
            console.print(document["stay"])
        if members:
            span = "all decays" if until_h is None else f"decays to {until_h:.4g} h"
            rows = [
                (m.member.name, m.member.half_life_h, m.decays_per_parent_decay, m.S.total)
                for m in members
            ]
            columns = ["member", "half-life, h", "decays per parent decay", "S, per its own MBq·s"]
            console.print(table(f"members one by one, {span}, nothing leaves", columns, rows))

    emit(document, json, render)
    say_warnings(messages, result.notice)


def _transported(nuclide: str, **asked: Any) -> tuple[SphereS, bool]:
    from pdcraft.dosimetry.sphere_transport import transported_sphere_S

    with progress_bar("transport") as report:
        report(0.0, compiling())
        return transported_sphere_S(nuclide, progress=report, **asked)
