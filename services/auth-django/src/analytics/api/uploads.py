"""`/api/uploads/`: uploads of files."""

from typing import Any

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import extend_schema, inline_serializer
from halftone_auth.database.pool import release_connection
from halftone_auth.http.schema import problems
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics import uploads
from analytics.catalogue.access import upload_for
from analytics.formats import known_formats
from analytics.rest.documents import UploadDocument

FILE = inline_serializer("File", {"file": serializers.FileField()})


class UploadsView(APIView):
    parser_classes: Any = (MultiPartParser,)

    @extend_schema(
        operation_id="create_upload",
        request={"multipart/form-data": FILE},
        responses={201: UploadDocument, **problems(400, 401, 413, 415, 422, 507)},
    )
    def post(self, request: Request) -> Response:
        """Takes one file of a known format in the field `file` of a multipart body with a Content-Length."""
        user = user_of(request)
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdigit():
            raise HalftoneError(ErrorCode.BAD_MESSAGE, "An upload needs a Content-Length.", field="Content-Length")
        uploads.check_space(int(length))
        handler = uploads.StorageUploadHandler(settings.UPLOAD_MAX_BYTES, known_formats())
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
        return Response(UploadDocument(uploads.keep(user, handler)).data, status=201)


class UploadView(APIView):
    @extend_schema(operation_id="get_upload", responses={200: UploadDocument, **problems(401, 404)})
    def get(self, request: Request, upload_id: str) -> Response:
        """An upload of the caller whose file is not removed yet."""
        return Response(UploadDocument(upload_for(user_of(request), upload_id)).data)


urlpatterns = [
    path("api/uploads/", UploadsView.as_view(), name="uploads"),
    path("api/uploads/<str:upload_id>/", UploadView.as_view(), name="upload"),
]
