"""Django's settings. The only reader of the environment; `config/checks.py` refuses an unsafe configuration."""

import secrets

from corsheaders.defaults import default_headers
from halftone_servicekit.sources import parsed_roots

from halftone_auth.config.environment import AuthSettings
from halftone_auth.redis.options import caches

ENV = AuthSettings()

HALFTONE_HAS_SECRET_KEY = ENV.secret_key is not None
# A random key lets type checkers and documentation builds import the settings;
# the system checks refuse to start the service with it.
SECRET_KEY = ENV.secret_key.get_secret_value() if ENV.secret_key else secrets.token_urlsafe(64)
DEBUG = False
ALLOWED_HOSTS = ENV.hosts()
ROOT_URLCONF = "halftone_auth.urls"
ASGI_APPLICATION = "halftone_auth.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING_CONFIG = None

# Halftone's own settings; tests override them by name.
ISSUER = ENV.issuer
ALLOWED_ORIGINS = ENV.origins()
TRUSTED_PROXIES = ENV.proxies()
LOGIN_PER_MINUTE = ENV.login_per_minute
SIGNING_KEYS = ENV.keys_folder()
STORAGE = ENV.storage_address()
SERVICE_TOKEN = ENV.service_token.get_secret_value() if ENV.service_token else ""
UPLOAD_MAX_BYTES = ENV.upload_max_bytes
QUOTA_BYTES = ENV.quota_bytes
IMPORT_ROOTS = parsed_roots(ENV.import_roots, STORAGE)
JSON_MAX_BYTES = 1 << 20
INTERNAL_MAX_BYTES = 32 << 20
ADMIN_EMAIL = ENV.admin_email
ADMIN_PASSWORD = ENV.admin_password.get_secret_value() if ENV.admin_password else ""
BROKER_URL = ENV.broker_url
BROKER_FOLDER = ENV.broker_path()
BUS_URL = ENV.bus_url
CACHE_URL = ENV.cache_url
HEARTBEAT_FILE = ENV.heartbeat_file

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_prometheus",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "halftone_auth",
    "users",
    "analytics",
    "monitoring",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "halftone_auth.http.middleware.RequestIdMiddleware",
    "monitoring.middleware.DatabaseTimeMiddleware",
    "halftone_auth.http.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "halftone_auth.http.middleware.StaticFilesMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": ENV.database()}
CACHES = caches(ENV.cache_url)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator")
]

STATIC_URL = "/api/static/"
# Files come straight from the installed packages: no collectstatic step, nothing to go stale.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = list(ALLOWED_ORIGINS)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CORS_ALLOWED_ORIGINS = list(ALLOWED_ORIGINS)
CORS_ALLOW_CREDENTIALS = True
# Every header of a request that a page may set and something here reads.
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "traceparent", "x-request-id"]
CORS_ALLOW_HEADERS += ["tus-resumable", "upload-checksum", "upload-length", "upload-metadata", "upload-offset"]
CORS_URLS_REGEX = r"^/(api|\.well-known)/"
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Retry-After", "X-Request-Id", "Tus-Resumable"]
CORS_EXPOSE_HEADERS += ["Upload-Expires", "Upload-Length", "Upload-Metadata", "Upload-Offset"]
DATA_UPLOAD_MAX_MEMORY_SIZE = JSON_MAX_BYTES
PROMETHEUS_METRIC_NAMESPACE = "halftone_auth"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.authentication.AccessTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["halftone_auth.http.strict_json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "halftone_auth.http.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_FORMATTER_CLASS": "halftone_auth.http.errors.ProblemFormatter"}

SPECTACULAR_SETTINGS = {
    "TITLE": "Halftone",
    "DESCRIPTION": "Sign-in, the catalogue of datasets, uploads and import jobs.",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # By default the page sends the address of the schema to the validator of its makers.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/(?:api|\.well-known)",
}

UNFOLD = {
    "SITE_TITLE": "Halftone",
    "SITE_HEADER": "Halftone",
    "SHOW_HISTORY": True,
    "LOGIN": {"form": "users.forms.LimitedAuthenticationForm"},
}
