"""`/api/datasets/{slug}/columns/`."""

from django.urls import path
from drf_spectacular.utils import extend_schema, inline_serializer
from halftone_auth.http.requests import query
from halftone_auth.http.schema import problems
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics.catalogue.access import dataset_for, version_of
from analytics.rest.columns import ColumnDocument
from analytics.rest.documents import READING, UNREADABLE, WARNINGS, VersionName, columns_of, reading_of
from analytics.rest.parameters import VERSION

COLUMNS = inline_serializer(
    "Columns",
    {
        "version": VersionName(),
        "columns": ColumnDocument(many=True, help_text="In the order of the file."),
        "reading": serializers.DictField(help_text=READING),
        "unreadable": serializers.DictField(help_text=UNREADABLE),
        "warnings": serializers.ListField(child=serializers.DictField(), help_text=WARNINGS),
    },
)


class ColumnsView(APIView):
    @extend_schema(
        operation_id="list_columns", parameters=[VERSION], responses={200: COLUMNS, **problems(400, 401, 404, 410)}
    )
    def get(self, request: Request, slug: str) -> Response:
        """The columns of a version with their statistics, and how its file was read."""
        wanted = query(request, "version").get("version", "")
        version = version_of(dataset_for(user_of(request), slug), wanted)
        return Response({"version": VersionName(version).data, "columns": columns_of(version), **reading_of(version)})


urlpatterns = [
    path("api/datasets/<str:slug>/columns/", ColumnsView.as_view(), name="columns"),
]
