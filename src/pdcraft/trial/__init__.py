"""Trials: designs for finding a dose and for testing one, and what they do when they are run.

Dose escalation by rules and intervals (3+3, BOIN, Keyboard, mTPI-2, i3+3, a user's own table) is
a `DecisionTable` with a selection; `simulate` runs any `Design` over many trials at once.
"""
