"""Wrong settings, told as Django system checks: one clear line each, before anything starts."""

import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

TAG = "auposte"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SECRET_KEY_MINIMUM = 50


@checks.register(TAG)
def environment_is_complete(**_: object) -> list[checks.CheckMessage]:
    """What could not be read from the environment (see `auposte.env`)."""
    return [checks.Error(line, id="auposte.E001") for line in settings.SETTINGS_PROBLEMS]


@checks.register(TAG)
def site_is_safe(**_: object) -> list[checks.CheckMessage]:
    """Plain http, DEBUG and a weak key are for this machine alone."""
    errors: list[checks.CheckMessage] = []
    url = urlsplit(settings.SITE_URL)
    local = url.hostname in LOOPBACK
    if settings.SITE_URL and (url.scheme not in {"http", "https"} or not url.hostname):
        errors.append(
            checks.Error("SITE_URL doit ressembler à https://exemple.fr.", id="auposte.E002")
        )
    elif url.scheme == "http" and not local:
        errors.append(
            checks.Error("SITE_URL doit être en https hors de cette machine.", id="auposte.E003")
        )
    if settings.DEBUG and not local:
        errors.append(checks.Error("DEBUG ne va pas avec un site public.", id="auposte.E004"))
    if len(settings.SECRET_KEY) < SECRET_KEY_MINIMUM or len(set(settings.SECRET_KEY)) < 10:
        errors.append(
            checks.Error(
                f"SECRET_KEY est trop faible : {SECRET_KEY_MINIMUM} caractères au hasard.",
                id="auposte.E005",
            )
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        errors.append(
            checks.Error("ALLOWED_HOSTS doit nommer les hôtes du site.", id="auposte.E006")
        )
    return errors


@checks.register(TAG)
def services_are_the_right_ones(**_: object) -> list[checks.CheckMessage]:
    """PostgreSQL and Redis or Valkey, nothing else."""
    errors: list[checks.CheckMessage] = []
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine != "django.db.backends.postgresql":
        errors.append(checks.Error("DATABASE_URL doit désigner un PostgreSQL.", id="auposte.E007"))
    scheme = urlsplit(settings.REDIS_URL).scheme
    if settings.REDIS_URL and scheme not in {"redis", "rediss", "unix"}:
        errors.append(
            checks.Error(
                "REDIS_URL doit commencer par redis://, rediss:// ou unix://.", id="auposte.E008"
            )
        )
    return errors


@checks.register(TAG)
def stripe_is_configured(**_: object) -> list[checks.CheckMessage]:
    """Keys of the right kind; the stand-in is never spoken to with a live key."""
    errors: list[checks.CheckMessage] = []
    key = settings.STRIPE_SECRET_KEY
    if key and not key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        errors.append(
            checks.Error("STRIPE_SECRET_KEY doit être une clé secrète Stripe.", id="auposte.E010")
        )
    secret = settings.STRIPE_WEBHOOK_SECRET
    if secret and not secret.startswith("whsec_"):
        errors.append(
            checks.Error("STRIPE_WEBHOOK_SECRET doit commencer par whsec_.", id="auposte.E011")
        )
    base = urlsplit(settings.STRIPE_API_BASE)
    if settings.STRIPE_API_BASE and settings.STRIPE_LIVEMODE:
        errors.append(
            checks.Error(
                "STRIPE_API_BASE est réservé aux clés de test : pas de clé live.",
                id="auposte.E012",
            )
        )
    if settings.STRIPE_API_BASE and base.hostname not in LOOPBACK:
        errors.append(
            checks.Error("STRIPE_API_BASE ne peut être que sur cette machine.", id="auposte.E013")
        )
    if settings.GIFT_MAXIMUM_CENTS <= settings.GIFT_MINIMUM_CENTS:
        errors.append(
            checks.Error("GIFT_MAXIMUM_CENTS doit dépasser GIFT_MINIMUM_CENTS.", id="auposte.E014")
        )
    return errors


def exit_on_wrong_settings() -> None:
    """For processes that `manage.py` does not start: print each error on a line, exit 1."""
    errors = [found for found in checks.run_checks(tags=[TAG]) if found.is_serious()]
    if errors:
        for error in errors:
            print(f"auposte : {error.msg} ({error.id})", file=sys.stderr)  # noqa: T201
        sys.exit(1)
