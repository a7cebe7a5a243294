"""What other parts of the service may want to hear: sent inside the transaction that made it so."""

from django.dispatch import Signal

# Sent with `session_id`.
session_revoked = Signal()
# Sent with `user_id`: every token of this person has died.
user_revoked = Signal()
# Sent with `outcome`: ok, refused or limited.
sign_in_tried = Signal()
