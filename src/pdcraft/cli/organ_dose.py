"""``pdcraft organ-dose``: absorbed doses of organs from activities in them, or their S values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    compiling,
    emit,
    err_console,
    page_path,
    say_warnings,
)
from pdcraft.cli.common import progress as progress_bar
from pdcraft.cli.transport_options import (
    DeviceOption,
    NuclideOption,
    SpectraOption,
    WorkersOption,
    require_cpu,
    require_precision,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.core.body import Body
    from pdcraft.core.body_fractions import BodyFractions
    from pdcraft.dosimetry.effective_dose import EffectiveDose
    from pdcraft.dosimetry.organ_dose import OrganDose
    from pdcraft.dosimetry.organ_s import OrganS
    from pdcraft.io.tiac_table import TiacTable


def organ_dose(
    phantom: Annotated[
        str, typer.Option("--phantom", help="adult-male, adult-female, child-10y, mouse ...")
    ],
    nuclide: NuclideOption,
    tiac: Annotated[
        Path | None, typer.Option("--tiac", help="CSV: region,tiac_h[,sd_h] or draws.")
    ] = None,
    s_values: Annotated[
        bool, typer.Option("--s-values", help="S values of all targets and sources instead.")
    ] = False,
    activity: Annotated[
        str | None, typer.Option("--activity", help='Administered, "3.7 GBq": doses in Gy too.')
    ] = None,
    masses: Annotated[
        Path | None, typer.Option("--masses", help="CSV of own masses: region,mass_g[,sd_g].")
    ] = None,
    mass_table: Annotated[
        str | None, typer.Option("--mass-table", help="Another mass table of the phantom.")
    ] = None,
    body_mass: Annotated[
        str | None, typer.Option("--body-mass", help='Of the mouse, "20 g" to "35 g".')
    ] = None,
    lesion: Annotated[
        list[str] | None,
        typer.Option(
            "--lesion", help='"NAME=10 g@liver" or "NAME=10 g@80,-40,350 mm"; repeatable.'
        ),
    ] = None,
    effective: Annotated[
        bool, typer.Option("--effective-dose", help="Compute the other adult too, ICRP 103.")
    ] = False,
    marrow: Annotated[
        str | None, typer.Option("--marrow", help="Method of red marrow, photons+electrons.")
    ] = None,
    convention: Annotated[
        str, typer.Option("--convention", help="Contents to wall: transported or half-contents.")
    ] = "transported",
    progeny: Annotated[
        str | None,
        typer.Option("--progeny", help="none, prompt, equilibrium; explicit one by one."),
    ] = None,
    spectra: SpectraOption = "own",
    draws: Annotated[
        int, typer.Option("--draws", help="Draws of sd_h and sd_g.", min=50, max=100_000)
    ] = 1000,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write an offline page of it, .html.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", help="Of lesions; all processors.", min=1)
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option("--precision", help="Warns where a relative standard error is larger."),
    ] = None,
    workers: WorkersOption = None,
    device: DeviceOption = "cpu",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Absorbed doses of organs from time-integrated activities, or S values."""
    import warnings

    from pdcraft.anatomy import with_masses
    from pdcraft.cli.organ_document import (
        Asked,
        dose_document,
        render_dose,
        render_s_values,
        s_values_document,
    )
    from pdcraft.dosimetry.phantom import phantom as phantom_of
    from pdcraft.io.masses import read_masses_with_sd
    from pdcraft.io.tiac_table import read_tiac
    from pdcraft.io.units import parse

    require_cpu(device)
    require_precision(precision)
    _check_asked(
        tiac, s_values, activity, masses, mass_table, lesion, effective, html, progeny, nuclide
    )
    activity_MBq = None if activity is None else _administered_MBq(activity)
    page = None if html is None else page_path(html)
    body, fractions = phantom_of(phantom, None if body_mass is None else parse(body_mass, "mass"))
    table = None if tiac is None else read_tiac(tiac, body.host)
    sd_g: dict[str, float] = {}
    if masses is not None:
        own, spread = read_masses_with_sd(masses, body.host)
        body, sd_g = with_masses(body, own, masses.name), dict(spread)
    body, fractions = _with_lesions(body, fractions, lesion or [], seed, threads)
    asked = Asked(
        draws=draws,
        seed=seed,
        activity_MBq=activity_MBq,
        body=body,
        mass_table=body.mass_table(mass_table),
        made_by=fractions.made_by,
    )

    def values(which: Body, of: BodyFractions) -> OrganS:
        from pdcraft.dosimetry.organ_s import DEFAULT_METHOD, organ_S

        return organ_S(
            which,
            of,
            nuclide,
            progeny=progeny,  # pyright: ignore[reportArgumentType]  # checked there
            spectra=spectra,  # pyright: ignore[reportArgumentType]
            masses=mass_table,
            marrow=marrow or DEFAULT_METHOD,
            convention=convention,  # pyright: ignore[reportArgumentType]
        )

    notes: list[str] = []
    dose: OrganDose | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        S = values(body, fractions)
        if table is None:
            document = s_values_document(S, asked)
        else:
            dose = _dose(S, table, sd_g, draws, seed)
            total = None
            if effective:
                total, notes = _effective(dose, values)
            document = dose_document(dose, asked, total)
    messages = [*dict.fromkeys(str(w.message) for w in caught), *notes]
    messages += _coarse(S, dose, precision)
    document["warnings"] = messages

    def render(console: Console) -> None:
        if dose is None:
            render_s_values(console, S, document)
        else:
            render_dose(console, dose, document)

    emit(document, json, render)
    say_warnings(messages, document["notice"])
    if page is not None and dose is not None:
        from pdcraft.report.organ_page import organ_dose_page

        title = f"{S.nuclide}, {S.body}: absorbed doses"
        page.write_text(organ_dose_page(dose, body, title=title), encoding="utf-8")
        err_console().print(f"written: {page}")


def _coarse(S: OrganS, dose: OrganDose | None, precision: float | None) -> list[str]:
    """Say how many numbers have a larger standard error than was asked for, and the worst."""
    import numpy as np

    if precision is None:
        return []
    value, err = S.total, S.std_err
    names = [f"{target} from {source}" for target in S.targets for source in S.sources]
    if dose is not None:
        value, err, names = dose.coefficient_mGy_per_MBq.mean(axis=0), dose.std_err, S.targets
    relative = np.where(value > 0.0, err / np.where(value > 0.0, value, 1.0), 0.0).ravel()
    worst = int(relative.argmax())
    if not relative[worst] > precision:
        return []
    return [
        f"--precision {precision:g}: the shipped tables are coarser for "
        f"{int((relative > precision).sum())} of {relative.size} numbers; the worst is "
        f"{names[worst]} ({100 * relative[worst]:.2g}%)"
    ]


def _check_asked(
    tiac: Path | None,
    s_values: bool,
    activity: str | None,
    masses: Path | None,
    mass_table: str | None,
    lesion: list[str] | None,
    effective: bool,
    html: Path | None,
    progeny: str | None,
    nuclide: str,
) -> None:
    """Refuse options that contradict each other, all of them at once."""
    from pdcraft.errors import DataError, Problem

    out: list[Problem] = []
    if (tiac is None) != s_values:
        out.append(Problem("give either --tiac FILE (doses) or --s-values, one of the two"))
    if s_values:
        options = {"--activity": activity, "--effective-dose": effective or None, "--html": html}
        out += [
            Problem(f"{option} is of doses; it goes with --tiac, not with --s-values")
            for option, given in options.items()
            if given is not None
        ]
    if masses is not None and mass_table is not None:
        out.append(Problem("--masses changes the phantom's first table; leave --mass-table out"))
    if effective and (masses is not None or lesion):
        hint = "run it without own masses and lesions"
        out.append(Problem("--effective-dose is of reference persons", hint=hint))
    if progeny == "explicit":
        from pdcraft.data.chains import chain

        members = " and ".join(m.name for m in chain(nuclide))
        out.append(
            Problem(
                "--progeny explicit: a daughter that is counted on its own has its own "
                f"time-integrated activities; run {members} with --progeny none, each with its file"
            )
        )
    if out:
        raise DataError(out)


def _administered_MBq(text: str) -> float:
    from pdcraft.errors import DataError
    from pdcraft.io.units import parse

    value = parse(text, "activity")
    if not 0.0 < value < float("inf"):
        raise DataError(
            f"--activity '{text}': an administered activity is above zero; leave --activity out "
            "for doses per MBq"
        )
    return value


def _with_lesions(
    body: Body, fractions: BodyFractions, texts: list[str], seed: int, threads: int | None
) -> tuple[Body, BodyFractions]:
    if not texts:
        return body, fractions
    from pdcraft.cli.lesions import lesion_of
    from pdcraft.dosimetry.phantom import with_lesions

    lesions = [lesion_of(text, body) for text in texts]
    with progress_bar("lesions") as report:
        report(0.0, compiling())
        return with_lesions(body, fractions, lesions, seed=seed, threads=threads, progress=report)


def _dose(S: OrganS, table: TiacTable, sd_g: dict[str, float], draws: int, seed: int) -> OrganDose:
    """Doses of the file's sources: draws where the file or the masses have a spread."""
    from pdcraft.dosimetry.organ_dose import organ_dose as dose_of
    from pdcraft.dosimetry.tiac_draws import drawn_masses, drawn_tiac
    from pdcraft.errors import DataError

    n = len(next(iter(table.tiac_h.values())))
    spread = any(sd > 0.0 for sd in (*table.sd_h.values(), *sd_g.values()))
    try:
        tiac: Any = table.tiac_h
        if n == 1 and spread:
            n, tiac = draws, drawn_tiac(S, table.tiac_h, table.sd_h, draws, seed)
        mean_g = dict(zip(S.targets, S.target_mass_g.tolist(), strict=True))
        return dose_of(S, tiac, drawn_masses(mean_g, sd_g, n, seed))
    except DataError as error:
        raise table.located(error) from None


def _effective(dose: OrganDose, values: Any) -> tuple[EffectiveDose | None, list[str]]:
    """Effective dose with the other adult; None, and why, for other bodies."""
    from pdcraft.dosimetry.effective_dose import (
        ADULTS,
        ALPHA_WORDS,
        effective_dose,
        emits_alpha,
        tiac_of_adult,
    )
    from pdcraft.dosimetry.organ_dose import organ_dose as dose_of
    from pdcraft.dosimetry.phantom import phantom as phantom_of

    if dose.S.body not in ADULTS.values():
        return None, [f"effective dose is of the two adults; there is none of {dose.S.body}"]
    if emits_alpha(dose.S):
        return None, [f"effective dose: {ALPHA_WORDS.format(dose.S.nuclide)}"]
    is_male = dose.S.body == ADULTS["male"]
    other = values(*phantom_of(ADULTS["female" if is_male else "male"]))
    tiac, moved = tiac_of_adult(other, dose.tiac_h)
    notes = [
        f"effective dose: {other.body} has no {name}; its hours are in the remainder there"
        for name in moved
    ]
    both = (dose, dose_of(other, tiac))
    return effective_dose(*(both if is_male else both[::-1])), notes
