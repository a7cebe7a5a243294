"""`/api/datasets/{slug}/versions/`."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from halftone_auth.http.requests import query
from halftone_auth.http.schema import problems
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics.catalogue.access import dataset_for
from analytics.rest.documents import VersionDocument


class VersionsView(APIView):
    @extend_schema(operation_id="list_versions", responses={200: VersionDocument(many=True), **problems(401, 404)})
    def get(self, request: Request, slug: str) -> Response:
        """The published versions, newest first; at most the last hundred."""
        query(request)
        versions = dataset_for(user_of(request), slug).versions.defer("columns")[:100]
        return Response(VersionDocument(versions, many=True).data)


urlpatterns = [
    path("api/datasets/<str:slug>/versions/", VersionsView.as_view(), name="versions"),
]
