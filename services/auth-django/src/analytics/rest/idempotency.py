"""`Idempotency-Key`: a repeated create request returns the first response and creates nothing."""

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
    """Runs `create`, or repeats its first response.

    Raises `param_invalid` for a malformed key, `conflict` for the key of another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return create()
    if not SHAPE.fullmatch(key):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "1 to 128 visible ASCII characters.", field=HEADER)
    digest = _digest(request)
    with transaction.atomic():
        # The row comes first: a second request with the key waits here for the response to the first.
        kept, is_first = IdempotencyKey.objects.get_or_create(
            user=user, key=key, defaults={"request_hash": digest, "status": 0, "body": {}}
        )
        if not is_first:
            return _again(kept, digest)
        response = create()
        body = json.loads(json.dumps(response.data, cls=JSONEncoder))
        headers = {name: value for name, value in response.headers.items() if name in ("ETag", "Location")}
        kept.status, kept.body = response.status_code, {"body": body, "headers": headers}
        kept.save(update_fields=["status", "body"])
    return response


def _digest(request: Request) -> str:
    body = json.dumps([request.path, request.data], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _again(before: IdempotencyKey, digest: str) -> Response:
    if before.request_hash != digest:
        raise HalftoneError(ErrorCode.CONFLICT, "This key belongs to another request.", field=HEADER)
    return Response(before.body["body"], status=before.status, headers=before.body["headers"])
