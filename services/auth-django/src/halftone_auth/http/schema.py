"""OpenAPI: the problem document, the bearer scheme, and which paths are public."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from typing_extensions import override


class ProblemDocument(serializers.Serializer[Any]):
    """Body of every error."""

    code = serializers.CharField(help_text="One of the codes of docs/errors.md.")
    field = serializers.CharField(help_text="The field that caused the error, or empty.")
    detail = serializers.CharField(help_text="A sentence for people.")
    request_id = serializers.CharField(help_text="Also in the X-Request-Id header and in the logs.")


class AccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped hook of theirs
    """Describes the access token as a bearer token."""

    target_class = "users.authentication.AccessTokenAuthentication"
    name = "accessToken"

    @override
    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ServiceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped hook of theirs
    """Describes the internal API's token."""

    target_class = "analytics.rest.internal.ServiceAuthentication"
    name = "serviceToken"

    @override
    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


def problems(*statuses: int) -> dict[int, OpenApiResponse]:
    """Error responses of an operation, for `extend_schema(responses=…)`."""
    return {status: OpenApiResponse(ProblemDocument) for status in statuses}


PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="From `next` or `previous` of a page."),
    OpenApiParameter("page_size", int, description="1 to 100; 50 when absent."),
]
