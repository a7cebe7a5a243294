"""The values are closed, commented and documented, and what is generated from them is what lies there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from .render import CHART, ROOT, refusal

SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
RENAMED: dict[str, str] = yaml.safe_load((CHART / "files" / "renamed.yaml").read_text())


def blocks(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the schema that names its keys."""
    if "properties" in schema:
        yield path, schema
        for key, inner in schema["properties"].items():
            yield from blocks(inner, f"{path}.{key}".strip("."))
    if "items" in schema:
        yield from blocks(schema["items"], f"{path}[]")


def undescribed(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, inner in schema.get("properties", {}).items():
        name = f"{path}.{key}".strip(".")
        if inner and "description" not in inner:
            yield name
        yield from undescribed(inner, name)


def keys(values: dict[str, Any], schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, set[str], set[str]]]:
    """For each block: where it is, its keys by the values, its keys by the schema."""
    known = {key for key, inner in schema["properties"].items() if inner}
    yield path, set(values), known
    for key in values:
        inner = schema["properties"].get(key, {})
        if "properties" in inner and isinstance(values[key], dict) and not key.endswith("authenticationRef"):
            yield from keys(values[key], inner, f"{path}.{key}".strip("."))


def test_every_block_is_closed() -> None:
    found = dict(blocks(SCHEMA))
    assert len(found) > 60
    assert not [path for path, schema in found.items() if schema.get("additionalProperties") is not False]


def test_every_value_is_described() -> None:
    # A reference describes its own elements.
    assert not [name for name in undescribed(SCHEMA) if not name.rpartition(".")[0].endswith("Ref")]


def test_values_and_schema_have_the_same_keys() -> None:
    for path, have, known in keys(VALUES, SCHEMA):
        # A fine step of scaling that has no default.
        assert have == known - {"tolerance"}, path


def test_the_defaults_are_valid() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"gatewy": {}}, "gatewy"),
        ({"gateway": {"replcas": 3}}, "replcas"),
        ({"gateway": {"autoscaling": {"mn": 3}}}, "mn"),
        ({"database": {"embedded": {"persistence": {"sizes": "1Gi"}}}}, "sizes"),
        ({"autoscaling": {"mode": "fast"}}, "mode"),
        ({"publicUrls": ["halftone.example.org/app"]}, "publicUrls"),
        ({"database": {"external": {"url": "mysql://db"}}}, "url"),
        ({"auth": {"image": {"digest": "latest"}}}, "digest"),
        ({"signing": {"keys": {"key.pem": "x"}}}, "keys"),
    ],
)
def test_a_mistake_in_a_value_is_named(values: dict[str, object], named: str) -> None:
    assert named in refusal(**values)


@pytest.mark.parametrize("old", RENAMED)
def test_a_key_that_is_not_read_is_answered_with_the_one_that_is(old: str) -> None:
    block: object = 1
    for key in reversed(old.split(".")):
        block = {key: block}
    assert isinstance(block, dict)
    assert f"{old} is not read: use {RENAMED[old]} in its place." in refusal(**block)


def test_generating_again_changes_nothing(tmp_path: Path) -> None:
    generator = ROOT / "deploy" / "helm" / "generate.py"
    scope: dict[str, Any] = {"__name__": "generate", "__file__": str(generator)}
    exec(compile(generator.read_text(), str(generator), "exec"), scope)  # noqa: S102 - ours, and in no package
    scope["main"](tmp_path)
    for name in ("values.schema.json", "README.md"):
        assert (tmp_path / name).read_text() == (CHART / name).read_text(), f"{name} is old: run make gen"
