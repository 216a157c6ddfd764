"""Tables of light: chromophores, tissues, dyes, cameras; each states its range and its source."""
