"""The field `reading` of requests: what a person changed of how a file is read."""

import json
from typing import Any

from halftone_auth.http.requests import StrictSerializer
from rest_framework import serializers
from typing_extensions import override

MAX_BYTES = 256 << 10
HELP = "What differs from the reading as judged: {dialect: {…}, columns: {source name: {…}}}. The worker checks it."


class ReadingWish(StrictSerializer):
    """Only its shape is checked here: the worker knows what a reading may hold, and fails the job otherwise."""

    dialect = serializers.DictField(required=False)
    columns = serializers.DictField(child=serializers.DictField(), required=False)

    @override
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(attrs)) > MAX_BYTES:
            raise serializers.ValidationError(f"A reading may have {MAX_BYTES} bytes.", code="max_length")
        return attrs
