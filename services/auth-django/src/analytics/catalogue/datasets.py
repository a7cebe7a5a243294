"""Writes of datasets and permissions. The caller has checked the user's rights with `catalogue.access`."""

import re
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics import events
from analytics.jobs import lifecycle
from analytics.models import Dataset, Event, Permission, Role

log = structlog.get_logger(__name__)

UNDO = timedelta(minutes=10)
SLUG_TRIES = 20


def create_dataset(user: User, title: str, slug: str = "", description: str = "", *, is_draft: bool = False) -> Dataset:
    """A dataset without versions, owned by `user`; a draft when an import makes it.

    Raises `conflict` for a taken slug.
    """
    with transaction.atomic():
        dataset = Dataset(slug=slug, title=title, description=description, owner=user, is_draft=is_draft)
        if slug:
            _save_slug(dataset)
        else:
            _save_free_slug(dataset)
        Permission.objects.create(dataset=dataset, user=user, role=Role.OWNER)
    log.info("dataset_created", dataset_id=str(dataset.pk), user_id=str(user.pk))
    return with_role(dataset, Role.OWNER)


def with_role(dataset: Dataset, role: int) -> Dataset:
    """The dataset annotated as by `access.visible`."""
    vars(dataset)["my_role"] = int(role)
    return dataset


def free_slug(title: str) -> str:
    """A free slug derived from a title, with a number if needed."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "dataset"
    taken = set(Dataset.objects.filter(slug__startswith=stem, deleted_at=None).values_list("slug", flat=True))
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _save_slug(dataset: Dataset) -> None:
    try:
        with transaction.atomic():
            dataset.save(force_insert=True)
    except IntegrityError as error:
        raise HalftoneError(ErrorCode.CONFLICT, "This slug is taken.", field="slug") from error


def _save_free_slug(dataset: Dataset) -> None:
    """Retries with the next number when a concurrent request takes the slug."""
    for _ in range(SLUG_TRIES):
        dataset.slug = free_slug(dataset.title)
        with suppress(HalftoneError):
            return _save_slug(dataset)
    raise HalftoneError(ErrorCode.CONFLICT, "Many datasets of this title are being created; try again.", field="slug")


def change_dataset(dataset: Dataset, revision: int, *, title: str | None = None, description: str | None = None) -> int:
    """Changes the given fields if the dataset is still at `revision`; returns the new revision.

    Raises `precondition_failed`.
    """
    given = {"title": title, "description": description}
    changes = {name: value for name, value in given.items() if value is not None}
    changed = Dataset.objects.filter(pk=dataset.pk, revision=revision, deleted_at=None).update(
        **changes, revision=F("revision") + 1, updated_at=timezone.now()
    )
    if not changed:
        raise HalftoneError(ErrorCode.PRECONDITION_FAILED)
    return revision + 1


def delete_dataset(dataset: Dataset) -> datetime:
    """Hides a dataset at once and cancels its jobs; returns the end of the undo period."""
    now = timezone.now()
    with transaction.atomic():
        hidden = Dataset.objects.filter(pk=dataset.pk, deleted_at=None).update(
            # A draft that a person deletes goes, and may come back, like any other dataset.
            deleted_at=now,
            is_draft=False,
            revision=F("revision") + 1,
        )
        if not hidden:
            raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
        lifecycle.cancel_all(dataset.jobs.all(), now)
        events.emit(Event.Kind.DATASET_DELETED, dataset_id=dataset.pk)
    log.info("dataset_deleted", dataset_id=str(dataset.pk))
    return now + UNDO


def restore_dataset(user: User, slug: str) -> Dataset:
    """Undoes a person's deletion within ten minutes; a withdrawn draft stays away.

    Raises `unknown_dataset`, or `conflict` for a slug taken since.
    """
    own = Dataset.objects.filter(
        slug=slug,
        is_draft=False,
        deleted_at__gt=timezone.now() - UNDO,
        permissions__user=user,
        permissions__role=Role.OWNER,
    )
    dataset = own.order_by("-deleted_at").first()
    if dataset is None:
        raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
    try:
        with transaction.atomic():
            back = Dataset.objects.filter(pk=dataset.pk, deleted_at=dataset.deleted_at)
            if not back.update(deleted_at=None, revision=F("revision") + 1):
                raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
    except IntegrityError as error:
        raise HalftoneError(ErrorCode.CONFLICT, "This slug has been taken since.", field="slug") from error
    dataset.refresh_from_db()
    return with_role(dataset, Role.OWNER)


def grant_role(dataset: Dataset, role: Role, *, user_email: str = "", group: str = "") -> Permission:
    """Grants a role to a user or a group.

    Raises `conflict` if it has one already, `param_invalid` for an unknown user or group.
    """
    holder: dict[str, User | Group | None]
    if user_email:
        holder = {"user": User.objects.filter(email=user_email.strip().lower()).first()}
    else:
        holder = {"group": Group.objects.filter(name=group).first()}
    name, value = next(iter(holder.items()))
    if value is None:
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"There is no such {name}.", field=name)
    try:
        with transaction.atomic():
            return Permission.objects.create(dataset=dataset, role=role, **holder)
    except IntegrityError as error:
        raise HalftoneError(ErrorCode.CONFLICT, f"This {name} has a role already; change that one.") from error


def change_role(permission: Permission, role: Role) -> Permission:
    """Gives another role. Raises `conflict` rather than leave the dataset without an owner, `not_found` once gone."""
    with transaction.atomic():
        permission = _locked(permission)
        _keep_an_owner(permission, role)
        permission.role = role
        permission.save(update_fields=["role"])
    return permission


def revoke_role(permission: Permission) -> None:
    """Takes a role away. Raises `conflict` rather than leave the dataset without an owner, `not_found` once gone."""
    with transaction.atomic():
        permission = _locked(permission)
        _keep_an_owner(permission, None)
        permission.delete()


def _locked(permission: Permission) -> Permission:
    """Serialises role changes of a dataset: two owners who demote each other would leave none."""
    Dataset.objects.select_for_update(no_key=True).filter(pk=permission.dataset_id).first()
    again = Permission.objects.select_related("user", "group").filter(pk=permission.pk).first()
    if again is None:
        raise HalftoneError(ErrorCode.NOT_FOUND)
    return again


def _keep_an_owner(permission: Permission, role: Role | None) -> None:
    owners = Permission.objects.filter(dataset=permission.dataset_id, role=Role.OWNER, user__isnull=False)
    if role != Role.OWNER and not owners.exclude(pk=permission.pk).exists():
        raise HalftoneError(ErrorCode.CONFLICT, "A dataset needs an owner; name another one first.")


def permission_of(dataset: Dataset, permission_id: UUID | None) -> Permission:
    """A permission of this dataset. Raises `not_found`."""
    found = dataset.permissions.select_related("user", "group")
    permission = found.filter(pk=permission_id).first() if permission_id else None
    if permission is None:
        raise HalftoneError(ErrorCode.NOT_FOUND)
    return permission
