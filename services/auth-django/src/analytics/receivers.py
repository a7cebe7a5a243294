"""Turns changes of sessions and permissions into events, for every code path: API, admin or command."""

from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver
from users.events import session_revoked, user_revoked
from users.models import User

from analytics.events import emit
from analytics.models import Event, Permission

Kind = Event.Kind


@receiver(session_revoked)
def on_session_revoked(session_id: UUID, user_id: UUID, **_: object) -> None:
    """The gateway closes the sockets of this session."""
    emit(Kind.SESSION_REVOKED, session_id=session_id, user_id=user_id)


@receiver(user_revoked)
def on_user_revoked(user_id: UUID, token_version: int, **_: object) -> None:
    """The gateway closes the sockets of this user that have older tokens."""
    emit(Kind.USER_REVOKED, user_id=user_id, token_version=token_version)


@receiver([post_save, post_delete], sender=Permission)
def on_permission(instance: Permission, **_: object) -> None:
    """Views of this dataset get a new grant; without a user id, the views of all users."""
    emit(Kind.PERMISSION_CHANGED, dataset_id=instance.dataset_id, user_id=instance.user_id)


@receiver(m2m_changed, sender=User.groups.through)
def on_membership(action: str, instance: User | Group, pk_set: set[UUID] | None, **_: object) -> None:
    """Joining or leaving a group changes a user's rights in all datasets, so the event has no dataset."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    if isinstance(instance, User):
        emit(Kind.PERMISSION_CHANGED, user_id=instance.pk)
        return
    members = pk_set if pk_set is not None else set(instance.user_set.values_list("pk", flat=True))
    for user_id in members:
        emit(Kind.PERMISSION_CHANGED, user_id=user_id)
