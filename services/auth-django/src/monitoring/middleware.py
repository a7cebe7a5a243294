"""Duration and number of database queries of each request, by route."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from django.db import connections
from django.http import HttpRequest, HttpResponse

from monitoring.metrics import database_queries, database_seconds


class Stopwatch:
    """Sums the time of queries: Django calls it around each."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.queries = 0

    def __call__(self, execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - started
            self.queries += 1


class DatabaseTimeMiddleware:
    """Measures requests that matched a route; others have no label value."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        watch = Stopwatch()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(watch))
            response = self.get_response(request)
        if request.resolver_match is not None and request.method is not None:
            labels = (request.resolver_match.route, request.method)
            database_seconds.labels(*labels).observe(watch.seconds)
            database_queries.labels(*labels).observe(watch.queries)
        return response
