"""A new password, a disabled or a deleted account ends every session, whoever changed it: admin, command or code."""

from django.db.models.signals import post_save, pre_delete, pre_save
from django.dispatch import receiver

from users.models import User
from users.services import end_all_sessions


@receiver(pre_save, sender=User)
def bump_token_version(instance: User, update_fields: frozenset[str] | None, **_: object) -> None:
    """Makes the tokens given out so far worthless when the credentials change."""
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
    """Tells live views before the rows go."""
    end_all_sessions(instance, "deleted")
