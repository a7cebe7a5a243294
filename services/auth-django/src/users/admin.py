"""Admin pages of users, groups and sessions."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from halftone_auth.admin_pages import (
    AdminPasswordChangeForm,
    ModelAdmin,
    ReadOnlyAdmin,
    UserAdmin,
    UserChangeForm,
    UserCreationForm,
)

from users.models import RefreshToken, SessionFamily, User
from users.services import end_session

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    pass


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "created_at", "token_version")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("History", {"fields": ("last_login", "created_at", "token_version")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)


@admin.register(SessionFamily)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("user", "client", "address", "created_at", "last_used_at", "revoked_at", "revoked_reason")
    list_filter = ("client", "revoked_reason")
    search_fields = ("user__email", "address")
    actions = ("end_sessions",)

    @admin.action(description="End these sessions", permissions=["end"])
    def end_sessions(self, request: HttpRequest, sessions: QuerySet[SessionFamily]) -> None:
        for session in sessions:
            end_session(session, "admin")

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Users who may change users may end their sessions."""
        return request.user.has_perm("users.change_user")


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnlyAdmin):
    list_display = ("id", "family", "issued_at", "expires_at", "used_at")
    search_fields = ("family__user__email",)
