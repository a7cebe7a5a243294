"""How Datashader puts a value into a cell of a free viewport: both engines do it its way."""

import datashader as ds

AXIS = ds.Canvas().x_axis

Range = tuple[float, float]


def scale_and_translate(bounds: Range, cells: int) -> tuple[float, float]:
    """(s, t) of an axis of that many cells: Datashader puts a value into the cell int(value · s + t)."""
    scale, translate = AXIS.compute_scale_and_translate(bounds, cells)
    return float(scale), float(translate)
