"""A study: one TOML file, read with all its faults at once, run stage by stage into a `Run`."""
