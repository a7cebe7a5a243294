"""Whole numbers as categories."""

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT
from compute_rig.tokens import VERSION
from halftone.v1 import frame_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import job_from_view, table_of
from halftone_compute.render.read.labels import Labels
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.base import Block
from halftone_views.columns import ColumnInfo
from halftone_views.plan import resolve
from halftone_views.registry import validate_options
from halftone_wire import decode_piece


@pytest.mark.parametrize("exact", [False, True])
def test_rows_are_counted_by_the_numbers_of_a_column(exact: bool) -> None:
    values = {"x": np.array([1.0, 2, 3, 4]), "k": np.array([1, 2, 1, 0])}
    valid = {"k": np.array([True, True, True, False])}
    labels = {"k": (("1", 2), ("2", 1), (None, 1))}
    version = MemoryVersion(VERSION, values, valid=valid, labels=labels)
    # The same column is an axis too.
    view = validate_options("points", {"x": "x", "y": "k", "category": "k"})
    viewport = frame_pb2.Viewport(width=8, height=8, exact_viewport=exact)
    pieces: list[bytes] = []
    job = job_from_view(resolve(view, table_of(version), viewport, ""), GRANT, version)
    Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), lambda piece: pieces.append(piece.piece))
    planes = [plane for piece in pieces for plane in decode_piece(piece).planes]
    counts = [sum(int(plane.cells.sum()) for plane in planes if plane.category == code) for code in range(3)]
    assert counts == [2, 1, 0], "the row without a number has no place on y"


def test_codes_are_places_among_the_labels() -> None:
    column = ColumnInfo("k", "number", "int8", 1, 7, categories=(("7", 1), ("-3", 1), (None, 1)))
    labels = Labels.of(column)
    block = labels.added(Block(0, {"k": np.array([-3, 7, 5, 0], np.int8)}, {"k": np.array([True, True, True, False])}))
    assert block.values[labels.name].tolist() == [1, 0, -1, 2]
    assert block.values[labels.name].dtype == np.int32


def test_a_value_without_label_and_a_column_without_values_have_no_code() -> None:
    labels = Labels.of(ColumnInfo("k", "number", "uint64", categories=((None, 2),)))
    block = labels.added(Block(0, {"k": np.array([2**63, 0], np.uint64)}, {}))
    assert block.values[labels.name].tolist() == [-1, -1]
    great = Labels.of(ColumnInfo("k", "number", "uint64", categories=((str(2**63), 2),)))
    assert great.added(Block(0, {"k": np.array([2**63, 0], np.uint64)}, {})).values[great.name].tolist() == [0, -1]
