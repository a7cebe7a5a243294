"""`/api/sources/`: folders and prefixes in object storage that the operator has opened."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from halftone_auth.http.requests import StrictSerializer, Text, parsed, query
from halftone_auth.http.schema import problems
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics.rest.documents import UploadDocument
from analytics.uploads import sources

# As much of a folder as a person looks through.
MOST_ENTRIES = 1_000


class SourceDocument(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.CharField(help_text="folder or objects.")


ENTRY = inline_serializer(
    "SourceEntry",
    {"name": serializers.CharField(), "bytes": serializers.IntegerField(allow_null=True, help_text="Null: a folder.")},
)
LISTING = inline_serializer(
    "SourceListing",
    {
        "path": serializers.CharField(),
        "entries": serializers.ListField(child=ENTRY),
        "more": serializers.BooleanField(help_text=f"Whether there are more than {MOST_ENTRIES}."),
    },
)
PATH = OpenApiParameter("path", str, description="A folder below the source; the source itself when absent.")


class Reference(StrictSerializer):
    path = Text(max_length=900, allow_blank=True, help_text="A file, or a folder of files of one shape.")


class SourcesView(APIView):
    @extend_schema(operation_id="list_sources", responses={200: SourceDocument(many=True), **problems(401)})
    def get(self, request: Request) -> Response:
        """The sources that the caller may use: staff, and who has the permission `use_sources`."""
        found = [sources.source_of(name) for name in sources.names(user_of(request))]
        return Response([{"name": each.name, "kind": "folder" if each.is_local else "objects"} for each in found])


class SourceView(APIView):
    @extend_schema(
        operation_id="list_source", parameters=[PATH], responses={200: LISTING, **problems(400, 401, 404, 503)}
    )
    def get(self, request: Request, source_name: str) -> Response:
        """What lies in a folder of a source: folders and files by name."""
        source = sources.source_for(user_of(request), source_name)
        place = query(request, "path").get("path", "")
        entries = source.entries(place)
        shown = [{"name": name, "bytes": size} for name, size in entries[:MOST_ENTRIES]]
        return Response({"path": place, "entries": shown, "more": len(entries) > MOST_ENTRIES})

    @extend_schema(
        operation_id="refer_to_source",
        request=Reference,
        responses={201: UploadDocument, **problems(400, 401, 404, 415, 422, 503)},
    )
    def post(self, request: Request, source_name: str) -> Response:
        """Makes an upload of a file or a folder of a source, to preview and import; its bytes stay where they are."""
        user = user_of(request)
        source = sources.source_for(user, source_name)
        upload = sources.refer(user, source, parsed(request, Reference)["path"])
        return Response(UploadDocument(upload).data, status=201, headers={"Location": f"/api/uploads/{upload.pk}/"})


urlpatterns = [
    path("api/sources/", SourcesView.as_view(), name="sources"),
    path("api/sources/<str:source_name>/", SourceView.as_view(), name="source"),
]
