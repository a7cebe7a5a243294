"""`/api/internal/events/`: the events for the gateway, by cursor."""

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from halftone_auth.http.long_poll import MAX_WAIT_S, is_natural
from halftone_auth.http.requests import query
from halftone_auth.http.schema import problems
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import events
from analytics.models import Event
from analytics.rest.internal import InternalView

PARTS = ("session_id", "user_id", "dataset_id", "version_id", "token_version")

EVENTS = inline_serializer(
    "Events",
    {
        "cursor": serializers.IntegerField(),
        "more": serializers.BooleanField(help_text="Whether there are events after this cursor already."),
        "events": serializers.ListField(
            child=serializers.DictField(), help_text="id, kind, the ids that it concerns, and the version of tokens."
        ),
    },
)


class EventsView(InternalView):
    @extend_schema(
        operation_id="list_events",
        parameters=[
            OpenApiParameter(
                "after",
                int,
                description="A cursor; without it the response has no events, and a cursor before every event that "
                "may concern an access token that is still valid.",
            ),
            OpenApiParameter(
                "wait", int, description=f"Answer once there is an event, within these seconds: 1 to {MAX_WAIT_S}."
            ),
        ],
        responses={200: EVENTS, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """The events after a cursor, oldest first."""
        # A request with `wait` was held before it came here: see LongPoll.
        given = {name: _natural(name, text) for name, text in query(request, "after", "wait").items()}
        if not 1 <= given.get("wait", 1) <= MAX_WAIT_S:
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"wait is 1 to {MAX_WAIT_S}.", field="wait")
        page = events.since(given["after"]) if "after" in given else events.start(timezone.now())
        found = [_document(event) for event in page.events]
        return Response({"cursor": page.cursor, "more": page.more, "events": found})


def _natural(name: str, text: str) -> int:
    if not is_natural(text):
        raise HalftoneError(ErrorCode.PARAM_INVALID, field=name)
    return int(text)


def _document(event: Event) -> dict[str, object]:
    named = {name: getattr(event, name) for name in PARTS}
    return {"id": event.pk, "kind": event.kind, **{name: value for name, value in named.items() if value is not None}}


urlpatterns = [
    path("api/internal/events/", EventsView.as_view(), name="internal-events"),
]
