"""The columns that rows are ordered by, in requests and documents."""

from typing import Any

from halftone_auth.http.requests import StrictSerializer, Text
from rest_framework import serializers
from typing_extensions import override

_NAME = 1024


class PairWish(StrictSerializer):
    x = Text(max_length=_NAME, trim_whitespace=False)
    y = Text(max_length=_NAME, trim_whitespace=False)

    @override
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["x"] == attrs["y"]:
            raise serializers.ValidationError({"y": "Name two different columns."})
        return attrs


class PairDocument(serializers.Serializer[Any]):
    x = serializers.CharField()
    y = serializers.CharField()


class PairField(PairDocument):
    """A pair, or null where there is none."""

    def __init__(self, *, help_text: str) -> None:
        super().__init__(allow_null=True, help_text=help_text)

    @override
    def to_representation(self, instance: Any) -> Any:
        return super().to_representation(instance) if instance else None
