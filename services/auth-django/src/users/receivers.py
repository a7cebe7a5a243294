"""Ends every session of an account whose password changed, or that was disabled or deleted, by any code path."""

from django.db.models.signals import post_save, pre_delete, pre_save
from django.dispatch import receiver

from users.models import User
from users.services import end_all_sessions


@receiver(pre_save, sender=User)
def mark_credential_change(instance: User, update_fields: frozenset[str] | None, **_: object) -> None:
    """Marks a user whose credentials change, for `end_sessions` after the save."""
    instance.email = instance.email.strip().lower()
    before = User.objects.filter(pk=instance.pk).values_list("is_active", flat=True).first()
    instance.__dict__["_ends_sessions"] = before is not None and (
        instance.password_is_new or (before and not instance.is_active)
    )


@receiver(post_save, sender=User)
def end_sessions(instance: User, **_: object) -> None:
    """Ends the sessions of a user whose credentials have just changed."""
    if instance.__dict__.pop("_ends_sessions", False):
        end_all_sessions(instance, "disabled" if not instance.is_active else "password")


@receiver(pre_delete, sender=User)
def end_sessions_of_deleted(instance: User, **_: object) -> None:
    """Ends live views before the rows are deleted."""
    end_all_sessions(instance, "deleted")
