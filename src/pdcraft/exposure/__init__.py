"""Release of a cytotoxic payload from its carrier, and the free drug that follows."""
