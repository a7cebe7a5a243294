"""`/api/me/`: the signed-in user."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from halftone_auth.http.schema import problems
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users.authentication import user_of
from users.documents import UserDocument


class MeView(APIView):
    @extend_schema(operation_id="me", responses={200: UserDocument, **problems(401)})
    def get(self, request: Request) -> Response:
        """The signed-in user."""
        return Response(UserDocument(user_of(request)).data)


urlpatterns = [
    path("api/me/", MeView.as_view(), name="me"),
]
