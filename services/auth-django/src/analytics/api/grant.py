"""`/api/datasets/{slug}/grant/`: the grant that the gateway passes to compute."""

from django.urls import path
from drf_spectacular.utils import extend_schema, inline_serializer
from halftone_auth.http.requests import query
from halftone_auth.http.schema import problems
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of
from users.tokens.issue import GRANT_LIFE_S

from analytics.catalogue.access import dataset_for, version_of
from analytics.catalogue.grants import sign_grant
from analytics.rest.columns import ColumnDocument
from analytics.rest.documents import DatasetName, VersionName, columns_of
from analytics.rest.parameters import VERSION

GRANT = inline_serializer(
    "Grant",
    {
        "grant": serializers.CharField(help_text="A JWT of type halftone-grant+jwt."),
        "expires_in": serializers.IntegerField(help_text="Seconds."),
        "dataset": DatasetName(),
        "version": VersionName(),
        "columns": ColumnDocument(many=True, help_text="Those that the grant opens."),
    },
)


class GrantView(APIView):
    @extend_schema(
        operation_id="get_grant", parameters=[VERSION], responses={200: GRANT, **problems(400, 401, 404, 410)}
    )
    def get(self, request: Request, slug: str) -> Response:
        """A signed statement that the caller may read a version, for 300 s."""
        user = user_of(request)
        wanted = query(request, "version").get("version", "")
        dataset = dataset_for(user, slug)
        version = version_of(dataset, wanted)
        return Response(
            {
                "grant": sign_grant(user, dataset, version),
                "expires_in": GRANT_LIFE_S,
                "dataset": DatasetName(dataset).data,
                "version": VersionName(version).data,
                "columns": columns_of(version),
            }
        )


urlpatterns = [
    path("api/datasets/<str:slug>/grant/", GrantView.as_view(), name="grant"),
]
