"""`/api/jobs/`: the caller's imports and their progress."""

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from halftone_auth.http.requests import Pages, query
from halftone_auth.http.schema import PAGE_PARAMETERS, problems
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics.catalogue import access
from analytics.jobs import lifecycle
from analytics.models import Job
from analytics.rest.documents import JobDocument

JOB_PAGE = inline_serializer(
    "JobPage",
    {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": JobDocument(many=True),
    },
)
# A preview alone becomes ready, and previews are not listed.
STATES = tuple(state for state in Job.State.values if state != Job.State.READY)
STATE = OpenApiParameter("state", str, enum=STATES)


class JobsView(APIView):
    @extend_schema(
        operation_id="list_jobs", parameters=[*PAGE_PARAMETERS, STATE], responses={200: JOB_PAGE, **problems(400, 401)}
    )
    def get(self, request: Request) -> Response:
        """The jobs that the caller started, newest first."""
        state = query(request, "state", "cursor", "page_size").get("state")
        found = access.jobs_of(user_of(request))
        if state is not None:
            if state not in STATES:
                raise HalftoneError(ErrorCode.PARAM_INVALID, field="state")
            found = found.filter(state=state)
        pages = Pages()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(JobDocument(page, many=True).data)


class JobView(APIView):
    @extend_schema(operation_id="get_job", responses={200: JobDocument, **problems(401, 404)})
    def get(self, request: Request, job_id: str) -> Response:
        """One job: state, progress, error."""
        return Response(JobDocument(access.job_for(user_of(request), job_id)).data)


class CancelView(APIView):
    @extend_schema(operation_id="cancel_job", request=None, responses={200: JobDocument, **problems(401, 404, 409)})
    def post(self, request: Request, job_id: str) -> Response:
        """Cancels a job: at once without a worker, else at the worker's next lease renewal."""
        job = lifecycle.cancel(access.job_for(user_of(request), job_id), timezone.now())
        return Response(JobDocument(job).data)


urlpatterns = [
    path("api/jobs/", JobsView.as_view(), name="jobs"),
    path("api/jobs/<str:job_id>/", JobView.as_view(), name="job"),
    path("api/jobs/<str:job_id>/cancel/", CancelView.as_view(), name="job-cancel"),
]
