"""The admin classes that every page starts from: unfold's, with the types of Django's, which they extend."""

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
    """Shows rows that only the service itself may write."""

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
