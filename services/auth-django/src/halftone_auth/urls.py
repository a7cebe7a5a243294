"""Every route of the service."""

from django.contrib import admin
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from monitoring import views as monitoring

from halftone_auth.http.resources import resources

urlpatterns = [
    *resources("users.api", "analytics.api", "analytics.internal"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("admin/", admin.site.urls),
    path("metrics", monitoring.metrics, name="metrics"),
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
]

handler400 = "halftone_auth.http.errors.bad_request"
handler403 = "halftone_auth.http.errors.forbidden"
handler404 = "halftone_auth.http.errors.not_found"
handler500 = "halftone_auth.http.errors.server_error"
