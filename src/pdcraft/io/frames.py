"""Values as pandas tables and xarray arrays, for analysts: copies that carry no meaning back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.cohort import Cohort
from pdcraft.core.estimate import Estimate
from pdcraft.core.grid import Field
from pdcraft.core.run import Run
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError
from pdcraft.io.store import row_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_pandas", "to_xarray"]


def to_pandas(value: Run | Estimate | Cohort | TimeCourse) -> pd.DataFrame:
    """Copy a value into a long table, one number a line, its unit in the column's name.

    Parameters
    ----------
    value : Run, Estimate, Cohort or TimeCourse
        A run gives its results, a cohort its attributes with each draw's outcomes. Of a time
        course in terms, the terms; of a curve, its values.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    DataError
        For another type.
    """
    import pandas as pd

    if isinstance(value, Run):
        return pd.DataFrame([row_columns(r) for r in value.results])
    if isinstance(value, Estimate):
        return _long(value.values, _labels(value), f"{value.quantity.key}_{_word(value)}")
    if isinstance(value, Cohort):
        draws = next((c.shape[0] for c in value.outcomes.values()), 1)
        columns: dict[str, Any] = {
            "draw": np.repeat(np.arange(draws), len(value.subjects)),
            "subject": list(value.subjects) * draws,
        }
        columns |= {name: np.tile(column, draws) for name, column in value.attributes.items()}
        columns |= {name: column.ravel() for name, column in value.outcomes.items()}
        return pd.DataFrame(columns)
    if isinstance(value, TimeCourse):  # pyright: ignore[reportUnnecessaryIsInstance]
        return _course(value)
    raise DataError(
        f"to_pandas takes a Run, Estimate, Cohort or TimeCourse, not {type(value).__name__}"
    )


def to_xarray(value: Field | Estimate) -> Any:
    """Copy a map or an estimate into a labeled array.

    Attributes of an xarray survive arithmetic: after ``a * a`` its ``units`` are wrong. Compute
    with the value, copy the outcome.

    Parameters
    ----------
    value : Field or Estimate
        Of a field on an oblique grid, the axes are voxel indices; otherwise RAS+ mm.

    Returns
    -------
    xarray.DataArray or xarray.Dataset
        A dataset with ``std_err`` where the field has it.

    Raises
    ------
    DataError
        Without xarray, which ``pip install "pdcraft[xarray]"`` brings; for another type.
    """
    try:
        import xarray as xr
    except ModuleNotFoundError as missing:
        raise DataError(
            'to_xarray needs xarray, which is not installed: pip install "pdcraft[xarray]"'
        ) from missing
    if isinstance(value, Estimate):
        labels = _labels(value)
        return xr.DataArray(
            np.array(value.values),
            coords=labels,
            dims=list(labels),
            name=value.quantity.key,
            attrs={"units": value.quantity.unit, "long_name": value.quantity.name},
        )
    if not isinstance(value, Field):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(f"to_xarray takes a Field or an Estimate, not {type(value).__name__}")
    names, coords = _axes_of(value)
    attributes = {"units": value.quantity.unit, "long_name": value.quantity.name}
    arrays = {value.quantity.key: (names, np.array(value.values), attributes)}
    if value.std_err is not None:
        arrays["std_err"] = (names, np.array(value.std_err), {"units": value.quantity.unit})
    return xr.Dataset(arrays, coords=coords, attrs={"affine": value.grid.affine.ravel().tolist()})


def _word(value: Estimate | TimeCourse) -> str:
    """Return the unit as the end of a column's name: mGy/MBq -> mGy_per_MBq."""
    unit = value.quantity.unit
    return "fraction" if unit == "1" else unit.replace("/", "_per_").replace(" ", "_")


def _labels(value: Estimate) -> dict[str, Any]:
    known = {"region": ("region", list(value.regions)), "time": ("time_h", list(value.times_h))}
    out: dict[str, Any] = {}
    for axis, n in zip(value.axes, value.values.shape, strict=True):
        name, labels = known.get(axis, (axis, list(range(n))))
        out[name] = labels
    return out


def _long(values: Any, labels: dict[str, Any], name: str) -> pd.DataFrame:
    import pandas as pd

    if not labels:
        return pd.DataFrame({name: [float(values)]})
    index = pd.MultiIndex.from_product(list(labels.values()), names=list(labels))
    return pd.DataFrame({name: np.ravel(values)}, index=index).reset_index()


def _course(course: TimeCourse) -> pd.DataFrame:
    name = f"{course.quantity.key}_{_word(course)}"
    if course.values is not None and course.times_h is not None:
        draws, subjects = course.values.shape[:2]
        labels = {"draw": range(draws), "subject": range(subjects), "region": course.regions}
        return _long(course.values, {**labels, "time_h": course.times_h}, name)
    if course.coefficients is None or course.rates_per_h is None:
        raise DataError("a time course needs coefficients or values")
    draws, subjects, _, terms = course.coefficients.shape
    labels = {"draw": range(draws), "subject": range(subjects), "region": course.regions}
    table = _long(course.coefficients, {**labels, "term": range(terms)}, name)
    return table.assign(rate_per_h=course.rates_per_h.ravel())


def _axes_of(field: Field) -> tuple[tuple[str, ...], dict[str, Any]]:
    affine = field.grid.affine
    straight = np.allclose(affine[:3, :3], np.diag(np.diag(affine[:3, :3])), rtol=0, atol=1e-9)
    if not straight:
        names = ("i", "j", "k")
        sizes = zip(names, field.grid.shape, strict=True)
        return names, {name: np.arange(n) for name, n in sizes}
    names = ("x_mm", "y_mm", "z_mm")
    steps = [(affine[a, 3], affine[a, a], n) for a, n in enumerate(field.grid.shape)]
    axes = [start + step * np.arange(n) for start, step, n in steps]
    return names, dict(zip(names, axes, strict=True))
