"""Stages joined for one purpose each, for use from Python and from studies."""
