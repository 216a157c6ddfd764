"""Optics in a study: the dye in a scene's regions, or in cells of a dish, and what is seen."""
