"""One view drawn for a service: planned here, with the same code as the gateway, and finished as a file."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from google.protobuf import json_format
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.plan import Resolved, resolve
from halftone_views.registry import validate_options
from halftone_wire import decode_piece, finish, half_interval

from halftone_compute.render.job import RenderJob, job_from_view, table_of
from halftone_compute.serve.bars import bars
from halftone_compute.serve.lines import lines
from halftone_compute.serve.shade import check_style, png

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.struct_pb2 import Struct, Value
    from halftone_servicekit.tokens import Grant
    from halftone_views.view import Renderer
    from halftone_wire import Plane

    from halftone_compute.store.base import OpenVersion

CHUNK_BYTES = 1 << 20
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
_FORMATS = (compute_pb2.DRAW_FORMAT_PIECES, compute_pb2.DRAW_FORMAT_PNG, compute_pb2.DRAW_FORMAT_NPY)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A checked DrawRequest. `resolved` says what the picture shows."""

    job: RenderJob
    resolved: Resolved
    format: compute_pb2.DrawFormat.ValueType
    colormap: str
    normalisation: str
    renderer: Renderer

    def file(self, encoded: bytes) -> bytes:
        """The PNG or NPY file of the one piece of this drawing."""
        quantity, planes = self.resolved.quantity, decode_piece(encoded).planes
        if self.format == compute_pb2.DRAW_FORMAT_PNG and self.renderer == "lines":
            return lines(quantity, _widened(planes, self.resolved), self.resolved.viewport.height, self.colormap)
        if self.format == compute_pb2.DRAW_FORMAT_PNG:
            # Colours tell no number to its last digit.
            grid = _sized(finish(quantity, planes, rounded=True), self.resolved)
            holds_places = quantity.finisher == frame_pb2.FINISHER_MODE
            if self.resolved.y is not None:
                return png(grid, self.colormap, self.normalisation, holds_places=holds_places)
            half = half_interval(quantity, planes)
            errors = None if half is None else _in_the_middle(half, self.resolved)
            return bars(grid, self.colormap, self.normalisation, holds_places=holds_places, errors=errors)
        grid = finish(quantity, planes)
        buffer = io.BytesIO()
        np.save(buffer, grid, allow_pickle=False)
        return buffer.getvalue()

    def last(self, receipt: frame_pb2.Receipt) -> compute_pb2.DrawReply:
        """The last reply: the receipt, and what the picture shows."""
        shown = self.resolved
        return compute_pb2.DrawReply(receipt=receipt, quantity=shown.quantity, x=shown.x, y=shown.y)


def drawing(request: compute_pb2.DrawRequest, grant: Grant, version: OpenVersion) -> Drawing:
    """Raises the HalftoneError of what is wrong, with its field."""
    if request.format not in _FORMATS:
        raise HalftoneError(ErrorCode.PARAM_INVALID, field="format")
    colormap, normalisation = check_style(request.colormap, request.normalisation)
    view = validate_options(request.kind, _plain(request.options))
    table = table_of(version)
    viewport = frame_pb2.Viewport()
    viewport.CopyFrom(request.viewport)
    if request.format != compute_pb2.DRAW_FORMAT_PIECES:
        # A file has the very extent and size that were asked for.
        viewport.exact_viewport = True
    resolved = resolve(view, table, viewport, grant.policy_hash)
    return Drawing(
        job_from_view(resolved, grant, version), resolved, request.format, colormap, normalisation, view.renderer
    )


def _sized(grid: np.ndarray, resolved: Resolved) -> np.ndarray:
    """A grid in the size that was asked for: where an axis has steps, each of them is as long as there is room."""
    asked, whole = resolved.viewport, resolved.whole
    if whole.width != asked.width:
        grid = grid[:, np.arange(asked.width) * whole.width // asked.width]
    if resolved.y is not None and whole.height != asked.height:
        grid = grid[np.arange(asked.height) * whole.height // asked.height]
    return grid


def _in_the_middle(row: np.ndarray, resolved: Resolved) -> np.ndarray:
    """Numbers of bars in the width that was asked for, each at the middle of its bar; NaN elsewhere."""
    asked, whole = resolved.viewport.width, resolved.whole.width
    first, behind = (np.searchsorted(np.arange(asked) * whole // asked, np.arange(whole), side) for side in _SIDES)
    made = np.full((1, asked, *row.shape[2:]), np.nan)
    made[:, ((first + behind - 1) // 2)[first < behind]] = row[:, first < behind]
    return made


def _widened(planes: Sequence[Plane], resolved: Resolved) -> list[Plane]:
    """Planes one cell high in the width that was asked for: each step of an axis is as long as there is room."""
    asked, whole = resolved.viewport.width, resolved.whole.width
    if whole == asked:
        return list(planes)
    at = np.arange(asked) * whole // asked
    return [replace(plane, cells=plane.cells[:, at]) for plane in planes]


def chunks(file: bytes) -> Iterator[bytes]:
    """Slices of at most 1 MiB, in order."""
    for start in range(0, len(file), CHUNK_BYTES):
        yield file[start : start + CHUNK_BYTES]


def _plain(options: Struct) -> dict[str, object]:
    """The options as plain values. Raises `param_invalid` for NaN and infinities, which JSON has none of."""
    for name, value in options.fields.items():
        if not _is_finite(value):
            raise HalftoneError(ErrorCode.PARAM_INVALID, "Numbers must be finite.", name[:64])
    return dict(json_format.MessageToDict(options))


def _is_finite(value: Value) -> bool:
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        return math.isfinite(value.number_value)
    if kind == "struct_value":
        return all(_is_finite(inner) for inner in value.struct_value.fields.values())
    if kind == "list_value":
        return all(_is_finite(inner) for inner in value.list_value.values)
    return kind is not None
