"""The view kinds of Halftone: options, plans, and the lattice they lie on."""

import sys

from halftone_views.base import (
    View,
    kind_schemas,
    kinds,
    kinds_hash,
    options_json,
    scan,
    validate_options,
)
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
from halftone_views.plan import ENGINE_REVISION, Resolved, piece_id, planes_of, resolve

__all__ = [
    "ENGINE_REVISION",
    "TILE",
    "Address",
    "Choice",
    "Column",
    "ColumnInfo",
    "ColumnType",
    "Extent",
    "Resolved",
    "Table",
    "View",
    "Viewport",
    "block_of",
    "extent_of",
    "kind_schemas",
    "kinds",
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

scan(sys.modules[__name__])
