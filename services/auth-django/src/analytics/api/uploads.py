"""`/api/uploads/`: uploads of files, as a form or resumable by tus 1.0."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from halftone_auth.database.pool import release_connection
from halftone_auth.http.errors import respond
from halftone_auth.http.requests import Natural, StrictSerializer, Text, parsed
from halftone_auth.http.schema import problems
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import override
from users.authentication import user_of

from analytics.catalogue.access import upload_for
from analytics.formats import known_formats
from analytics.models import Upload
from analytics.rest.documents import UploadDocument
from analytics.uploads import form, resumable, sets, tus
from analytics.uploads.space import check_space

FILE = inline_serializer("File", {"file": serializers.FileField()})


def _header(name: str, text: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text)


VERSION = _header("Tus-Resumable", f"{tus.VERSION}: the request follows tus.")
CREATE = [
    VERSION,
    _header("Upload-Length", "Of tus: bytes of the file."),
    _header("Upload-Metadata", "Of tus: `filename` and its value in base64."),
]
CONTINUE = [
    VERSION,
    _header("Upload-Offset", "Where the body begins: where the upload ends so far."),
    _header("Upload-Checksum", "sha256 or sha1, a blank, the digest of the body in base64."),
]


class TusView(APIView):
    """A resource that answers tus as well: each answer names the version."""

    @override
    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Tus-Resumable"] = tus.VERSION
        return super().finalize_response(request, response, *args, **kwargs)

    @override
    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, HalftoneError) and exc.code == ErrorCode.CHECKSUM_MISMATCH:
            response = respond(exc)
            response.status_code = tus.CHECKSUM_STATUS
            return response
        return super().handle_exception(exc)


class UploadsView(TusView):
    parser_classes: Any = (MultiPartParser,)

    @extend_schema(
        operation_id="create_upload",
        parameters=CREATE,
        request={"multipart/form-data": FILE},
        responses={201: UploadDocument, **problems(400, 401, 412, 413, 415, 422, 507)},
    )
    def post(self, request: Request) -> Response:
        """Takes one file of a known format in the field `file` of a multipart body with a Content-Length, or opens a
        resumable upload, when the request has `Tus-Resumable` and no body.
        """
        if "Tus-Resumable" in request.headers:
            return self._open(request)
        user = user_of(request)
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdigit():
            raise HalftoneError(ErrorCode.BAD_MESSAGE, "An upload needs a Content-Length.", field="Content-Length")
        check_space(user, int(length))
        handler = form.StorageUploadHandler(settings.UPLOAD_MAX_BYTES, known_formats())
        release_connection()
        request._request.upload_handlers = [handler]
        try:
            for name in request.data:
                if name != "file":
                    raise HalftoneError(ErrorCode.UNKNOWN_FIELD, field=name[:128])
            handler.check_complete()
        except BaseException:
            handler.discard()
            raise
        return Response(UploadDocument(form.keep(user, handler)).data, status=201)

    @override
    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What of tus is spoken here."""
        return Response(status=204, headers=tus.capabilities(settings.UPLOAD_MAX_BYTES))

    def _open(self, request: Request) -> Response:
        tus.check_version(request.headers)
        name, size = tus.file_name(request.headers), tus.number(request.headers, "Upload-Length")
        upload = resumable.create(user_of(request), name, size)
        headers = {"Location": f"/api/uploads/{upload.pk}/", **tus.state(upload)}
        return Response(UploadDocument(upload).data, status=201, headers=headers)


class SetFile(StrictSerializer):
    name = Text(max_length=200, trim_whitespace=False)
    bytes = Natural()


class NewSet(StrictSerializer):
    files = SetFile(many=True, help_text=f"2 to {sets.MOST_FILES:,} files of one format.")


class UploadSetsView(APIView):
    @extend_schema(
        operation_id="create_upload_set",
        request=NewSet,
        responses={201: UploadDocument, **problems(400, 401, 413, 415, 422, 507)},
    )
    def post(self, request: Request) -> Response:
        """Opens an upload of several files of one shape, which become one dataset. Each of its `parts` is sent as a
        resumable upload of its own; the set is whole once all are.
        """
        files = [(file["name"], file["bytes"]) for file in parsed(request, NewSet)["files"]]
        upload = sets.create(user_of(request), files)
        return Response(UploadDocument(upload).data, status=201, headers={"Location": f"/api/uploads/{upload.pk}/"})


class UploadView(TusView):
    @extend_schema(operation_id="get_upload", responses={200: UploadDocument, **problems(401, 404)})
    def get(self, request: Request, upload_id: str) -> Response:
        """An upload of the caller whose file is not removed yet."""
        upload = upload_for(user_of(request), upload_id)
        if upload.received == 0:
            # A process may have died between the last file of a set and this.
            resumable.finish_set(upload)
            upload.refresh_from_db()
        return Response(UploadDocument(upload).data)

    def head(self, request: Request, upload_id: str) -> Response:
        """How far an upload is: `Upload-Offset` and `Upload-Length`."""
        upload = upload_for(user_of(request), upload_id)
        if upload.received == upload.bytes:
            resumable.finish(upload)
        return Response(status=200, headers=tus.state(upload))

    @extend_schema(
        operation_id="continue_upload",
        parameters=CONTINUE,
        request={tus.CONTENT_TYPE: OpenApiTypes.BINARY},
        responses={204: None, **problems(400, 401, 404, 409, 412, 413, 415, 423, tus.CHECKSUM_STATUS, 507)},
    )
    def patch(self, request: Request, upload_id: str) -> Response:
        """Continues a resumable upload with the bytes of the body, at `Upload-Offset`."""
        upload = upload_for(user_of(request), upload_id)
        tus.check_version(request.headers)
        if request.content_type != tus.CONTENT_TYPE:
            raise HalftoneError(ErrorCode.UNSUPPORTED_MEDIA_TYPE, f"Send {tus.CONTENT_TYPE}.", field="Content-Type")
        offset = tus.number(request.headers, "Upload-Offset")
        _check_length(request, upload, offset)
        resumable.receive(upload, offset, request._request.read, tus.checksum(request.headers))
        upload.refresh_from_db()
        return Response(status=204, headers=tus.state(upload))

    @extend_schema(
        operation_id="delete_upload", parameters=[VERSION], responses={204: None, **problems(401, 404, 409, 412)}
    )
    def delete(self, request: Request, upload_id: str) -> Response:
        """Removes an upload, unfinished or whole, that was not imported."""
        upload = upload_for(user_of(request), upload_id)
        tus.check_version(request.headers)
        resumable.terminate(upload)
        return Response(status=204)


def _check_length(request: Request, upload: Upload, offset: int) -> None:
    """Refuses what would not fit before it is read. Raises `body_too_large`."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and offset + int(length) > upload.bytes:
        raise HalftoneError(ErrorCode.BODY_TOO_LARGE, f"The upload has {upload.bytes} bytes.", field="Content-Length")


urlpatterns = [
    path("api/uploads/", UploadsView.as_view(), name="uploads"),
    path("api/uploads/sets/", UploadSetsView.as_view(), name="upload-sets"),
    path("api/uploads/<str:upload_id>/", UploadView.as_view(), name="upload"),
]
