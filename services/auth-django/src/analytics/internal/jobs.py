"""`/api/internal/jobs/…`: the worker's side of a job."""

import json
import time
from typing import Any
from uuid import UUID

import structlog
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from halftone_auth.http.requests import Natural, StrictSerializer, Text, parsed
from halftone_auth.http.schema import problems
from halftone_auth.storage import storage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from analytics.catalogue.access import uuid_or_none
from analytics.formats import known_formats
from analytics.jobs import lifecycle, pairs, previews, publish
from analytics.models import Job, Version
from analytics.rest.internal import InternalView
from analytics.rest.pairs import PairWish
from analytics.upkeep.exclusive import try_sweep

log = structlog.get_logger(__name__)

# A worker waits 10 s for a response. A job claimed after that would idle until its lease ends, and lose an attempt.
PATIENCE_S = 7.0
# Tells a worker that its formats are not known any more: another database took the place of the one it announced to.
FORMATS_HEADER = "Halftone-Formats"
# Of a preview: a worker cuts its texts.
MAX_RESULT_BYTES = 512 << 10
SHA256 = r"\A[0-9a-fA-F]{64}\Z"

CLAIMED = inline_serializer(
    "ClaimedJob",
    {
        "job_id": serializers.UUIDField(),
        "kind": serializers.CharField(help_text="ingest, index or preview."),
        "token": serializers.IntegerField(help_text="Fencing token of this attempt."),
        "lease_seconds": serializers.IntegerField(),
        "dataset_id": serializers.UUIDField(allow_null=True, help_text="Null for a preview."),
        "version_id": serializers.UUIDField(),
        "source": serializers.DictField(
            help_text="uri (relative to the storage root; of an index that of a manifest), format, name, bytes."
        ),
        "options": serializers.DictField(
            help_text="reading: what a person changed; base: the reading of the version before, or null; "
            "pair: the columns that rows shall be ordered by, and whether they must be (firm), or null."
        ),
    },
)
CANCEL = inline_serializer("LeaseRenewed", {"cancel": serializers.BooleanField()})
PUBLISHED = inline_serializer(
    "Published", {"version_id": serializers.UUIDField(), "number": serializers.IntegerField()}
)


class Claim(StrictSerializer):
    worker = Text(max_length=128)
    kinds = serializers.ListField(child=Text(max_length=16), min_length=1, max_length=16)


class LeaseRenewal(StrictSerializer):
    token = Natural()
    phase = Text(max_length=32, allow_blank=True)
    rows = Natural()
    rows_total = Natural(allow_null=True)
    bytes = Natural()
    bytes_total = Natural()


class Quoted(Text):
    """Text that may quote a file: replaces NUL, which databases refuse, by U+FFFD."""

    @override
    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data.replace("\0", "\ufffd") if isinstance(data, str) else data)


class SkippedColumn(StrictSerializer):
    name = Quoted(max_length=1024, allow_blank=True, trim_whitespace=False)
    dtype = Quoted(max_length=256)
    reason = Text(max_length=64)


class Publish(StrictSerializer):
    token = Natural()
    manifest = Text(max_length=255)
    manifest_sha256 = serializers.RegexField(SHA256)
    rows = Natural()
    bytes = Natural()
    columns = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=2000)
    content_hash = Text(max_length=128)
    skipped = serializers.ListField(child=SkippedColumn(), required=False, max_length=2000)
    reading = serializers.DictField(required=False)
    unreadable = serializers.DictField(child=serializers.DictField(), required=False)
    warnings = serializers.ListField(child=serializers.DictField(), required=False, max_length=10_000)
    pair = PairWish(required=False)


class Result(StrictSerializer):
    token = Natural()
    result = serializers.DictField()

    @override
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(attrs["result"], ensure_ascii=False).encode()) > MAX_RESULT_BYTES:
            detail = f"A preview may have {MAX_RESULT_BYTES} bytes."
            raise serializers.ValidationError({"result": serializers.ErrorDetail(detail, code="max_length")})
        return attrs


class Fail(StrictSerializer):
    token = Natural()
    code = Text(max_length=64)
    detail = Quoted(max_length=4000, allow_blank=True)
    field = Quoted(max_length=1024, allow_blank=True, required=False, default="", trim_whitespace=False)


class ClaimView(InternalView):
    @extend_schema(operation_id="claim_job", request=Claim, responses={200: CLAIMED, 204: None, **problems(400, 401)})
    def post(self, request: Request) -> Response:
        """Leases the oldest queued job to a worker, or returns 204; starts a sweep before.

        The header `Halftone-Formats` says how many file formats are known here.
        """
        form = parsed(request, Claim)
        started = time.monotonic()
        try:
            try_sweep(timezone.now())
        except (HalftoneError, OSError) as error:
            # A storage that refuses to delete does not block imports. An unreachable one does: the job would fail.
            log.warning("sweep_failed", error=repr(error))
            storage().ready()
        if time.monotonic() - started > PATIENCE_S:
            raise HalftoneError(ErrorCode.OVERLOADED, "The sweep took longer than a worker waits.", retry_after_ms=1000)
        job = lifecycle.claim(form["worker"], form["kinds"], timezone.now())
        headers = {FORMATS_HEADER: str(len(known_formats()))}
        return Response(_claimed(job), headers=headers) if job else Response(status=204, headers=headers)


class RenewLeaseView(InternalView):
    @extend_schema(
        operation_id="heartbeat", request=LeaseRenewal, responses={200: CANCEL, **problems(400, 401, 404, 409)}
    )
    def post(self, request: Request, job_id: str) -> Response:
        """Renews the lease for 20 s and records progress."""
        form = {**parsed(request, LeaseRenewal)}
        token = form.pop("token")
        cancel = lifecycle.renew_lease(_known(job_id), token, lifecycle.Progress(**form), timezone.now())
        return Response({"cancel": cancel})


class PublishView(InternalView):
    @extend_schema(
        operation_id="publish", request=Publish, responses={200: PUBLISHED, **problems(400, 401, 404, 409, 422)}
    )
    def post(self, request: Request, job_id: str) -> Response:
        """Publishes the result of a job; safe to repeat."""
        form: dict[str, Any] = {**parsed(request, Publish)}
        version = publish.publish(_known(job_id), publish.Publication(**form), timezone.now())
        return Response({"version_id": version.pk, "number": version.number})


class ResultView(InternalView):
    @extend_schema(
        operation_id="finish_preview",
        request=Result,
        responses={200: OpenApiResponse(), **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, job_id: str) -> Response:
        """Keeps what a preview found; safe to repeat."""
        form = parsed(request, Result)
        previews.finish(_known(job_id), form["token"], form["result"], timezone.now())
        return Response({})


class FailView(InternalView):
    @extend_schema(
        operation_id="fail", request=Fail, responses={200: OpenApiResponse(), **problems(400, 401, 404, 409)}
    )
    def post(self, request: Request, job_id: str) -> Response:
        """Ends a job with an error; the code `cancelled` confirms a cancellation."""
        form = parsed(request, Fail)
        lifecycle.fail(_known(job_id), form["token"], form["code"], form["detail"], form["field"], timezone.now())
        return Response({})


def _known(job_id: str) -> UUID:
    wanted = uuid_or_none(job_id)
    if wanted is None:
        raise HalftoneError(ErrorCode.NOT_FOUND)
    return wanted


def _claimed(job: Job) -> dict[str, object]:
    return {
        "job_id": job.pk,
        "kind": job.kind,
        "token": job.token,
        "lease_seconds": int(lifecycle.LEASE.total_seconds()),
        "dataset_id": job.dataset_id,
        "version_id": job.version_id,
        "source": _source(job),
        "options": {"reading": job.reading, "base": _base(job), "pair": pairs.wish_of(job.pair, _before(job))},
    }


def _source(job: Job) -> dict[str, object]:
    """The uploaded file, or the version whose rows are ordered."""
    if job.upload is not None:
        upload = job.upload
        return {"uri": upload.uri, "format": upload.format, "name": upload.name, "bytes": upload.bytes}
    version = job.base
    return {
        "uri": version.manifest if version else "",
        "format": "",
        "name": "",
        "bytes": version.bytes if version else 0,
    }


def _before(job: Job) -> Version | None:
    """The version that an import or a preview starts from: a preview names it, an import takes the newest."""
    return job.base if job.dataset is None else job.dataset.newest


def _base(job: Job) -> dict[str, Any] | None:
    """The reading that a file is read by as far as it fits."""
    version = _before(job)
    reading: dict[str, Any] = version.reading if version else {}
    return reading or None


urlpatterns = [
    path("api/internal/jobs/claim/", ClaimView.as_view(), name="internal-claim"),
    path("api/internal/jobs/<str:job_id>/heartbeat/", RenewLeaseView.as_view(), name="internal-heartbeat"),
    path("api/internal/jobs/<str:job_id>/publish/", PublishView.as_view(), name="internal-publish"),
    path("api/internal/jobs/<str:job_id>/result/", ResultView.as_view(), name="internal-result"),
    path("api/internal/jobs/<str:job_id>/fail/", FailView.as_view(), name="internal-fail"),
]
