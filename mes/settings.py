"""All settings, from the environment (docs/administrator.md lists them). No secret has a default outside DEBUG."""

import os
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ

from mes.version import build

django_stubs_ext.monkeypatch()  # lets Django's generic classes be written with their type, e.g. QuerySet[Event]

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# `make run` leaves the addresses of its servers here, so that manage.py in a second terminal finds them.
env.read_env(BASE_DIR / "var" / "environment")

DEBUG = env.bool("BATON_DEBUG", default=False)
DATA_DIR = Path(env("BATON_DATA_DIR", default=str(BASE_DIR / "var")))
ARCHIVE_DIR = Path(env("BATON_ARCHIVE_DIR", default=str(DATA_DIR / "archive")))
READINGS_KEPT_MONTHS = env.int("BATON_READINGS_KEPT_MONTHS", default=0)  # 0: for ever
INSTRUMENT_DIR = Path(env("BATON_INSTRUMENT_DIR", default=str(DATA_DIR / "instruments")))
SECRET_KEY = env("BATON_SECRET_KEY", default="" if not DEBUG else "debugging-only-" + "x" * 50)
ALLOWED_HOSTS = env.list("BATON_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("BATON_TRUSTED_ORIGINS", default=[])
SOFTWARE_VERSION = env("BATON_BUILD", default=build())

ROOMS = [
    "materials",
    "equipment",
    "recipes",
    "chain_of_identity",
    "batches",
    "qc_release",
    "scheduling",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "simple_history",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "mes.records",
    "mes.accounts",
    "mes.pages",
    "mes.beat",
    "mes.outbox",
    *ROOMS,
]


MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "mes.pages.camera.PermissionsPolicyMiddleware",
    "mes.accounts.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mes.accounts.middleware.RequestFactsMiddleware",
    "equipment.terminals.middleware.TerminalMiddleware",
    "mes.accounts.middleware.IdleLockMiddleware",
    "mes.accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "mes.urls"
WSGI_APPLICATION = "mes.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mes.pages.context.chrome",
            ],
            "builtins": ["mes.pages.templatetags.ui", "django.templatetags.i18n"],
        },
    }
]

# --- database: the runtime role owns nothing; migrations run as the owner ---
_RUNTIME_URL = env("DATABASE_URL", default="postgres://baton@127.0.0.1:5432/baton")
_OWNER_URL = env("DATABASE_OWNER_URL", default=_RUNTIME_URL)
DATABASES = {"default": env.db_url_config(_OWNER_URL if os.environ.get("BATON_AS_OWNER") else _RUNTIME_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("BATON_DATABASE_CONN_MAX_AGE", default=300)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Statements are planned once per connection. A pooler in front must know prepared statements (PgBouncer from 1.21).
if env.bool("BATON_DATABASE_PREPARE", default=True):
    DATABASES["default"]["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 2}
# Notices and advisory locks do not pass a pooler in transaction mode: this is the way around it.
_DIRECT_URL = env("BATON_DATABASE_DIRECT_URL", default="")
DATABASE_DIRECT = env.db_url_config(_DIRECT_URL) if _DIRECT_URL else {}
CLOCK_OF_THE_DATABASE = True  # tests that travel in time go by the machine's
RUNTIME_ROLE = env.db_url_config(_RUNTIME_URL)["USER"]
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- records ---
SIMPLE_HISTORY_ENABLED = False  # PostgreSQL triggers write the history; see mes/records/triggers.py
SIMPLE_HISTORY_DATE_INDEX = False
PGTRIGGER_MIGRATIONS = False  # triggers are declared on the models and installed after every migration: grants.py
SEAL_KEY_FILE = Path(env("BATON_SEAL_KEY_FILE", default=str(DATA_DIR / "keys" / "seal.pem")))
SEAL_WITNESS_FILE = Path(env("BATON_SEAL_WITNESS_FILE", default=str(DATA_DIR / "checkpoints.jsonl")))
VAULT_KEYS = env.list("BATON_VAULT_KEYS", default=[])

# --- people ---
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["mes.accounts.backend.SessionBackend"]
PASSWORD_HASHERS = ["mes.accounts.hashing.Argon2", "mes.accounts.hashing.Pin"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
FAILURES_BEFORE_LOCK = 5
MOST_FAILED_SIGN_INS = env.int("BATON_MOST_FAILED_SIGN_INS", default=100)  # from one address in ten minutes
MOST_PASSKEY_QUESTIONS = env.int("BATON_MOST_PASSKEY_QUESTIONS", default=100)  # open from one address
SIGNING_SESSION_MINUTES = env.int("BATON_SIGNING_SESSION_MINUTES", default=30)
BADGE_TEST_DAYS = env.int("BATON_BADGE_TEST_DAYS", default=365)
OVERDUE_BADGES = env("BATON_OVERDUE_BADGES", default="refuse")  # or "flag": used all the same, and noted
LOGIN_URL = "pages:sign_in"
SESSION_ENGINE = "mes.accounts.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- API ---
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "mes.accounts.tokens.TokenAuthentication",
        "mes.accounts.tokens.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mes.parsers.DecimalJSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "mes.openapi.Schema",
    "EXCEPTION_HANDLER": "mes.api.answer_error",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Baton",
    "DESCRIPTION": "The manufacturing execution system for living medicines. Every act of the pages is a call here.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "POSTPROCESSING_HOOKS": [],  # choices stay beside their field: many rooms have a "status"
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False, "TOKEN_LIMIT_PER_USER": 20}

# --- durable work: beat only ticks; what is due is a row ---
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# What the beat asks for, and how often in seconds.
BEAT = {
    "mes.records.tasks.seal": 2.0,
    "batches.tasks.tick": 1.0,
    "qc_release.tasks.tick": 2.0,
    "qc_release.tasks.match_files": 5.0,
    "scheduling.tasks.expire_holds": 10.0,
    "materials.tasks.expire_due": 60.0,
    "equipment.tasks.upkeep": 60.0,
    "equipment.tasks.archive_readings": 3600.0,
    "equipment.tasks.read_files": 5.0,
    "equipment.tasks.watch_alarms": 5.0,
    "recipes.tasks.make_effective": 10.0,
    "mes.outbox.tasks.tick": 5.0,
}
# Asked for at once when a row woke the beat or a time has come; their turn above is the safety net.
BEAT_WOKEN = ("batches.tasks.tick", "qc_release.tasks.tick", "mes.outbox.tasks.tick")
BEAT_NEXT_DUE = "batches.services.due.next_due"

# --- what leaves the house (docs/administrator.md) ---
PUBLIC_ADDRESS = env("BATON_PUBLIC_ADDRESS", default="http://localhost:8000").rstrip("/")  # what links begin with
# Passkeys belong to one domain and its subdomains; from these addresses their answers are taken.
PASSKEY_ORIGINS = env.list("BATON_PASSKEY_ORIGINS", default=[PUBLIC_ADDRESS])
PASSKEY_DOMAIN = env("BATON_PASSKEY_DOMAIN", default=urlsplit(PUBLIC_ADDRESS).hostname or "localhost")
EMAIL_HOST = env("BATON_EMAIL_HOST", default="")  # none: nobody can be subscribed by e-mail
EMAIL_USE_SSL = env.bool("BATON_EMAIL_SSL", default=False)  # TLS from the first byte
EMAIL_USE_TLS = env.bool("BATON_EMAIL_TLS", default=not EMAIL_USE_SSL)  # STARTTLS
EMAIL_PORT = env.int("BATON_EMAIL_PORT", default=465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER = env("BATON_EMAIL_USER", default="")
EMAIL_HOST_PASSWORD = env("BATON_EMAIL_PASSWORD", default="")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("BATON_EMAIL_FROM", default="baton@localhost")
SECRET_KEY_FALLBACKS = env.list("BATON_SECRET_KEY_FALLBACKS", default=[])

# --- pages ---
HOME_PANELS: list[str] = [
    "mes.accounts.home.panels",
    "mes.outbox.home.panels",
    "batches.home.panels",
    "equipment.home.panels",
    "qc_release.home.panels",
    "chain_of_identity.home.panels",
    "scheduling.home.panels",
    "materials.home.panels",
    "recipes.home.panels",
]
TITLES_OF_TESTS = "qc_release.queries.titles.titles_of_tests"  # what the tests of a batch's samples are called
NAVIGATION = (
    ("Home", "pages:home", ""),
    ("Orders", "chain_of_identity:orders", "identity.view"),
    ("Hand-overs", "chain_of_identity:handovers", "identity.handover"),
    ("Slots", "scheduling:board", "scheduling.view"),
    ("Batches", "batches:list", "batches.view"),
    ("Floor", "batches:floor", "batches.answer_call"),
    ("Release", "qc_release:worklist", "qc.review"),
    ("Laboratory", "qc_release:bench", "qc.result qc.review qc.specify"),
    ("Materials", "materials:lots", "materials.view"),
    ("Equipment", "equipment:units", "equipment.view"),
    ("Alarms", "equipment:alarms", "equipment.view"),
    ("Recipes", "recipes:list", "recipes.view"),
    ("Records", "pages:records", "records.view"),
    ("Accounts", "accounts:list", "accounts.manage"),
    ("Messages", "outbox:messages", "outbox.manage"),
)
SHOWN_WHEN_LOCKED = ("equipment:alarm_strip",)
FIND_BATCH = "batches.queries.id_of_number"
NAME_BATCHES = "batches.queries.numbers_of"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["mes.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("BATON_STATIC_DIR", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_STORAGE = env("BATON_STATIC_STORAGE", default="whitenoise.storage.CompressedManifestStaticFilesStorage")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}
WHITENOISE_USE_FINDERS = "Manifest" not in STATIC_STORAGE  # not collected: served from where they lie

# --- security ---
BEHIND_TLS = env.bool("BATON_TLS", default=not DEBUG)
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
PROXIES = env.int("BATON_PROXIES", default=0)  # of ours, in front: their X-Forwarded-For is believed
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "mes.pages.views.stale_form"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("BATON_LOG_LEVEL", default="INFO")},
    # These tell every trigger installed and every page laid out.
    "loggers": {name: {"level": "WARNING"} for name in ("pgtrigger", "weasyprint.progress", "fontTools")},
}

# What of the above changes behaviour; its digest is stamped on every event.
CONFIGURATION_REVISION = sha256(
    repr(
        (
            *(FAILURES_BEFORE_LOCK, SIGNING_SESSION_MINUTES, AUTH_PASSWORD_VALIDATORS, PASSWORD_HASHERS, BEAT),
            *(BEHIND_TLS, BADGE_TEST_DAYS, OVERDUE_BADGES, MOST_FAILED_SIGN_INS, MOST_PASSKEY_QUESTIONS),
        )
    ).encode()
).hexdigest()[:12]
