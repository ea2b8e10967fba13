"""Settings, read from the environment（``LUOSHI_*``）; safe by default, convenient only when ``LUOSHI_DEBUG=1``."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

PACKAGE = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("LUOSHI_STATE", Path.cwd() / "var"))
"""Where a default installation keeps its database, files and logs."""


def flag(name: str, default: bool = False) -> bool:
    """Read a yes/no environment variable: ``1``, ``true``, ``yes``, ``on`` are yes."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """Read a comma-separated environment variable."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


DEBUG = flag("LUOSHI_DEBUG")
DEMO = flag("LUOSHI_DEMO", DEBUG)
"""Whether the demo bar may switch between persons without signing out; refused outside demonstration worlds."""


def secret_key() -> str:
    """``LUOSHI_SECRET_KEY``, or one made once and kept beside the database when debugging; never a constant."""
    key = os.environ.get("LUOSHI_SECRET_KEY", "")
    if key:
        return key
    if not DEBUG:
        raise ImproperlyConfigured(
            "LUOSHI_SECRET_KEY is not set: set it, or set LUOSHI_DEBUG=1 on a developer's machine."
        )
    kept = STATE / "secret-key"
    if not kept.exists():
        STATE.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text()


SECRET_KEY = secret_key()
ALLOWED_HOSTS = words("LUOSHI_HOSTS", "localhost,127.0.0.1,[::1],testserver" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = words("LUOSHI_ORIGINS")

INSTALLED_APPS = [
    "luoshi.config",
    "luoshi.desk",
    "luoshi.packs",
    "luoshi.meetings",
    "luoshi.intake",
    "luoshi.assurance",
    "luoshi.delivery",
    "luoshi.office",
    "luoshi.units",
    "luoshi.accounts",
    "luoshi.ledger",
    "luoshi.ui",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "js_lib_bootstrap5",
    "csp",
    "ninja",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "luoshi.config.middleware.know",
    "luoshi.config.middleware.SignedIn",
    "django.middleware.locale.LocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "luoshi.config.middleware.Refusals",
    "luoshi.config.problems.ApiProblems",
]

ROOT_URLCONF = "luoshi.config.urls"
ASGI_APPLICATION = "luoshi.config.asgi.application"
WSGI_APPLICATION = "luoshi.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "luoshi.ui.context.page",
            ],
            "builtins": ["luoshi.ui.templatetags.luoshi"],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "luoshi.ui.jinja.environment", "autoescape": True},
    },
]

# --- Stores -----------------------------------------------------------------------------------------------------------

DATABASE_URL = os.environ.get("LUOSHI_DATABASE_URL", f"sqlite:///{STATE / 'luoshi.sqlite3'}")
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
        ),
    }
elif flag("LUOSHI_POOLER"):
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
HEARTBEAT_SECONDS = 60
"""How old the last tick may be before ``/healthz`` says that the clock stands still."""
FILES = Path(os.environ.get("LUOSHI_FILES", STATE / "files"))
"""The folder in which files live by digest."""
MEDIA_ROOT = FILES
FONTS = [Path(place) for place in words("LUOSHI_FONTS", str(STATE / "fonts"))]
"""Folders in which the fonts of papers lie, beside the system's own（公文字体）."""
PAPER_TEMPLATES = os.environ.get("LUOSHI_PAPER_TEMPLATES", "")
"""The folder of an office's own Word templates; empty: those of the house（公文模板）."""
PAPER_PDF = os.environ.get("LUOSHI_PAPER_PDF", "typst")
"""What draws a paper as PDF: ``typst``, or ``libreoffice`` out of the Word file."""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
"""A grid sends up to 200 rows with a dozen fields each."""
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
EVIDENCE_MAX_BYTES = 20 * 1024 * 1024

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Sign-in ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "luoshi.accounts.adapters.sign_in.Passwords",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "luoshi.accounts.adapters.sign_in.ClosedSignup"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_VERIFICATION = "none"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "ui/lockout.html"
SESSION_ENGINE = "luoshi.config.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"

# --- Security ---------------------------------------------------------------------------------------------------------

SECURE = not DEBUG and not flag("LUOSHI_PLAIN_HTTP")
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if flag("LUOSHI_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}

# --- Words and time ---------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_COOKIE_NAME = "luoshi_language"

# --- Static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("LUOSHI_STATIC", STATE / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# --- Messages ---------------------------------------------------------------------------------------------------------

EMAIL_BACKEND = os.environ.get(
    "LUOSHI_EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("LUOSHI_SMTP_HOST")
    else "django.core.mail.backends.dummy.EmailBackend",
)
EMAIL_HOST = os.environ.get("LUOSHI_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("LUOSHI_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("LUOSHI_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("LUOSHI_SMTP_PASSWORD", "")
EMAIL_USE_TLS = flag("LUOSHI_SMTP_TLS")
DEFAULT_FROM_EMAIL = os.environ.get("LUOSHI_MAIL_FROM", "luoshi@localhost")
BASE_URL = os.environ.get("LUOSHI_BASE_URL", "http://127.0.0.1:8000")
"""Where links in messages and on paper point to."""

QUIET_HOURS = os.environ.get("LUOSHI_QUIET_HOURS", "20:00-08:00")
"""When nobody is disturbed by e-mail or a bot, in Shanghai; ``none``: at any time. A person may set his own."""
WORKING_DAYS_ONLY = flag("LUOSHI_WORKING_DAYS_ONLY", True)
"""Whether what is not urgent waits for the next working day."""
CHANNEL_INSIDE_HOSTS = frozenset(host.lower() for host in words("LUOSHI_CHANNEL_INSIDE_HOSTS"))
"""Hosts of webhooks and gateways that may lie inside the network, also by plain http; others there are refused."""

# --- Visits -----------------------------------------------------------------------------------------------------------

VISITS_INSTALLABLE = flag("LUOSHI_VISITS_INSTALLABLE")
"""Whether a telephone may put the pages of visits on its screen like an application; off unless the office asks."""

# --- News -------------------------------------------------------------------------------------------------------------

NEWS_DAYS = int(os.environ.get("LUOSHI_NEWS_DAYS", "180"))
"""Days that articles are kept on which nobody drew; 0 for ever."""
NEWS_INTRANET_HOSTS = frozenset(host.lower() for host in words("LUOSHI_NEWS_INTRANET_HOSTS"))
"""Hosts of feeds that may lie inside the network; every other address there is refused."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LUOSHI_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
