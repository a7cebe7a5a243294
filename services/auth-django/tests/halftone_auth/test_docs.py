"""The REST reference names every route."""

import re
from pathlib import Path

from analytics.rest.columns import ColumnDocument
from django.urls import URLPattern, URLResolver, get_resolver

API = Path(__file__).parents[4] / "docs" / "api.md"


def routes(resolver: URLResolver, prefix: str = "/") -> set[str]:
    found: set[str] = set()
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.add(re.sub(r"<str:(\w+)>", lambda match: "{slug}" if match[1] == "slug" else "{id}", path))
        elif entry.namespace != "admin":
            found |= routes(entry, path)
    return found


def test_every_route_is_documented_and_no_other() -> None:
    named = set(re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE)? ?(/[\w./{}-]+)`", API.read_text()))
    served = routes(get_resolver())
    assert served - named == set()
    assert named - served == {"/api/"}


def test_every_field_of_a_column_is_documented_and_no_other() -> None:
    table = API.read_text().partition("| column field |")[2].partition("\n\n")[0]
    fields = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)))
    assert fields == list(ColumnDocument().fields)
