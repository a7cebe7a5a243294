"""Routes of sign-in."""

from django.urls import path

from users.api import me, tokens

urlpatterns = [
    path("token/", tokens.SignInView.as_view(), name="token"),
    path("token/refresh/", tokens.RefreshView.as_view(), name="token-refresh"),
    path("token/verify/", tokens.VerifyView.as_view(), name="token-verify"),
    path("token/revoke/", tokens.RevokeView.as_view(), name="token-revoke"),
    path("me/", me.MeView.as_view(), name="me"),
]
