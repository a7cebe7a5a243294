"""Base classes of admin pages: unfold's, typed as Django's, which they extend."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from typing_extensions import override

if TYPE_CHECKING:
    from django.contrib import admin
    from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
    from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm

    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    UserAdmin = DjangoUserAdmin[Any]
    UserCreationForm = AdminUserCreationForm
else:
    from django.contrib.auth.admin import UserAdmin
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

__all__ = [
    "AdminPasswordChangeForm",
    "ModelAdmin",
    "ReadOnlyAdmin",
    "TabularInline",
    "UserAdmin",
    "UserChangeForm",
    "UserCreationForm",
]


class ReadOnlyAdmin(ModelAdmin):
    """An admin page of rows that only the service writes."""

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
