"""`/api/uploads/{id}/preview/`: how a file would be read, before its import."""

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from halftone_auth.database.held_view import MAX_WAIT_S, wait_for
from halftone_auth.http.requests import StrictSerializer, Text, parsed, query
from halftone_auth.http.schema import problems
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics.catalogue import access
from analytics.jobs import previews
from analytics.jobs.lifecycle import LIVE
from analytics.models import Job, Role
from analytics.rest.documents import PreviewDocument
from analytics.rest.readings import HELP, ReadingWish

WAIT = OpenApiParameter("wait", int, description=f"Answer once it has ended, within these seconds: 0 to {MAX_WAIT_S}.")


class NewPreview(StrictSerializer):
    dataset = Text(
        max_length=63, required=False, help_text="Slug: start from the reading of its newest version (editors)."
    )
    reading = ReadingWish(required=False, help_text=HELP)


class PreviewsView(APIView):
    @extend_schema(
        operation_id="create_preview",
        request=NewPreview,
        responses={202: PreviewDocument, **problems(400, 401, 403, 404)},
    )
    def post(self, request: Request, upload_id: str) -> Response:
        """Asks a worker how the file would be read. Equal requests share one preview, another replaces it."""
        user = user_of(request)
        upload = access.whole_upload_for(user, upload_id)
        form = parsed(request, NewPreview)
        base = access.dataset_for(user, form["dataset"], Role.EDITOR).newest if "dataset" in form else None
        job = previews.ask(user, upload, base, form.get("reading", {}), timezone.now())
        place = f"/api/uploads/{upload.pk}/preview/{job.pk}/"
        return Response(PreviewDocument(job).data, status=202, headers={"Location": place})


class PreviewView(APIView):
    @extend_schema(
        operation_id="get_preview", parameters=[WAIT], responses={200: PreviewDocument, **problems(400, 401, 404)}
    )
    def get(self, request: Request, upload_id: str, preview_id: str) -> Response:
        """A preview: its state, and its result or what is wrong with the file."""
        wait_s = _wait(query(request, "wait").get("wait", "0"))
        user = user_of(request)
        job = access.preview_for(user, upload_id, preview_id)
        if job.state in LIVE:
            wait_for(lambda: not Job.objects.filter(pk=job.pk, state__in=LIVE).exists(), wait_s)
            job = access.preview_for(user, upload_id, preview_id)
        return Response(PreviewDocument(job).data)


def _wait(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise HalftoneError(ErrorCode.PARAM_INVALID, field="wait")
    if len(text) > 3 or int(text) > MAX_WAIT_S:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"wait is 0 to {MAX_WAIT_S}.", field="wait")
    return int(text)


urlpatterns = [
    path("api/uploads/<str:upload_id>/preview/", PreviewsView.as_view(), name="previews"),
    path("api/uploads/<str:upload_id>/preview/<str:preview_id>/", PreviewView.as_view(), name="preview"),
]
