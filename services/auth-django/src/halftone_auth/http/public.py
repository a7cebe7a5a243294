"""The base of resources that need no credentials."""

from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.views import APIView


class PublicView(APIView):
    """Answers without credentials; a stale Authorization header is not looked at."""

    authentication_classes: Any = ()
    permission_classes: Any = (AllowAny,)
