"""The shared words: values with kind, draws and subjects, that every stage speaks.

Imports numpy only. See ``quantity``, ``estimate``, ``timecourse``, ``cohort``, ``grid``,
``conjugate``, ``anatomy`` and ``run``.
"""
