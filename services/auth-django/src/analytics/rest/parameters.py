"""OpenAPI parameters that several resources take."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeats are safe.")
VERSION = OpenApiParameter("version", OpenApiTypes.UUID, description="The newest when absent.")
