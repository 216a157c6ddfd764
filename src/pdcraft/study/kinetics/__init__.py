"""Kinetics in a study: time courses from the calibrated carrier or from measured data."""
