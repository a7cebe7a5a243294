"""Option types and the merge of patches."""

import pytest
from halftone_views.options import Choice, Column, merge_patch


def test_a_column_tells_what_it_accepts() -> None:
    assert Column(("category",)).schema() == {"type": ["string", "null"], "x-halftone-column": "category"}
    assert Column(("category",), labelled=True).schema()["x-halftone-labelled"] is True
    assert Column(("number", "time")).schema()["x-halftone-column"] == ["number", "time"]


def test_a_choice_lists_its_words_in_order() -> None:
    schema = Choice({"b": "Bee", "a": "Ay"}, default="a").schema()
    assert schema == {"type": "string", "enum": ["b", "a"], "x-halftone-labels": {"b": "Bee", "a": "Ay"}}
    assert Choice({"a": "Ay"}, scales=True).schema()["x-halftone-scale"] is True


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [
        # The examples of RFC 7396, appendix A, whose patch is an object.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_patches_merge_as_rfc_7396_says(target: object, patch: dict[str, object], merged: dict[str, object]) -> None:
    before = repr(target)
    assert merge_patch(target, patch) == merged
    assert repr(target) == before
