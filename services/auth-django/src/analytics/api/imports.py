"""`/api/imports/`: imports an upload as a version."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from halftone_auth.http.requests import StrictSerializer, Text, parsed
from halftone_auth.http.schema import problems
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import override
from users.authentication import user_of
from users.models import User

from analytics.catalogue import access, datasets
from analytics.jobs import lifecycle, previews
from analytics.models import Role, slug_validator
from analytics.rest.documents import JobDocument
from analytics.rest.idempotency import once
from analytics.rest.pairs import PairWish
from analytics.rest.parameters import IDEMPOTENCY_KEY
from analytics.rest.readings import HELP, ReadingWish


class NewImport(StrictSerializer):
    upload = serializers.UUIDField()
    dataset = Text(max_length=63, required=False, help_text="Slug of a dataset that the caller may change.")
    title = Text(max_length=128, required=False, help_text="Or: title of a new one.")
    slug = Text(max_length=63, required=False, validators=[slug_validator], help_text="Slug of a new one.")
    description = Text(max_length=4000, required=False, allow_blank=True)
    reading = ReadingWish(required=False, help_text=HELP)
    pair = PairWish(required=False, help_text="Columns that rows are ordered by; else the axes of the default view.")

    @override
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        names_new = any(name in attrs for name in ("title", "slug", "description"))
        if ("dataset" in attrs) == names_new or (names_new and not {"title", "slug"} & attrs.keys()):
            raise serializers.ValidationError({"dataset": "Name a dataset, or the title of a new one."})
        return attrs


class ImportsView(APIView):
    @extend_schema(
        operation_id="create_import",
        parameters=[IDEMPOTENCY_KEY],
        request=NewImport,
        responses={202: JobDocument, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Queues the import of an upload into a dataset (editors), or into a new one."""
        user = user_of(request)
        form = parsed(request, NewImport)
        return once(request, user, lambda: _queued(user, form))


def _queued(user: User, form: Mapping[str, Any]) -> Response:
    upload = access.whole_upload_for(user, form["upload"])
    with transaction.atomic():
        if "dataset" in form:
            dataset = access.dataset_for(user, form["dataset"], Role.EDITOR)
        else:
            title = form.get("title") or form["slug"]
            description = form.get("description", "")
            dataset = datasets.create_dataset(user, title, form.get("slug", ""), description, is_draft=True)
        if "pair" in form:
            previews.check_pair(upload, dataset.newest, form.get("reading", {}), form["pair"])
        job = lifecycle.enqueue(user, dataset, upload, form.get("reading"), form.get("pair"))
    return Response(JobDocument(job).data, status=202, headers={"Location": f"/api/jobs/{job.pk}/"})


urlpatterns = [
    path("api/imports/", ImportsView.as_view(), name="imports"),
]
