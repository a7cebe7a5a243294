"""The known formats: a scan of the folder `formats`, in which each module defines one as `FORMAT`."""

from __future__ import annotations

import importlib
import os
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest import formats
from halftone_compute.ingest.format import Format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@cache
def known_formats() -> dict[str, Format]:
    """Every format by each of its endings.

    Raises TypeError for a module without a format or a docstring, and for an ending or a module name that repeats.
    """
    found: dict[str, Format] = {}
    for module in _modules(formats):
        for ending in (definition := _definition(module)).endings:
            if ending in found:
                raise TypeError(f"{module.__file__} repeats the ending {ending!r}")
            found[ending] = definition
    return found


def all_formats() -> tuple[Format, ...]:
    """Every format, once."""
    return tuple(dict.fromkeys(known_formats().values()))


def format_of(ending: str) -> Format:
    """Raises HalftoneError `unsupported_type`."""
    known = known_formats()
    if ending not in known:
        titles = sorted({definition.title for definition in known.values()})
        raise HalftoneError(
            ErrorCode.UNSUPPORTED_TYPE, f"Only {', '.join(titles[:-1])} and {titles[-1]} files can be imported."
        )
    return known[ending]


def ending_of(name: str) -> str:
    """The longest known ending of a file's name, empty when it has none."""
    found = [ending for ending in known_formats() if name[1:].lower().endswith(f".{ending}")]
    return max(found, key=len, default="")


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    folders: dict[str, str] = {}
    # The same folder may be on the path twice.
    for folder in dict.fromkeys(map(os.path.realpath, package.__path__)):
        for _, name, _ in pkgutil.iter_modules([folder]):
            if name in folders:
                raise TypeError(f"the format {name!r} lies in {folders[name]} and in {folder}")
            folders[name] = folder
            yield importlib.import_module(f"{package.__name__}.{name}")


def _definition(module: ModuleType) -> Format:
    definition = getattr(module, "FORMAT", None)
    if not isinstance(definition, Format) or not definition.title or not definition.endings:
        raise TypeError(f"{module.__file__} defines no FORMAT with a title and endings")
    if not module.__doc__:
        raise TypeError(f"{module.__file__} has no docstring")
    return definition
