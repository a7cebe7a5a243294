"""Prometheus metrics of the process."""

from fastapi import APIRouter, Response
from halftone_servicekit.metrics import metrics_payload

from halftone_gateway.metrics import REGISTRY

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics() -> Response:
    body, content_type = metrics_payload(REGISTRY)
    return Response(body, media_type=content_type)
