"""The kinds: found by a scan, described by JSON Schemas, and made from a name with options."""

import hashlib
import inspect
import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import param
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.options import Choice, Column
from halftone_views.scan import modules_of
from halftone_views.view import View, option_params

_KINDS: dict[str, type[View]] = {}


def kind_names() -> tuple[str, ...]:
    """Names of the kinds, sorted."""
    return tuple(sorted(_KINDS))


def kind_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of the options of every kind, by kind."""
    return {kind: json_schema(_KINDS[kind]) for kind in kind_names()}


def kinds_hash() -> str:
    """SHA-256 in hexadecimal over the schemas: equal for equal kinds, options and option order."""
    return hashlib.sha256(json.dumps(kind_schemas(), separators=(",", ":")).encode()).hexdigest()


def _first_paragraph(cls: type[View]) -> str:
    return " ".join((inspect.getdoc(cls) or "").partition("\n\n")[0].split())


def json_schema(cls: type[View]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind's options."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": cls.title,
        "description": _first_paragraph(cls),
        "x-halftone-renderer": cls.renderer,
        "properties": {
            name: {**option.schema(), "title": option.label, "description": option.doc, "default": option.default}
            for name, option in option_params(cls).items()
        },
        "additionalProperties": False,
    }


def validate_options(kind: str, options: Mapping[str, object]) -> View:
    """A view of a kind. Raises `unknown_kind`, `unknown_field`, `param_invalid`, `param_out_of_range` or an option's
    own refusal, with the option as field.
    """
    cls = _KINDS.get(kind)
    if cls is None:
        raise HalftoneError(ErrorCode.UNKNOWN_KIND, f"There is no kind {kind[:64]!r}.", "kind")
    known = option_params(cls)
    for name in options:
        if name not in known:
            raise HalftoneError(ErrorCode.UNKNOWN_FIELD, f"{cls.title} has no option {name[:64]!r}.", name[:64])
    view = cls()
    for name, value in options.items():
        _set(view, known[name], value)
    return view


def _set(view: View, option: param.Parameter[Any], value: object) -> None:
    name = str(option.name)
    if isinstance(option, param.Number):
        # Param takes True for 1, and whole numbers of a Struct come as floats.
        if isinstance(value, bool):
            raise HalftoneError(ErrorCode.PARAM_INVALID, "A number is needed here.", name)
        if isinstance(option, param.Integer) and isinstance(value, float) and value.is_integer():
            value = int(value)
    try:
        setattr(view, name, value)
    except (TypeError, ValueError) as error:
        raise HalftoneError(_refusal(option, value), _hint(option), name) from error


def _refusal(option: param.Parameter[Any], value: object) -> ErrorCode:
    if isinstance(option, Choice):
        return option.refusal
    is_number = isinstance(value, int) or (isinstance(value, float) and not isinstance(option, param.Integer))
    if isinstance(option, param.Number) and is_number and value == value:
        return ErrorCode.PARAM_OUT_OF_RANGE
    return ErrorCode.PARAM_INVALID


def _hint(option: param.Parameter[Any]) -> str:
    if isinstance(option, Choice):
        return f"{option.label} is one of {', '.join(option.objects)}."
    if isinstance(option, Column):
        return f"{option.label} is the name of a column."
    return f"{option.label} does not take this value."


def register(cls: type[View]) -> None:
    """Adds a kind. Raises `TypeError` when its name is missing or taken, or something of it is not documented."""
    where = f"{cls.__module__}.{cls.__qualname__}"
    if not cls.kind or not cls.title:
        raise TypeError(f"{where} needs a kind and a title")
    if _KINDS.get(cls.kind, cls) is not cls:
        raise TypeError(f"{where} repeats the kind {cls.kind!r}")
    if not cls.__dict__.get("__doc__"):
        raise TypeError(f"{where} has no docstring")
    if inspect.isabstract(cls):
        raise TypeError(f"{where} lacks {', '.join(sorted(cls.__abstractmethods__))}")
    for name, option in option_params(cls).items():
        if not option.doc:
            raise TypeError(f"the option {name!r} of {where} has no doc")
    _KINDS[cls.kind] = cls


def scan(package: ModuleType) -> None:
    """Imports every module of a package and registers the kinds that are defined in it."""
    for module in modules_of(package):
        for value in vars(module).values():
            is_own = inspect.isclass(value) and value.__module__ == module.__name__
            if is_own and issubclass(value, View) and value is not View:
                register(value)
