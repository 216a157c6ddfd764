"""Population kinetics: non-linear mixed effects."""
