"""The virtual phantom of the fluorescence-guidance guideline: nine tests measured on images."""

from pdcraft.optics.phantom.suite import PhantomLight, guideline_phantom

__all__ = ["PhantomLight", "guideline_phantom"]
