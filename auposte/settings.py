"""Every setting of the site. Each variable part is an environment variable (see .env.example).

Nothing here raises on a wrong variable: `environment.problems` is turned into system checks, so
that any command, the web server, the worker and beat refuse to start with one clear line each.
How strict production is follows from SITE_URL: plain http is for loopback addresses only.
"""

import secrets
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF

from auposte.env import Environment, broker_url, database_config, email_config, redis_url

BASE_DIR = Path(__file__).resolve().parent.parent
environment = Environment()
SETTINGS_PROBLEMS = environment.problems

# --- Who we are, and where -------------------------------------------------------------------
SITE_URL = environment.origin("SITE_URL")
ALLOWED_HOSTS = environment.listed("ALLOWED_HOSTS", urlsplit(SITE_URL).hostname or "localhost")
SECURE = SITE_URL.startswith("https://")
DEBUG = environment.flag("DEBUG", default=False)
# A missing key is a problem already noted; the random one only lets the checks be printed.
SECRET_KEY = environment.text("SECRET_KEY") or secrets.token_urlsafe(48)
TRUST_PROXY = environment.flag("TRUST_PROXY", default=False)
STAFF_TOTP_REQUIRED = environment.flag("STAFF_TOTP_REQUIRED", default=False)
PEERTUBE_URL = environment.origin("PEERTUBE_URL", "https://video.auposte.example")

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "auposte.apps.AuPosteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "auposte.apps.AuPosteStaticFilesConfig",
    "django.contrib.humanize",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "django_htmx",
    "django_prose_editor",
    "template_partials",
    "auposte",
    "guests",
    "broadcasts",
    "outlet",
    "donations",
]

MIDDLEWARE = [
    "auposte.pages.middleware.serve_kept_pages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "auposte.http.refuse_null_bytes",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "auposte.http.explain_refused_methods",
    "broadcasts.middleware.follow_redirects",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "auposte.admin_door.leave_strangers_bodies",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "auposte.urls"
WSGI_APPLICATION = "auposte.wsgi.application"
APPEND_SLASH = False

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
                "auposte.context.site",
            ],
            "builtins": ["auposte.templatetags.french", "auposte.templatetags.addresses"],
        },
    }
]

# --- Services --------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.parsed(
        "DATABASE_URL",
        database_config,
        {"ENGINE": "django.db.backends.postgresql", "NAME": "missing"},
    )
    | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
}
# No pool: with the database away it makes requests hang; a lone connection fails in two seconds.
# Statements whose parameters stand beside them are planned at their first use: see written_once.py.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 2,
    "prepare_threshold": 0,
} | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.parsed("REDIS_URL", redis_url, "redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}

# Pages are kept in Valkey as they were sent (auposte/pages). Where nginx keeps its copies, if it
# does on a folder that this process can empty.
PAGES_KEPT = environment.flag("PAGES_KEPT", default=not DEBUG)
NGINX_CACHE = Path(folder) if (folder := environment.text("NGINX_CACHE", "")) else None

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A hung broker must not hold a donor's request: give up within a second (see auposte.queue).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "visibility_timeout": 600,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE = {
    "sweep-donations": {"task": "donations.tasks.sweep", "schedule": 30.0},
    "fetch-missed-stripe-events": {
        "task": "donations.tasks.fetch_missed_events",
        "schedule": 300.0,
    },
    "recompute-progress": {"task": "donations.tasks.recompute_current", "schedule": 600.0},
    "reconcile-with-stripe": {
        "task": "donations.tasks.reconcile_nightly",
        "schedule": crontab(hour="3,5", minute="20"),
    },
    "forget-old": {
        "task": "donations.tasks.forget_old",
        "schedule": crontab(hour="4", minute="40"),
    },
    "send-letters": {"task": "outlet.tasks.sweep", "schedule": 60.0},
    "forget-readers": {
        "task": "outlet.tasks.forget_old",
        "schedule": crontab(hour="4", minute="50"),
    },
    "settle-removals": {"task": "auposte.tasks.settle_removals", "schedule": 30.0},
    "follow-airings": {"task": "broadcasts.tasks.follow_airings", "schedule": 20.0},
    "rebuild-passages": {"task": "broadcasts.tasks.rebuild_passages", "schedule": 30.0},
    "learn-words": {"task": "broadcasts.tasks.learn_words", "schedule": crontab(minute="10")},
    "sync-videos": {"task": "broadcasts.tasks.sync_videos", "schedule": 20.0},
}

EMAIL_CONFIG: dict[str, Any] = environment.parsed(
    "EMAIL_URL", email_config, {}, default="smtp://localhost:25"
)
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "Au Poste <bonjour@auposte.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
CONTACT_EMAIL = environment.text("CONTACT_EMAIL", parseaddr(DEFAULT_FROM_EMAIL)[1])

# Where holes in the site are told of: addresses of mail, or of a page (RFC 9116).
SECURITY_CONTACTS = [
    contact if contact.startswith("https://") else f"mailto:{contact}"
    for contact in environment.listed("SECURITY_CONTACTS", CONTACT_EMAIL)
]
# Programs that robots.txt asks to stay away altogether.
ROBOTS_REFUSED = environment.listed("ROBOTS_REFUSED", "")

# Whoever keeps the money hears of differences, disputes and attacks.
TREASURER_EMAIL = environment.text("TREASURER_EMAIL", CONTACT_EMAIL)

# --- Donations -------------------------------------------------------------------------------
STRIPE_SECRET_KEY = environment.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = environment.text("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = environment.origin("STRIPE_API_BASE", "")
STRIPE_LIVEMODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
# Bank statements read "PREFIX* SUFFIX": the prefix is the Stripe account's own, set there.
STRIPE_STATEMENT_PREFIX = environment.text("STRIPE_STATEMENT_PREFIX", "AU POSTE")
STRIPE_STATEMENT_SUFFIX = environment.text("STRIPE_STATEMENT_SUFFIX", "DON")
STRIPE_STATEMENT = f"{STRIPE_STATEMENT_PREFIX}* {STRIPE_STATEMENT_SUFFIX}"
STRIPE_WEBHOOK_MAX_BYTES = 512 * 1024
GIFT_MINIMUM_CENTS = environment.number("GIFT_MINIMUM_CENTS", 100, at_least=50)
GIFT_MAXIMUM_CENTS = environment.number("GIFT_MAXIMUM_CENTS", 1_000_000, at_least=100)
GIFT_PRESETS_CENTS = environment.amounts("GIFT_PRESETS_CENTS", [500, 1000, 2000, 5000])
GIFT_SESSIONS_PER_TEN_MINUTES = environment.number("GIFT_SESSIONS_PER_TEN_MINUTES", 40, at_least=1)
GIFT_SESSION_MINUTES = environment.number("GIFT_SESSION_MINUTES", 60, at_least=31)
GIFT_FORM_MINIMUM_SECONDS = environment.number("GIFT_FORM_MINIMUM_SECONDS", 3)
GIFT_DECLINES_LIMIT = environment.number("GIFT_DECLINES_LIMIT", 10, at_least=1)
# The shield rises by itself at either sign, each within ten minutes (donations/services/shield.py).
SHIELD_DECLINES = environment.number("SHIELD_DECLINES", 20, at_least=1)
SHIELD_SESSIONS = environment.number("SHIELD_SESSIONS", 300, at_least=1)
SHIELD_MINUTES = environment.number("SHIELD_MINUTES", 60, at_least=1)
# What it allows while it is up, instead of the settings above.
SHIELD_MINIMUM_CENTS = environment.number("SHIELD_MINIMUM_CENTS", 1000, at_least=50)
SHIELD_FORM_SECONDS = environment.number("SHIELD_FORM_SECONDS", 15)
SHIELD_SESSIONS_PER_ADDRESS = environment.number("SHIELD_SESSIONS_PER_ADDRESS", 3, at_least=1)
SHIELD_SESSIONS_IN_ALL = environment.number("SHIELD_SESSIONS_IN_ALL", 60, at_least=1)
SHIELD_DECLINES_LIMIT = environment.number("SHIELD_DECLINES_LIMIT", 3, at_least=1)
STRIPE_EVENT_RETRY_SECONDS = environment.number("STRIPE_EVENT_RETRY_SECONDS", 60, at_least=1)

# For those who give without a card; what is empty is not on the slip.
GIVING_CHEQUE_ORDER = environment.text("GIVING_CHEQUE_ORDER", "")
GIVING_POSTAL_ADDRESS = environment.listed("GIVING_POSTAL_ADDRESS", "")
GIVING_IBAN = "".join(environment.text("GIVING_IBAN", "").split()).upper()
GIVING_BIC = environment.text("GIVING_BIC", "").upper()

# --- Videos: "" switches a platform off -------------------------------------------------------
YOUTUBE_API_KEY = environment.text("YOUTUBE_API_KEY", "")
YOUTUBE_CHANNEL_ID = environment.text("YOUTUBE_CHANNEL_ID", "")
YOUTUBE_API_BASE = environment.origin("YOUTUBE_API_BASE", "")
# Where PeerTube keeps its files when that is not PEERTUBE_URL (an object store): pages may play
# sound from there.
AUDIO_ORIGINS = environment.origins("AUDIO_ORIGINS")
PEERTUBE_CHANNEL = environment.text("PEERTUBE_CHANNEL", "")
# Twitch is not asked; its player is offered while an editor or another platform says « live ».
TWITCH_CHANNEL = environment.text("TWITCH_CHANNEL", "")
# Of the 10,000 that YouTube grants a day: what is left over serves whoever else uses the key.
YOUTUBE_DAILY_UNITS = environment.number("YOUTUBE_DAILY_UNITS", 9_000, at_least=100)

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(BASE_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "auposte.stored_files.MediaStorage"},
    "staticfiles": {"BACKEND": "auposte.storage.HashedStaticStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Four hours at 128 kbit/s are 230 MB. nginx lets as much through (deploy/nginx.conf).
AUDIO_MAX_BYTES = 300 * 1024 * 1024
IMAGE_MAX_BYTES = 15 * 1024 * 1024
IMAGE_MAX_PIXELS = 40_000_000

# --- Language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
FORMAT_MODULE_PATH = "auposte.formats"
USE_TZ = True

# --- Security --------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^sante/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
# Django's default (same-origin) makes YouTube's player answer "error 153".
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# No cookie on public pages: the staff's live under /admin/ only.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "admin:login"

# The admin lives under the same policy: Django's own needs nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "frame-src": [
            "https://www.youtube-nocookie.com",
            "https://player.twitch.tv",
            PEERTUBE_URL,
        ],
        "img-src": [SELF, "data:"],
        "manifest-src": [SELF],
        "media-src": [SELF, PEERTUBE_URL, *AUDIO_ORIGINS],
        "script-src": [SELF],
        "style-src": [SELF],
    },
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
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
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Never by name alone: anybody could then lock the newsroom out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "auposte.staff_views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "auposte.http.client_address"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Au Poste"

# --- Logs: one JSON object a line on stderr, no personal data ---------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "googleapiclient": {"level": "ERROR"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
