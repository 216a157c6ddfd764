"""The shared words: values with kind, draws and subjects, that every stage speaks.

Numbers: ``quantity``, ``estimate``, ``timecourse``, ``dose_rate``, ``cohort``. Space: ``grid``,
``resample``, ``anatomy``, ``body``, ``body_fractions``, ``material``. The molecule: ``conjugate``.
Names: ``names``, ``regions``. What a run gives: ``run``. Imports numpy; scipy inside functions.
"""
