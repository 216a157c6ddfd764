"""Options of the commands that transport radiation or read tables of it, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

__all__ = [
    "DeviceOption",
    "IdleThreadsOption",
    "NuclideOption",
    "ProgenyOption",
    "SpectraOption",
    "StayOption",
    "ThreadsOption",
    "WaterIOption",
    "WorkersOption",
    "parse_stay",
    "refuse_explicit",
    "require_cpu",
    "require_device",
    "require_precision",
    "require_water_I",
    "stay_words",
]

NuclideOption = Annotated[str, typer.Option("--nuclide", help="For instance I-131.")]
ProgenyOption = Annotated[
    str | None, typer.Option("--progeny", help="none, prompt or equilibrium.")
]
SpectraOption = Annotated[str, typer.Option("--spectra", help="own or icrp107.")]
StayOption = Annotated[
    str | None,
    typer.Option("--stay", help="Share of daughters that stays: 0.5, or Bi-213=0.3,Pb-209=0."),
]
WaterIOption = Annotated[
    float, typer.Option("--water-I", help="Mean excitation energy of water, 78 or 75 eV.")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", help="All processors without it.", min=1)
]
IdleThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", help="No effect: this command computes in one thread.", min=1),
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", help="No effect: one process, whose work threads share.", min=1),
]
DeviceOption = Annotated[str, typer.Option("--device", help="cpu.")]


def refuse_explicit(progeny: str | None, nuclide: str, words: str) -> None:
    """Refuse ``--progeny explicit`` where a command takes one source.

    Parameters
    ----------
    progeny, nuclide : str
        As asked.
    words : str
        What to do instead; ``{members}`` stands for the names of the chain.

    Raises
    ------
    DataError
        If it was asked.
    """
    if progeny == "explicit":
        from pdcraft.data.chains import chain
        from pdcraft.errors import DataError

        members = " and ".join(m.name for m in chain(nuclide))
        raise DataError(f"--progeny explicit: {words.format(members=members)}")


def require_cpu(device: str) -> None:
    """Refuse another device than the CPU, where the command knows none.

    Raises
    ------
    DataError
        For any other.
    """
    if device != "cpu":
        from pdcraft.errors import DataError

        raise DataError(
            f"--device: '{device}' is not available here: this command computes on the CPU; "
            "NVIDIA cards run voxel-dose. Leave the option out"
        )


def require_device(device: str) -> None:
    """Refuse a device that is not there: ``cpu``, or ``cuda`` with a card and what it needs.

    Raises
    ------
    DataError
        For another name, or naming what lacks for a card.
    """
    from pdcraft.errors import DataError

    if device not in ("cpu", "cuda"):
        raise DataError(f"--device: '{device}' is not one of cpu, cuda")
    if device == "cuda":
        from pdcraft.transport.gpu import require_card

        require_card()


def require_precision(precision: float | None) -> None:
    """Refuse what is no relative standard error.

    Raises
    ------
    DataError
        For zero, less, and NaN.
    """
    if precision is not None and not precision > 0.0:
        from pdcraft.errors import DataError

        raise DataError(
            f"--precision: {precision:g} is no relative standard error; give a share above 0, "
            "for instance 0.01"
        )


def parse_stay(text: str | None) -> dict[str, float] | float:
    """Read ``--stay``: one share for all daughters, or shares of named ones.

    Raises
    ------
    DataError
        If it is neither, or a share is not from 0 to 1.

    Examples
    --------
    >>> parse_stay("0.5"), parse_stay("Bi-213=0.3, Pb-209=0"), parse_stay(None)
    (0.5, {'Bi-213': 0.3, 'Pb-209': 0.0}, 1.0)
    """
    if text is None:
        return 1.0
    try:
        if "=" in text:
            pairs = (part.split("=") for part in text.split(","))
            out = {name.strip(): float(share) for name, share in pairs}
        else:
            out = float(text)
    except ValueError:
        out = None
    shares = out.values() if isinstance(out, dict) else (out,)
    if out is None or not all(share is not None and 0.0 <= share <= 1.0 for share in shares):
        from pdcraft.errors import DataError

        raise DataError(
            f"--stay '{text}': give one share from 0 to 1 for all daughters, 0.5, or one for each "
            "that does not stay whole, Bi-213=0.3,Pb-209=0"
        )
    return out


def stay_words(stay: Mapping[str, float] | float) -> str:
    """Say where daughters decay, as the assumption that it is.

    Examples
    --------
    >>> stay_words({"Bi-213": 0.3})
    'assumed: 30% of the atoms of Bi-213 decay where they were formed, with all that follows'
    """
    if stay == 1.0:
        return "assumed: every daughter that is counted decays where it was formed"
    which = stay if isinstance(stay, Mapping) else {"each daughter": stay}
    said = ", ".join(f"{100 * share:.4g}% of the atoms of {name}" for name, share in which.items())
    return f"assumed: {said} decay where they were formed, with all that follows"


def require_water_I(water_I_eV: float) -> None:
    """Refuse another mean excitation energy of water than 75 and 78 eV.

    Raises
    ------
    DataError
        For any other.
    """
    if water_I_eV not in (75.0, 78.0):
        from pdcraft.errors import DataError

        raise DataError(f"--water-I: {water_I_eV:g} eV is not one of 75 (ICRU 37) and 78 (ICRU 90)")
