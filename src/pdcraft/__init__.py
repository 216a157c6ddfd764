"""pdcraft: phospholipid drug conjugates from structure to dose, image, response and trial.

Importing the package loads nothing else; the stages are sub-packages (``pdcraft.chemistry``,
``pdcraft.kinetics``, ``pdcraft.dosimetry`` ...), joined by ``pdcraft.study``.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
