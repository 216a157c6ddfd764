"""Structures: compose carrier, linker and payload; describe, draw and vary them; the catalogue."""

from pdcraft.chemistry.agents import agents, catalogue_agent, citations, entry
from pdcraft.chemistry.compose import compose, conjugate_from_smiles
from pdcraft.chemistry.descriptors import Descriptors, descriptors
from pdcraft.chemistry.picture import png, svg, write_picture
from pdcraft.chemistry.series import Member, aryl_carrier, series

__all__ = [
    "Descriptors",
    "Member",
    "agents",
    "aryl_carrier",
    "catalogue_agent",
    "citations",
    "compose",
    "conjugate_from_smiles",
    "descriptors",
    "entry",
    "png",
    "series",
    "svg",
    "write_picture",
]
