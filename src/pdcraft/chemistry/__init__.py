"""Structures: compose carrier, linker and payload; describe, draw and vary them; the catalogue."""

from pdcraft.chemistry.agents import agents, catalogue_agent, citations, entry
from pdcraft.chemistry.compose import compose, conjugate_from_smiles
from pdcraft.chemistry.descriptors import Descriptors, descriptors
from pdcraft.chemistry.picture import png, svg, write_picture

__all__ = [
    "Descriptors",
    "agents",
    "catalogue_agent",
    "citations",
    "compose",
    "conjugate_from_smiles",
    "descriptors",
    "entry",
    "png",
    "svg",
    "write_picture",
]
