"""Kinds: found by a scan, validated by name, described by a JSON Schema; and one kind is one file."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import halftone_views
import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_views import registry
from halftone_views.columns import Table
from halftone_views.registry import kind_names, kind_schemas, kinds_hash, register, scan, validate_options
from halftone_views.view import View, options_json

GRADES = '''
"""Grades."""

from typing import ClassVar

import param
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.columns import Table
from halftone_views.lattice import FLAT, Extent
from halftone_views.view import View
from typing_extensions import Self, override


class Grades(View):
    """Made for a test."""

    kind: ClassVar[str] = "grades"
    title: ClassVar[str] = "Grades"

    radius = param.Number(1.5, bounds=(0, 10), inclusive_bounds=(False, True), doc="Size.")
    steps = param.Integer(3, bounds=(1, None), label="How many", doc="Steps.")
    is_open = param.Boolean(False, doc="Whether.")

    @override
    def filled(self, table: Table) -> Self:
        return self

    @override
    def plan(self, table: Table) -> compute_pb2.Plan:
        return compute_pb2.Plan()

    @override
    def quantity(self, table: Table) -> frame_pb2.Quantity:
        return frame_pb2.Quantity()

    @override
    def data_extent(self, table: Table) -> Extent:
        return *FLAT, *FLAT
'''

Package = Callable[[str], ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Makes a package with one kind file, and forgets its kinds afterwards."""
    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    monkeypatch.syspath_prepend(tmp_path)

    def make(source: str) -> ModuleType:
        folder = tmp_path / "more_kinds"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
        (folder / "_private.py").write_text("raise RuntimeError('never imported')", encoding="utf-8")
        (folder / "kind.py").write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module("more_kinds")

    yield make
    for name in [name for name in sys.modules if name.startswith("more_kinds")]:
        del sys.modules[name]


def refused(kind: str, options: dict[str, object]) -> tuple[str, str]:
    with pytest.raises(HalftoneError) as caught:
        validate_options(kind, options)
    return caught.value.code.value, caught.value.field


def test_the_kinds_of_the_package_are_found() -> None:
    assert kind_names() == ("bars", "heatmap", "histogram", "line", "points")
    assert list(kind_schemas()) == list(kind_names())


def test_a_kind_is_one_file(package: Package, table: Table) -> None:
    before = kinds_hash()
    scan(package(GRADES))
    assert kind_names() == ("bars", "grades", "heatmap", "histogram", "line", "points")
    assert kinds_hash() != before
    assert kind_schemas()["grades"] == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Grades",
        "description": "Made for a test.",
        "x-halftone-renderer": "grid",
        "properties": {
            "radius": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 10,
                "title": "Radius",
                "description": "Size.",
                "default": 1.5,
            },
            "steps": {"type": "integer", "minimum": 1, "title": "How many", "description": "Steps.", "default": 3},
            "is_open": {"type": "boolean", "title": "Is open", "description": "Whether.", "default": False},
        },
        "additionalProperties": False,
    }
    view = validate_options("grades", {"steps": 4.0})
    assert options_json(view) == {"radius": 1.5, "steps": 4, "is_open": False}
    assert options_json(view, table) == options_json(view)
    # A second scan finds the same kind, not another one.
    scan(sys.modules["more_kinds"])


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"radius": 11}, "param_out_of_range", "radius"),
        ({"radius": 0}, "param_out_of_range", "radius"),
        ({"radius": float("inf")}, "param_out_of_range", "radius"),
        ({"radius": float("nan")}, "param_invalid", "radius"),
        ({"radius": True}, "param_invalid", "radius"),
        ({"radius": "2"}, "param_invalid", "radius"),
        ({"radius": None}, "param_invalid", "radius"),
        ({"steps": 2.5}, "param_invalid", "steps"),
        ({"steps": 0.0}, "param_out_of_range", "steps"),
        ({"steps": False}, "param_invalid", "steps"),
        ({"is_open": 1}, "param_invalid", "is_open"),
        ({"steps": 1, "size": 1}, "unknown_field", "size"),
        ({"name": "x"}, "unknown_field", "name"),
        ({"plan": "x"}, "unknown_field", "plan"),
    ],
)
def test_options_are_checked_one_by_one(package: Package, options: dict[str, object], code: str, field: str) -> None:
    scan(package(GRADES))
    assert refused("grades", options) == (code, field)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('    """Made for a test."""\n', "", "no docstring"),
        (', doc="Size.")', ")", "'radius' .* has no doc"),
        ('= "grades"', '= "points"', "repeats the kind 'points'"),
        ('= "grades"', '= ""', "needs a kind"),
        ('= "Grades"', '= ""', "needs a kind and a title"),
        ("def plan", "def plans", "lacks plan"),
    ],
)
def test_an_unsound_kind_fails_at_the_start(package: Package, old: str, new: str, complaint: str) -> None:
    assert old in GRADES
    source = GRADES.replace(old, new)
    if new == "def plans":
        source = source.replace("    @override\n    def plans", "    def plans")
    with pytest.raises(TypeError, match=complaint):
        scan(package(source))


def test_registering_twice_changes_nothing() -> None:
    before = kinds_hash()
    register(type(validate_options("points", {})))
    assert kinds_hash() == before


def test_an_unknown_kind_is_named_shortly() -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("pie" * 1000, {})
    assert (caught.value.code, caught.value.field) == ("unknown_kind", "kind")
    assert len(caught.value.detail) < 120


def test_an_unknown_option_is_named_shortly() -> None:
    assert refused("points", {"z" * 10_000: 1}) == ("unknown_field", "z" * 64)


@pytest.mark.parametrize("value", [7, True, ["date"], {"column": "date"}])
def test_a_column_is_a_name(value: object) -> None:
    assert refused("points", {"x": value}) == ("param_invalid", "x")


def test_schemas_are_json_and_keep_their_order() -> None:
    schemas = json.loads(json.dumps(kind_schemas()))
    assert schemas == kind_schemas()
    names = ["x", "y", "reduction", "value", "category", "x_scale", "y_scale", "projection"]
    assert list(schemas["points"]["properties"]) == names


def test_the_hash_is_the_same_in_another_process() -> None:
    code = "import halftone_views; print(halftone_views.kinds_hash())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == kinds_hash()


def test_everything_promised_can_be_imported() -> None:
    assert all(hasattr(halftone_views, name) for name in halftone_views.__all__)
    assert View not in registry._KINDS.values()
