"""`Idempotency-Key`: a create that is repeated gives the first answer again and makes nothing new."""

import hashlib
import json
import re
from collections.abc import Callable

from django.db import transaction
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from users.models import User

from analytics.models import IdempotencyKey

HEADER = "Idempotency-Key"
SHAPE = re.compile(r"[\x21-\x7e]{1,128}")


def once(request: Request, user: User, create: Callable[[], Response]) -> Response:
    """Runs `create`, or repeats what it answered. Raises `param_invalid`, or `conflict` for another request's key."""
    key = request.headers.get(HEADER)
    if key is None:
        return create()
    if not SHAPE.fullmatch(key):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "1 to 128 visible ASCII characters.", field=HEADER)
    digest = _digest(request)
    # Writers take turns, so a second request with the key waits here for the first one's answer.
    with transaction.atomic():
        before = IdempotencyKey.objects.filter(user=user, key=key).first()
        if before is not None:
            return _again(before, digest)
        response = create()
        body = json.loads(json.dumps(response.data, cls=JSONEncoder))
        headers = {name: value for name, value in response.headers.items() if name in ("ETag", "Location")}
        IdempotencyKey.objects.create(
            user=user,
            key=key,
            request_hash=digest,
            status=response.status_code,
            body={"body": body, "headers": headers},
        )
    return response


def _digest(request: Request) -> str:
    body = json.dumps([request.path, request.data], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _again(before: IdempotencyKey, digest: str) -> Response:
    if before.request_hash != digest:
        raise HalftoneError(ErrorCode.CONFLICT, "This key belongs to another request.", field=HEADER)
    return Response(before.body["body"], status=before.status, headers=before.body["headers"])
