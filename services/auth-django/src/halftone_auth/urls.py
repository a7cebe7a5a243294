"""Every route of the service."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from monitoring import views as monitoring
from users.api.tokens import JwksView

urlpatterns = [
    path("api/", include("users.urls")),
    path("api/", include("analytics.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path(".well-known/jwks.json", JwksView.as_view(), name="jwks"),
    path("admin/", admin.site.urls),
    path("metrics", monitoring.metrics, name="metrics"),
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
]

handler400 = "halftone_auth.http.errors.bad_request"
handler403 = "halftone_auth.http.errors.forbidden"
handler404 = "halftone_auth.http.errors.not_found"
handler500 = "halftone_auth.http.errors.server_error"
