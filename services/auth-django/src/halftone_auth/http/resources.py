"""The resources of the REST API: one file each, found by a scan of the `api` folder of every app.

A resource lists its routes as `urlpatterns`, from the root. The scan runs when the URLconf is imported, which the
system checks do at every start, so a wrong resource ends the start.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern
from rest_framework.views import APIView


def resources(*packages: str) -> list[URLPattern]:
    """The routes of every module of these packages, in the order of the file names.

    Raises `ImproperlyConfigured` for a module without routes, a view that is no `APIView`, a missing docstring of a
    module or a handler, and for two routes that have a name in common or match the same path.
    """
    routes = [route for package in packages for module in _modules(package) for route in _routes(module)]
    _check_unique("name", (str(route.name) for route in routes))
    _check_unique("path", (re.sub(r"<[^>]+>", "<>", str(route.pattern)) for route in routes))
    return routes


def _modules(package: str) -> Iterator[ModuleType]:
    folder = import_module(package)
    for found in iter_modules(folder.__path__, f"{package}."):
        yield import_module(found.name)


def _routes(module: ModuleType) -> Sequence[URLPattern]:
    routes: Sequence[URLPattern] = getattr(module, "urlpatterns", ())
    if not routes:
        raise ImproperlyConfigured(f"{module.__name__} has no urlpatterns.")
    if not module.__doc__:
        raise ImproperlyConfigured(f"{module.__name__} has no docstring.")
    for route in routes:
        _check_documented(module, route)
    return routes


def _check_documented(module: ModuleType, route: URLPattern) -> None:
    view = vars(route.callback).get("cls")
    if not (isinstance(view, type) and issubclass(view, APIView)):
        raise ImproperlyConfigured(f"{module.__name__} routes {route.pattern} to what is no APIView.")
    for method in view.http_method_names:
        handler = getattr(view, method, None)
        # `options` is DRF's own.
        if handler is not None and method != "options" and not handler.__doc__:
            raise ImproperlyConfigured(f"{module.__name__}.{view.__name__}.{method} has no docstring.")


def _check_unique(kind: str, values: Iterable[str]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise ImproperlyConfigured(f"{count} resources have the {kind} {value!r}.")
