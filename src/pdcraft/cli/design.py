"""``pdcraft design NAME``: decision tables, boundaries and fits of trial designs.

Each of the modules named here has ``COMMANDS``: name to function.
"""

from __future__ import annotations

import typer

from pdcraft.cli import (
    design_interval,
    design_model,
    design_optimization,
    design_phase2,
    design_rules,
)

__all__ = ["design_group"]

_PARTS = (design_interval, design_rules, design_model, design_optimization, design_phase2)


def design_group() -> typer.Typer:
    """Make the group of commands."""
    out = typer.Typer(
        name="design", no_args_is_help=True, help="Designs of trials: tables, boundaries, fits."
    )
    for part in _PARTS:
        for name, command in part.COMMANDS.items():
            out.command(name)(command)
    return out
