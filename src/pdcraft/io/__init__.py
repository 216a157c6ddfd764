"""Reading and writing: text with units, tables, the result store.

`to_pandas` and `to_xarray` copy values into what analysts use; neither library is loaded before.
"""

from pdcraft.io.frames import to_pandas, to_xarray

__all__ = ["to_pandas", "to_xarray"]
