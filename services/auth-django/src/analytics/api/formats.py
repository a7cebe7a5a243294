"""`/api/formats/`: the file formats that can be imported, and `/api/internal/formats/`, where workers announce them."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from halftone_auth.http.requests import StrictSerializer, Text, parsed, query
from halftone_auth.http.schema import problems
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import override

from analytics.formats import HEAD_BYTES, KnownFormat, announce, known_formats
from analytics.rest.internal import InternalView

# Two parts at most: a text, and what it is packed in.
ENDING = r"\A[a-z0-9]{1,16}(\.[a-z0-9]{1,15})?\Z"
MAGIC = rf"\A([0-9a-f]{{2}}){{1,{HEAD_BYTES}}}\Z"


FORMATS = inline_serializer(
    "FileFormat",
    {
        "title": serializers.CharField(),
        "endings": serializers.ListField(
            child=serializers.CharField(), help_text="Endings of file names, without the first dot."
        ),
    },
    many=True,
)


class FileFormat(StrictSerializer):
    title = Text(max_length=64)
    endings = serializers.ListField(child=serializers.RegexField(ENDING), min_length=1, max_length=64)
    magics = serializers.ListField(
        child=serializers.RegexField(MAGIC), max_length=16, help_text="In hexadecimal digits."
    )


class Formats(StrictSerializer):
    formats = serializers.ListField(child=FileFormat(), min_length=1, max_length=256)

    @override
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        titles = [each["title"] for each in attrs["formats"]]
        endings = [ending for each in attrs["formats"] for ending in each["endings"]]
        if len(set(titles)) < len(titles) or len(set(endings)) < len(endings):
            raise serializers.ValidationError({"formats": "A title or an ending occurs twice."})
        return attrs


class FormatsView(APIView):
    @extend_schema(operation_id="list_formats", responses={200: FORMATS, **problems(400, 401)})
    def get(self, request: Request) -> Response:
        """The formats that import workers announced; none before the first worker has started."""
        query(request)
        return Response([{"title": each.title, "endings": each.endings} for each in known_formats()])


class InternalFormatsView(InternalView):
    @extend_schema(
        operation_id="announce_formats", request=Formats, responses={200: OpenApiResponse(), **problems(400, 401)}
    )
    def put(self, request: Request) -> Response:
        """Replaces the known formats."""
        announce(
            KnownFormat(each["title"], tuple(each["endings"]), tuple(map(bytes.fromhex, each["magics"])))
            for each in parsed(request, Formats)["formats"]
        )
        return Response({})


urlpatterns = [
    path("api/formats/", FormatsView.as_view(), name="formats"),
    path("api/internal/formats/", InternalFormatsView.as_view(), name="internal-formats"),
]
