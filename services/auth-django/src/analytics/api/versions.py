"""`/api/datasets/{slug}/versions/`, and `…/index/`, which makes the next one of the newest, in another order."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from halftone_auth.http.requests import parsed, query
from halftone_auth.http.schema import problems
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics.catalogue.access import dataset_for, version_of
from analytics.jobs import index
from analytics.models import Role
from analytics.rest.documents import JobDocument, VersionDetail, VersionDocument
from analytics.rest.idempotency import once
from analytics.rest.pairs import PairWish
from analytics.rest.parameters import IDEMPOTENCY_KEY

# Documents of a list name none of these.
HEAVY = ("columns", "reading", "unreadable", "warnings")


class VersionsView(APIView):
    @extend_schema(operation_id="list_versions", responses={200: VersionDocument(many=True), **problems(401, 404)})
    def get(self, request: Request, slug: str) -> Response:
        """The published versions, newest first; at most the last hundred."""
        query(request)
        versions = dataset_for(user_of(request), slug).versions.defer(*HEAVY)[:100]
        return Response(VersionDocument(versions, many=True).data)


class VersionView(APIView):
    @extend_schema(operation_id="get_version", responses={200: VersionDetail, **problems(401, 404, 410)})
    def get(self, request: Request, slug: str, version_id: str) -> Response:
        """One version, and how its file was read."""
        query(request)
        return Response(VersionDetail(version_of(dataset_for(user_of(request), slug), version_id)).data)


class IndexView(APIView):
    @extend_schema(
        operation_id="create_index",
        parameters=[IDEMPOTENCY_KEY],
        request=PairWish,
        responses={202: JobDocument, **problems(400, 401, 403, 404, 409, 410)},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Queues a job that orders the rows of the newest version by two columns, as the next version (editors)."""
        user = user_of(request)
        form = parsed(request, PairWish)
        dataset = dataset_for(user, slug, Role.EDITOR)

        def queued() -> Response:
            job = index.enqueue(user, dataset, form["x"], form["y"])
            return Response(JobDocument(job).data, status=202, headers={"Location": f"/api/jobs/{job.pk}/"})

        return once(request, user, queued)


urlpatterns = [
    path("api/datasets/<str:slug>/index/", IndexView.as_view(), name="index"),
    path("api/datasets/<str:slug>/versions/", VersionsView.as_view(), name="versions"),
    path("api/datasets/<str:slug>/versions/<str:version_id>/", VersionView.as_view(), name="version"),
]
