"""The view kinds of Halftone: options, plans, and the lattice they lie on."""

import importlib
from pkgutil import extend_path

from halftone_views.columns import ColumnInfo, ColumnType, Table
from halftone_views.lattice import (
    TILE,
    Address,
    Extent,
    Viewport,
    block_of,
    extent_of,
    level_for,
    tiles_for,
    validate_viewport,
)
from halftone_views.options import Choice, Column, merge_patch
from halftone_views.plan import ENGINE_REVISION, PlannedView, Resolved, columns_of, piece_id, planes_of, resolve
from halftone_views.registry import kind_names, kind_schemas, kinds_hash, scan, validate_options
from halftone_views.view import View, options_json

__all__ = [
    "ENGINE_REVISION",
    "TILE",
    "Address",
    "Choice",
    "Column",
    "ColumnInfo",
    "ColumnType",
    "Extent",
    "PlannedView",
    "Resolved",
    "Table",
    "View",
    "Viewport",
    "block_of",
    "columns_of",
    "extent_of",
    "kind_names",
    "kind_schemas",
    "kinds_hash",
    "level_for",
    "merge_patch",
    "options_json",
    "piece_id",
    "planes_of",
    "resolve",
    "scan",
    "tiles_for",
    "validate_options",
    "validate_viewport",
]

# A folder of this name elsewhere on the path adds kinds, glyphs and reductions.
__path__ = extend_path(__path__, __name__)

scan(importlib.import_module(f"{__name__}.kinds"))
