"""Virtual xenografts: growth fits, draws of models and animals, treatment and measurement."""
