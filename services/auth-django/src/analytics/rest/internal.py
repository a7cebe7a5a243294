"""The base of `/api/internal/…`, which ingest workers and the gateway call with the service token."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from halftone_auth.http.service_token import is_service
from halftone_auth.http.strict_json import StrictJSONParser
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView
from typing_extensions import override

SERVICE = "service"


class ServiceAuthentication(BaseAuthentication):
    """`Authorization: Bearer <HALFTONE_SERVICE_TOKEN>`. Raises `token_invalid` for another token."""

    @override
    def authenticate(self, request: Request) -> tuple[AnonymousUser, str] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        if not is_service(header.decode("latin-1")):
            raise HalftoneError(ErrorCode.TOKEN_INVALID)
        return AnonymousUser(), SERVICE

    @override
    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="halftone-internal"'


class IsService(BasePermission):
    """Admits requests with the service token only."""

    @override
    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth == SERVICE


class ServiceJSONParser(StrictJSONParser):
    """Allows larger bodies, and NUL characters in labels of files."""

    allows_nul = True

    @property
    @override
    def limit(self) -> int:
        return int(settings.INTERNAL_MAX_BYTES)


class InternalView(APIView):
    """Base of the internal API."""

    authentication_classes: Any = (ServiceAuthentication,)
    permission_classes: Any = (IsService,)
    parser_classes: Any = (ServiceJSONParser,)
