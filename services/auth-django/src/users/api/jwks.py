"""`/.well-known/jwks.json`: the public keys."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from halftone_auth.http.public import PublicView
from rest_framework.request import Request
from rest_framework.response import Response

from users.tokens.keys import jwks


class JwksView(PublicView):
    @extend_schema(operation_id="jwks", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """The public keys (RFC 7517), for every verifier."""
        return Response(jwks(), headers={"Cache-Control": "public, max-age=300"})


urlpatterns = [
    path(".well-known/jwks.json", JwksView.as_view(), name="jwks"),
]
