"""Sweep of a study: payloads, members of a series or agents beside each other."""
