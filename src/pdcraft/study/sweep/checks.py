"""Faults of a study's sweep that no single field shows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pdcraft.data.catalogue import agent_record
from pdcraft.data.optics.tissues import tissue_row
from pdcraft.errors import Problem
from pdcraft.study.payload_checks import comparison_problems
from pdcraft.study.sweep.payloads import kinds_of

if TYPE_CHECKING:
    from pdcraft.io.toml_lines import TomlFile
    from pdcraft.study.model import StudyFile
    from pdcraft.study.sweep.table import Sweep

__all__ = ["sweep_problems"]

HERE = "sweep"


def sweep_problems(study: StudyFile, file: TomlFile) -> list[Problem]:
    """List what is missing or unknown."""
    said = study.sweep
    assert said is not None
    out: list[Problem] = []
    names: list[str] = []
    for i, name in enumerate(said.payloads):
        unknown = file.refused((HERE, "payloads", i), lambda one: kinds_of([one]), name)
        out += unknown
        names += [] if unknown else [name]
    kinds = kinds_of(names)
    if said.payloads:
        out += comparison_problems(study, file, HERE, "payloads")
    if kinds.dyes and said.dye_amount is None:
        hint = 'dye_amount = "5 umol": autofluorescence does not scale with it'
        out.append(file.problem((HERE,), "dyes need the amount that is given", hint))
    if kinds.drugs and said.linker is None:
        hint = "add [sweep.linker] with plasma, tissue and tumor, as in [exposure.linker]"
        out.append(file.problem((HERE,), "a drug needs a linker to come off", hint))
    if kinds.drugs and said.linker is not None and said.linker.plasma_saturates_at is not None:
        hint = "leave plasma_saturates_at out"
        out.append(
            file.problem((HERE, "linker"), "an index needs rates that do not saturate", hint)
        )
    out += _agents(said, file)
    if kinds.dyes:
        out += file.refused((HERE, "tissue"), tissue_row, said.tissue)
    return out


def _agents(said: Sweep, file: TomlFile) -> list[Problem]:
    out: list[Problem] = []
    for i, name in enumerate(said.agents):
        out += file.refused((HERE, "agents", i), agent_record, name)
    if said.agents and said.at is None:
        hint = 'at = "2026-11-21"'
        out.append(file.problem((HERE,), "agents need the day from which days count", hint))
    if said.at is not None:
        try:
            date.fromisoformat(said.at)
        except ValueError:
            out.append(file.problem((HERE, "at"), f"'{said.at}' is no day", "YYYY-MM-DD", said.at))
    return out
