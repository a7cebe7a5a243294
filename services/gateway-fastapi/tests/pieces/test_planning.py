"""From options and viewport to pieces."""

from dataclasses import replace

import pytest
from gateway_rig.auth import COLUMNS
from gateway_rig.client import viewport
from gateway_rig.pure import access
from google.protobuf.struct_pb2 import Struct
from halftone_gateway.pieces.planning import extent_of, filled_options, options_of, resolve_view, whole_extent_of
from halftone_servicekit.errors import HalftoneError
from halftone_views import columns_of, validate_options

VIEW = validate_options("points", {"x": "distance", "y": "delay", "reduction": "mean", "value": "delay"})


def test_a_plan_reads_the_columns_it_names() -> None:
    planned = resolve_view(VIEW, access(), viewport(0, 1024, 0, 1024))
    assert columns_of(planned.plan) == ["distance", "delay", "delay"]
    assert len(planned.piece_ids) == 4


def test_a_column_outside_the_grant_does_not_exist() -> None:
    with pytest.raises(HalftoneError) as refused:
        resolve_view(VIEW, access(columns=frozenset({"distance"})), viewport(0, 1, 0, 1))
    assert refused.value.code == "unknown_column"


def test_rows_of_another_policy_are_other_pieces() -> None:
    place = viewport(0, 1024, 0, 1024)
    ours, theirs = (resolve_view(VIEW, access(policy=policy), place).piece_ids for policy in "ab")
    assert not set(ours) & set(theirs)


def test_options_are_plain_values() -> None:
    struct = Struct()
    struct.update({"a": None, "b": [1, {"c": "d"}], "e": True})
    struct.fields["f"].Clear()
    assert options_of(struct) == {"a": None, "b": [1, {"c": "d"}], "e": True, "f": None}


def test_what_is_chosen_by_default_is_filled_in() -> None:
    filled = filled_options(validate_options("points", {}), access())
    assert (filled["x"], filled["y"], filled["reduction"]) == ("distance", "delay", "count")
    assert extent_of(VIEW, access()).x1 > 1024


def test_a_view_opens_with_nearly_all_of_the_data() -> None:
    shown = tuple(replace(column, typical_max=100.0) for column in COLUMNS)
    assert extent_of(VIEW, access(shown=shown)).x1 == pytest.approx(100)
    assert whole_extent_of(VIEW, access(shown=shown)).x1 == pytest.approx(1024)
