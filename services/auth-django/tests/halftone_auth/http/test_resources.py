"""The scan of a folder of resources, on folders made for it."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from halftone_auth.http.resources import resources
from pytest_django.fixtures import Settings

RESOURCE = '''"""`/{path}`."""

from django.urls import path
from rest_framework.views import APIView

class View(APIView):
    def get(self, request, **_):
        """What it gives."""

urlpatterns = [path("{path}", View.as_view(), name="{name}")]
'''

Package = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Makes an importable package of the modules that are given by name."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(**modules: str) -> str:
        folder = tmp_path / "toy_resources"
        folder.mkdir()
        (folder / "__init__.py").touch()
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        return folder.name

    yield make
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_file_in_the_folder_is_a_resource(package: Package) -> None:
    found = resources(
        package(
            tables=RESOURCE.format(path="api/tables/", name="tables"),
            charts=RESOURCE.format(path="api/charts/<str:slug>/", name="chart"),
        )
    )
    assert [(route.name, str(route.pattern)) for route in found] == [
        ("chart", "api/charts/<str:slug>/"),
        ("tables", "api/tables/"),
    ]


def test_the_system_checks_run_the_scan(package: Package, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "toy_urls.py").write_text(
        f"from halftone_auth.http.resources import resources\nurlpatterns = resources({package(a='')!r})\n"
    )
    settings.ROOT_URLCONF = "toy_urls"
    with pytest.raises(ImproperlyConfigured):
        call_command("check", tags=["urls"])


@pytest.mark.parametrize(
    ("path", "name", "complaint"),
    [
        ("api/b/", "a", "2 resources have the name 'a'."),
        ("api/a/<int:number>/", "b", "2 resources have the path 'api/a/<>/'."),
    ],
)
def test_a_duplicate_ends_the_start(package: Package, path: str, name: str, complaint: str) -> None:
    made = package(a=RESOURCE.format(path="api/a/<str:slug>/", name="a"), b=RESOURCE.format(path=path, name=name))
    with pytest.raises(ImproperlyConfigured, match=f"^{re.escape(complaint)}$"):
        resources(made)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('"""Documented."""\n', "toy_resources.a has no urlpatterns."),
        (RESOURCE.replace('"""`/{path}`."""', ""), "toy_resources.a has no docstring."),
        (RESOURCE.replace('"""What it gives."""', "pass"), "toy_resources.a.View.get has no docstring."),
        (
            RESOURCE.replace("View.as_view()", "lambda request: None"),
            "toy_resources.a routes api/a/ to what is no APIView.",
        ),
    ],
)
def test_a_resource_without_routes_or_documentation_ends_the_start(package: Package, text: str, complaint: str) -> None:
    made = package(a=text.format(path="api/a/", name="a"))
    with pytest.raises(ImproperlyConfigured, match=f"^{re.escape(complaint)}$"):
        resources(made)
