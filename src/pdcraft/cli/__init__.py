"""The command line: ``pdcraft COMMAND``. One file a command; nothing heavy is imported here.

Exit status: 0; 2 for bad input; 1 for anything else. With ``--json``, standard output holds one
document and nothing else, also when the input was bad (``pdcraft.error/1``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pdcraft import __version__
from pdcraft.cli.agents import agents
from pdcraft.cli.bench import bench
from pdcraft.cli.cell import cell
from pdcraft.cli.cite import cite
from pdcraft.cli.compose import compose
from pdcraft.cli.design import design_group
from pdcraft.cli.fit import fit
from pdcraft.cli.image import image
from pdcraft.cli.indications import indications
from pdcraft.cli.kernel import kernel
from pdcraft.cli.new import new
from pdcraft.cli.organ_dose import organ_dose
from pdcraft.cli.response import response
from pdcraft.cli.run import run
from pdcraft.cli.simulate_trial import simulate_trial
from pdcraft.cli.sphere import sphere
from pdcraft.cli.validate import validate
from pdcraft.cli.voxel_dose import voxel_dose
from pdcraft.errors import PdcraftError, Problem

__all__ = ["app", "main"]

_COMMANDS: tuple[Callable[..., None], ...] = (
    run,
    new,
    cite,
    agents,
    indications,
    compose,
    fit,
    sphere,
    cell,
    kernel,
    voxel_dose,
    organ_dose,
    image,
    simulate_trial,
    bench,
    validate,
)

_OWN_FILES = str(Path(__file__).parents[1] / "data")  # a fault there is ours
_STOPPED = 130  # of the option parser, after Ctrl-C


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"pdcraft {__version__}\n")
        raise typer.Exit


def _callback(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take a phospholipid drug conjugate from structure to kinetics, dose and report.

    Research software. Not a medical device; not for diagnosis, treatment planning or activity
    prescription.
    """


def _app() -> typer.Typer:
    out = typer.Typer(
        name="pdcraft",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    out.callback()(_callback)
    for command in _COMMANDS:
        out.command(command.__name__.replace("_", "-"))(command)
    out.add_typer(response)
    out.add_typer(design_group())
    return out


app = _app()


def _bad_input(problems: Sequence[Problem], text: str, as_json: bool) -> int:
    if as_json:
        keys = ("file", "line", "key", "value", "message", "hint")
        errors: list[dict[str, Any]] = [{k: getattr(p, k) for k in keys} for p in problems]
        document = {"schema": "pdcraft.error/1", "errors": errors}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        sys.stderr.write(f"pdcraft: {text}\n")
    return 2


def run_app(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit status."""
    as_json = "--json" in arguments
    try:
        code = app(list(arguments), prog_name="pdcraft", standalone_mode=False)
    except PdcraftError as error:
        return _bad_input(error.problems, str(error), as_json)
    except OSError as error:  # a path of the user's that is a folder, not readable, full ...
        if error.filename is None or str(error.filename).startswith(_OWN_FILES):
            raise
        message = f"cannot be read or written ({error.strerror}); check the path"
        problem = Problem(message, file=str(error.filename))
        return _bad_input([problem], f"{error.filename} {message}", as_json)
    except (typer.Abort, KeyboardInterrupt):
        code = _STOPPED
    except Exception as error:
        if not hasattr(error, "format_message"):  # usage errors of the option parser have it
            raise
        message = str(error.format_message())  # pyright: ignore[reportAttributeAccessIssue]
        return _bad_input([Problem(message, hint="see pdcraft --help")], message, as_json)
    if code == _STOPPED:  # also what the option parser makes of Ctrl-C
        kept = "; former results kept" if "run" in arguments[:1] else ""
        sys.stderr.write(f"pdcraft: stopped{kept}\n")
        return 1
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry point of ``pdcraft``."""
    raise SystemExit(run_app(sys.argv[1:]))
