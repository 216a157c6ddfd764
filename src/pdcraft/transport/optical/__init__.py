"""Light in tissue: Monte Carlo with real anisotropy and exact surfaces, adjoints, diffusion.

Lengths are in mm, coefficients per mm. x and y are lateral with the origin at the domain's center;
z = 0 is the flat surface, +z leads into the tissue, cameras and lamps are at negative z. Nothing
here knows tissues, dyes or sensors: numbers come in, numbers with standard errors go out.
"""
