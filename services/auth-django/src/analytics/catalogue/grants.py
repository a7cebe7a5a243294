"""Grants: signed statements for compute of what a user may read of one version."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from users.models import User
from users.tokens.issue import grant_token

from analytics.models import Dataset, Version

# There are no row policies yet: a user who may see a dataset sees all its rows and columns.
POLICY: Mapping[str, Any] = {"policy": None}
POLICY_HASH = hashlib.sha256(json.dumps(POLICY, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
ALL_COLUMNS = ["*"]


def sign_grant(user: User, dataset: Dataset, version: Version) -> str:
    """The grant JWT. The caller has checked that `user` may see `dataset`."""
    return grant_token(
        {
            "sub": str(user.pk),
            "jti": str(uuid.uuid4()),
            "dataset": str(dataset.pk),
            "version": str(version.pk),
            "manifest": version.manifest,
            "columns": ALL_COLUMNS,
            **POLICY,
            "policy_hash": POLICY_HASH,
            "purpose": "view",
        }
    )
