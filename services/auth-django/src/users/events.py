"""Signals about sessions and sign-ins, sent inside the transaction of the change."""

from django.dispatch import Signal

# Sent with `session_id` and `user_id`.
session_revoked = Signal()
# Sent with `user_id` and `token_version`: every token of this user with a smaller version is invalid.
user_revoked = Signal()
# Sent with `outcome`: ok, refused or limited.
sign_in_tried = Signal()
