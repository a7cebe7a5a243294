"""Users and their sessions. A session is a family of refresh tokens, each replaced by its successor."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone
from halftone_auth.database.pool import release_connection
from typing_extensions import override


class UserManager(BaseUserManager["User"]):
    """Looks users up by e-mail, case-insensitively."""

    @override
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())

    def create_user(
        self,
        email: str,
        password: str | None = None,
        *,
        name: str = "",
        is_staff: bool = False,
        is_superuser: bool = False,
    ) -> "User":
        user = self.model(email=email, name=name, is_staff=is_staff, is_superuser=is_superuser)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True)


class User(AbstractBaseUser, PermissionsMixin):
    """A user. Incrementing `token_version` invalidates every token issued so far."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=128, blank=True)
    is_active = models.BooleanField(default=True, help_text="Off: signed out everywhere and unable to sign in.")
    is_staff = models.BooleanField(default=False, help_text="May use the admin.")
    token_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        ordering: ClassVar = ["email"]

    @override
    def __str__(self) -> str:
        return self.email

    @override
    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    @override
    def check_password(self, raw_password: str | None) -> bool:
        release_connection()
        return super().check_password(raw_password)

    @override
    def set_password(self, raw_password: str | None) -> None:
        # Django also calls this for an unknown user, so that both take equally long.
        release_connection()
        super().set_password(raw_password)

    @property
    def password_is_new(self) -> bool:
        """Whether `set_password` was called since the last save (an upgrade of the hash does not count)."""
        return getattr(self, "_password", None) is not None


class SessionFamily(models.Model):
    """One sign-in; its refresh tokens are valid or revoked together."""

    class Client(models.TextChoices):
        WEB = "web", "browser"
        API = "api", "program"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    client = models.CharField(max_length=3, choices=Client.choices)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        verbose_name = "session"

    @override
    def __str__(self) -> str:
        return f"{self.user_id} since {self.created_at:%Y-%m-%d %H:%M}"

    def is_live(self, now: datetime) -> bool:
        """Whether its access tokens are valid."""
        return self.revoked_at is None and self.expires_at > now


class RefreshToken(models.Model):
    """The claims of one refresh token, kept to sign the same token again for a concurrent request."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.ForeignKey(SessionFamily, on_delete=models.CASCADE, related_name="tokens")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    successor = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parent")

    class Meta:
        ordering: ClassVar = ["-issued_at"]

    @override
    def __str__(self) -> str:
        return str(self.id)
