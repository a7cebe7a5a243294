"""What the files of a folder define: one item a file, found by a scan, so that a new file needs no list."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

Item = TypeVar("Item")


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    """Imports every public module of a package, in every folder of its `__path__`."""
    for found in pkgutil.iter_modules(package.__path__):
        if not found.name.startswith("_"):
            yield importlib.import_module(f"{package.__name__}.{found.name}")


def items_of(package: str, kind: type[Item]) -> list[Item]:
    """The one item of this type in each module of a package.

    Raises `TypeError` for a module without a docstring, without such an item, or with several.
    """
    items = []
    for module in modules_of(importlib.import_module(package)):
        if not module.__doc__:
            raise TypeError(f"{module.__name__} has no docstring")
        found = [value for value in vars(module).values() if isinstance(value, kind)]
        if len(found) != 1:
            raise TypeError(f"{module.__name__} defines {len(found)} of {kind.__name__}, not one")
        items += found
    return items
