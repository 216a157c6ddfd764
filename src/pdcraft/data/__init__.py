"""Packaged tables, each with its source, version and licence, and their loaders."""
