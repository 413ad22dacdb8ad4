"""One settings file. Every knob is an environment variable; a wrong value says which and what is allowed."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from povertyaid import cluster

BASE_DIR = Path(__file__).resolve().parent.parent


def env_bool(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "")
    if value == "":
        return default
    if value.lower() in {"1", "true", "yes"}:
        return True
    if value.lower() in {"0", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"Unexpected value {name}={value}, use 'true' or 'false'.")


def env_int(name: str, *, default: int) -> int:
    value = os.environ.get(name, "")
    if value == "":
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"Unexpected value {name}={value}, use a number.") from error


def env_list(name: str, *, default: list[str]) -> list[str]:
    value = os.environ.get(name, "")
    return [part.strip() for part in value.split(",") if part.strip()] if value else default


DATA_DIR = cluster.data_folder()


def secret_key() -> str:
    """The signing key: from the environment, else from a file only the owner can read."""
    if value := os.environ.get("POVERTYAID_SECRET_KEY", ""):
        return value
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(mode=0o711, parents=True, exist_ok=True)
        # Written aside, so that nobody reads half a key; if another process was first, its counts.
        handle, draft = tempfile.mkstemp(dir=DATA_DIR)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()


SECRET_KEY = secret_key()
DEBUG = env_bool("POVERTYAID_DEBUG", default=False)
ALLOWED_HOSTS = env_list("POVERTYAID_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("POVERTYAID_TRUSTED_ORIGINS", default=[])
HTTPS = env_bool("POVERTYAID_HTTPS", default=False)
# Where square codes on papers lead; empty: to the address under which the paper was asked for.
BASE_URL = os.environ.get("POVERTYAID_BASE_URL", "")

INSTALLED_APPS = [
    "povertyaid.org",
    "povertyaid.audit",
    "povertyaid.programmes",
    "povertyaid.jobs",
    "povertyaid.web",
    "households",
    "pairings",
    "disbursements",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "django_filters",
    "django_htmx",
    "import_export",
    "pgtrigger",
    "pghistory",
    "axes",
    "csp",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "povertyaid.web.middleware.DeskMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "povertyaid.web.middleware.SizeMiddleware",
    "povertyaid.web.middleware.OtherMethodMiddleware",
    "povertyaid.web.middleware.DraftMiddleware",
    "povertyaid.web.middleware.SignInMiddleware",
    "povertyaid.web.gate.GateMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "povertyaid.urls"
WSGI_APPLICATION = "povertyaid.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "povertyaid.web.context.frame",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "povertyaid.web.forms.OfficeRenderer"

DATABASES = {"default": cluster.connection()}
if pool_size := env_int("POVERTYAID_POOL", default=0):
    # A pool is for the web server; a command holds one connection and needs none.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 2,
        "max_size": pool_size,
    }
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("POVERTYAID_TEST_NAME") or None}
# Reports read through this alias: the main server, or a streaming standby once there is one.
REPORTS_DATABASE = "default"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "org.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "povertyaid.roles.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A password is used this long at most; 0 for as long as one likes.
PASSWORD_DAYS = env_int("POVERTYAID_PASSWORD_DAYS", default=90)
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

# An unattended desk signs itself out; every request starts the time anew.
SESSION_COOKIE_AGE = 60 * env_int("POVERTYAID_IDLE_MINUTES", default=30)
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "povertyaid.web.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # no office is on the browsers' own preload list
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Five wrong passwords for one name from one address close it for a quarter of an hour.
AXES_FAILURE_LIMIT = env_int("POVERTYAID_SIGN_IN_TRIES", default=5)
AXES_COOLOFF_TIME = env_int("POVERTYAID_LOCK_OUT_MINUTES", default=15) / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # "after 15 minutes" is kept to
AXES_LOCKOUT_CALLABLE = "povertyaid.web.pages.signin.locked_out"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True  # sign-ins stand in the audit trail

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["povertyaid.formats"]

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if os.environ.get("PYTEST_VERSION") or DEBUG:
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True  # nothing need be collected first
if os.environ.get("PYTEST_VERSION"):
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Off where several servers share the tables: then history is written row by row (`migrate` fits it).
HISTORY_IN_SETS = env_bool("POVERTYAID_HISTORY_IN_SETS", default=True)

# Uploaded rosters lie here, encrypted; never below a web root.
UPLOADS_DIR = DATA_DIR / "uploads"
ROSTER_MAX_BYTES = env_int("POVERTYAID_ROSTER_MAX_MB", default=30) * 1024 * 1024
# A roster up to this size is read while the clerk waits; a larger one in the background.
ROSTER_AT_ONCE_BYTES = env_int("POVERTYAID_ROSTER_AT_ONCE_KB", default=256) * 1024
# So many changed files are put back while the clerk waits.
ROSTER_UNDO_AT_ONCE = 500
# How long the file of a roster is kept; what it did stays told. 0 for ever.
ROSTER_KEEP_DAYS = env_int("POVERTYAID_ROSTER_KEEP_DAYS", default=1095)
ROSTER_MAX_ROWS = env_int("POVERTYAID_ROSTER_MAX_ROWS", default=200_000)
# Scans of papers: the largest file, and what the scans of one paper may have together.
DOSSIER_FILE_MAX_BYTES = env_int("POVERTYAID_DOSSIER_FILE_MAX_MB", default=20) * 1024 * 1024
DOSSIER_PAPER_MAX_BYTES = env_int("POVERTYAID_DOSSIER_PAPER_MAX_MB", default=100) * 1024 * 1024
# How long scans are kept after their paper was taken out or the file was closed; ten years is the
# rule of the unions' archives. 0 for ever.
DOSSIER_KEEP_DAYS = env_int("POVERTYAID_DOSSIER_KEEP_DAYS", default=3653)
# A photograph of a visit as it is handed in, and so many on one visit.
PHOTO_MAX_BYTES = env_int("POVERTYAID_PHOTO_MAX_MB", default=10) * 1024 * 1024
PHOTOS_AT_ONCE_BYTES = 4 * PHOTO_MAX_BYTES  # all photographs of one sending
PHOTOS_ON_A_VISIT = env_int("POVERTYAID_PHOTOS_ON_A_VISIT", default=12)
# Papers printed in one go: so many households, kept so many days to be fetched (0: until they are
# taken away by hand). Work for all cores takes so many processes (0: one a core).
PAPERS_AT_MOST = env_int("POVERTYAID_PAPERS_AT_MOST", default=5000)
PAPERS_KEEP_DAYS = env_int("POVERTYAID_PAPERS_KEEP_DAYS", default=7)
CORES = env_int("POVERTYAID_CORES", default=0)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a family of forty with thirty fields each
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# All files of one sending, known before a byte of them is read. Scans of many households may come
# together, so more than those of one paper.
FILES_AT_ONCE_BYTES = max(ROSTER_MAX_BYTES, 3 * DOSSIER_PAPER_MAX_BYTES, PHOTOS_AT_ONCE_BYTES)
SENT_AT_ONCE_BYTES = FILES_AT_ONCE_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE
SENT_SIGNED_OUT_BYTES = 1024 * 1024  # twice what is kept of a form whose session was lost

# Stopped, the worker does not wait for its job to end: that is laid back at the next progress it
# tells, and begun anew by the next worker.
PROCRASTINATE_WORKER_DEFAULTS = {"shutdown_graceful_timeout": 0}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A refusal is an answer, not a fault: anybody signed in could fill the log with them. Who
    # looked at whom stands in the audit trail.
    "loggers": {"django.request": {"level": "ERROR"}},
}

IMPORT_EXPORT_USE_TRANSACTIONS = True
