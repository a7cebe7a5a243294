"""`/api/token/…`: sign in, refresh, verify, revoke."""

from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from halftone_auth.http.addresses import client_address
from halftone_auth.http.errors import respond
from halftone_auth.http.public import PublicView
from halftone_auth.http.requests import StrictSerializer, Text, parsed
from halftone_auth.http.schema import problems
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import ACCESS_LIFE_S
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from users import services
from users.authentication import session_of
from users.documents import UserDocument
from users.models import SessionFamily
from users.tokens import cookies

Client = SessionFamily.Client


class Credentials(StrictSerializer):
    email = Text(max_length=254)
    password = Text(max_length=4096, trim_whitespace=False)


class RefreshBody(StrictSerializer):
    refresh = Text(max_length=8192, required=False)


class VerifyBody(StrictSerializer):
    token = Text(max_length=8192)


TOKENS = inline_serializer(
    "Tokens",
    {
        "access": serializers.CharField(),
        "expires_in": serializers.IntegerField(help_text="Seconds."),
        "user": UserDocument(),
        "refresh": serializers.CharField(required=False, help_text="Only without an Origin; browsers get a cookie."),
    },
)


class SignInView(PublicView):
    @extend_schema(operation_id="sign_in", request=Credentials, responses={200: TOKENS, **problems(400, 401, 403, 429)})
    def post(self, request: Request) -> Response:
        """Signs in: a browser (allowed Origin) gets the refresh token as a cookie, a program in the body."""
        form = parsed(request, Credentials)
        client = Client.WEB if cookies.allowed_origin(request._request) else Client.API
        signed_in = services.sign_in(
            request._request, form["email"], form["password"], client, client_address(request._request)
        )
        return _tokens(signed_in)


class RefreshView(PublicView):
    @extend_schema(operation_id="refresh", request=RefreshBody, responses={200: TOKENS, **problems(400, 401, 403)})
    def post(self, request: Request) -> Response:
        """Exchanges a refresh token (cookie or body) for a new pair."""
        raw, client = _presented(request)
        if not raw:
            raise HalftoneError(ErrorCode.AUTH_REQUIRED)
        try:
            return _tokens(services.rotate(raw, client))
        except HalftoneError as error:
            if client == Client.WEB and error.row.http == 401:
                return _without_cookie(error)
            raise


class VerifyView(PublicView):
    @extend_schema(operation_id="verify", request=VerifyBody, responses={200: OpenApiResponse(), **problems(400, 401)})
    def post(self, request: Request) -> Response:
        """200 for an access token of a live session, else 401."""
        session_of(parsed(request, VerifyBody)["token"])
        return Response({})


class RevokeView(PublicView):
    @extend_schema(operation_id="revoke", request=RefreshBody, responses={204: None, **problems(400, 403)})
    def post(self, request: Request) -> Response:
        """Ends the session of a refresh token (cookie or body). An invalid token is no error."""
        raw, client = _presented(request)
        services.sign_out(raw, client)
        response = Response(status=204)
        if client == Client.WEB:
            cookies.clear_refresh(response)
        return response


def _presented(request: Request) -> tuple[str, str]:
    """The refresh token and the kind of client that presents it."""
    body: str = parsed(request, RefreshBody).get("refresh", "")
    if body:
        return body, Client.API
    raw = cookies.refresh_cookie(request._request)
    return raw, Client.WEB


def _tokens(signed_in: services.SignedIn) -> Response:
    body: dict[str, object] = {
        "access": signed_in.access_jwt(),
        "expires_in": ACCESS_LIFE_S,
        "user": UserDocument(signed_in.user).data,
    }
    if signed_in.family.client == Client.API:
        return Response({**body, "refresh": signed_in.refresh_jwt()})
    response = Response(body)
    cookies.set_refresh(response, signed_in.refresh_jwt(), signed_in.refresh.expires_at)
    return response


def _without_cookie(error: HalftoneError) -> Response:
    """The error, with the useless cookie deleted."""
    response = respond(error)
    cookies.clear_refresh(response)
    return response


urlpatterns = [
    path("api/token/", SignInView.as_view(), name="token"),
    path("api/token/refresh/", RefreshView.as_view(), name="token-refresh"),
    path("api/token/verify/", VerifyView.as_view(), name="token-verify"),
    path("api/token/revoke/", RevokeView.as_view(), name="token-revoke"),
]
