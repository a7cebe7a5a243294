"""Admin pages of the catalogue and its jobs. Changes with rules use the same functions as the API."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from halftone_auth.admin_pages import ModelAdmin, ReadOnlyAdmin, TabularInline
from halftone_servicekit.errors import HalftoneError
from typing_extensions import override

from analytics.catalogue import datasets
from analytics.jobs import lifecycle
from analytics.models import Dataset, Event, Format, IdempotencyKey, Job, Outbox, Permission, Preview, Upload, Version


class PermissionInline(TabularInline):
    model = Permission
    extra = 0
    autocomplete_fields = ("user", "group")


@admin.register(Dataset)
class DatasetAdmin(ModelAdmin):
    list_display = ("slug", "title", "owner", "newest", "updated_at", "deleted_at")
    list_filter = ("deleted_at",)
    search_fields = ("slug", "title", "description", "owner__email")
    readonly_fields = ("slug", "owner", "newest", "is_draft", "revision", "created_at", "updated_at", "deleted_at")
    inlines: ClassVar = [PermissionInline]

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.deleted_at is None)

    @override
    def save_model(self, request: HttpRequest, obj: Dataset, form: Any, change: Any) -> None:
        datasets.change_dataset(obj, obj.revision, title=obj.title, description=obj.description)
        obj.refresh_from_db()

    @override
    def delete_model(self, request: HttpRequest, obj: Dataset) -> None:
        datasets.delete_dataset(obj)

    @override
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Dataset]) -> None:
        for dataset in queryset.filter(deleted_at=None):
            datasets.delete_dataset(dataset)


class PermissionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    # unfold takes a form field named `dataset` for one of its own parameters.
    prefix = "permission"


@admin.register(Permission)
class PermissionAdmin(ModelAdmin):
    form = PermissionForm
    list_display = ("dataset", "user", "group", "role", "created_at")
    list_filter = ("role",)
    search_fields = ("dataset__slug", "user__email", "group__name")
    autocomplete_fields = ("dataset", "user", "group")


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    list_display = ("dataset", "number", "rows", "bytes", "published_at")
    search_fields = ("dataset__slug",)


@admin.register(Format)
class FormatAdmin(ReadOnlyAdmin):
    list_display = ("title", "endings", "magics")


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "format", "bytes", "created_at", "removed_at")
    search_fields = ("name", "owner__email")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "kind",
        "dataset",
        "title",
        "owner",
        "state",
        "phase",
        "rows",
        "worker",
        "created_at",
        "finished_at",
    )
    list_filter = ("state", "kind")
    search_fields = ("dataset__slug", "title", "owner__email")
    actions = ("cancel",)

    @admin.action(description="Cancel these jobs", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            try:
                lifecycle.cancel(job, timezone.now())
            except HalftoneError as error:
                self.message_user(request, f"{job}: {error.detail}")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Users who may change jobs may cancel them."""
        return request.user.has_perm("analytics.change_job")


@admin.register(Preview)
class PreviewAdmin(ReadOnlyAdmin):
    list_display = ("job", "digest")


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "queue", "created_at", "sent_at")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "user_id", "session_id", "dataset_id", "version_id", "created_at")
    list_filter = ("kind",)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    list_display = ("user", "key", "status", "created_at")
