"""``pdcraft design NAME``: decision tables, boundaries and fits of trial designs.

The commands lie in the modules named here, each with ``COMMANDS``: name to function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

import typer

__all__ = ["design_group"]

_PARTS = ("design_interval", "design_rules", "design_model", "design_phase2")


def design_group() -> typer.Typer:
    """Make the group of commands."""
    out = typer.Typer(
        name="design", no_args_is_help=True, help="Designs of trials: tables, boundaries, fits."
    )
    for part in _PARTS:
        module = f"pdcraft.cli.{part}"
        if find_spec(module) is None:
            continue
        commands: Mapping[str, Callable[..., None]] = import_module(module).COMMANDS
        for name, command in commands.items():
            out.command(name)(command)
    return out
