"""Dosimetry in a study: doses of regions in the host's body or as spheres, row by row."""
