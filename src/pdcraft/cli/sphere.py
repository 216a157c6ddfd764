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
    spectra: Annotated[str, typer.Option("--spectra", help="own or icrp107.")] = "own",
    transport: Annotated[
        bool, typer.Option("--transport", help="Monte Carlo transport instead (not available yet).")
    ] = False,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Self-dose S value of a uniform sphere of water within water, by the simple method."""
    import warnings

    from pdcraft.dosimetry.spheres import METHODS, local_words, sphere_S
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
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = sphere_S(
            nuclide,
            mass_g=None if mass is None else parse(mass, "mass"),
            radius_mm=None if radius is None else parse(radius, "length"),
            electrons=electrons,
            progeny=progeny,  # pyright: ignore[reportArgumentType]  # checked there
            spectra=spectra,  # pyright: ignore[reportArgumentType]  # checked there
            water_I_eV=water_i,
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

    emit(document, json, render)
    for message in messages:
        err_console().print(f"warning: {message}", style="yellow")
