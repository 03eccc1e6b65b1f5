"""Wrong settings, told as Django system checks: one clear line each, before anything starts."""

import os
import re
import sys
from email.utils import parseaddr
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from auposte.templatetags.french import typography

TAG = "auposte"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SECRET_KEY_MINIMUM = 50
HOST = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
# https://docs.stripe.com/get-started/account/statement-descriptors
STATEMENT_MAXIMUM = 22
STATEMENT_FORBIDDEN = set("<>\\'\"*")
YOUTUBE_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
# A channel's name, and its instance when it is another than PEERTUBE_URL.
PEERTUBE_CHANNEL = re.compile(r"[A-Za-z0-9_.:-]+(@[A-Za-z0-9.-]+(:\d+)?)?")
# https://docs.stripe.com/api/checkout/sessions/create (expires_at: at most 24 hours ahead)
SESSION_MAXIMUM_MINUTES = 24 * 60 - 1
TWITCH_CHANNEL = re.compile(r"[A-Za-z0-9_]{3,25}")
# A program's name as robots.txt has it (RFC 9309), and the digits and dots that some have.
ROBOT = re.compile(r"[A-Za-z0-9._-]+")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


def is_local() -> bool:
    """Whether this site is for its own machine alone, where plain http and DEBUG may be."""
    return urlsplit(settings.SITE_URL).hostname in LOOPBACK


def _error(code: int, text: str) -> checks.CheckMessage:
    """An error in print's French: what the pages' typography does, without its escaping."""
    return checks.Error(unescape(typography(text)), id=f"auposte.E{code:03d}")


@checks.register(TAG)
def environment_is_complete(**_: object) -> list[checks.CheckMessage]:
    """What could not be read from the environment (see `auposte.env`)."""
    return [_error(1, line) for line in settings.SETTINGS_PROBLEMS]


@checks.register(TAG)
def site_is_safe(**_: object) -> list[checks.CheckMessage]:
    """Plain http, DEBUG and a weak key are for this machine alone."""
    errors: list[checks.CheckMessage] = []
    url = urlsplit(settings.SITE_URL)
    if url.scheme == "http" and not is_local():
        errors.append(_error(3, "SITE_URL doit être en https hors de cette machine."))
    if settings.DEBUG and settings.SITE_URL and not is_local():
        errors.append(_error(4, "DEBUG ne va pas avec un site public."))
    key = settings.SECRET_KEY
    if len(key) < SECRET_KEY_MINIMUM or len(set(key)) < 10 or key.startswith("django-insecure-"):
        errors.append(
            _error(5, f"SECRET_KEY est trop faible : {SECRET_KEY_MINIMUM} caractères au hasard.")
        )
    return errors + _hosts_are_named(url.hostname)


def _hosts_are_named(site: str | None) -> list[checks.CheckMessage]:
    """A wildcard would let anybody's name into the links that we send."""
    hosts = settings.ALLOWED_HOSTS
    if not hosts or "*" in hosts:
        return [_error(6, "ALLOWED_HOSTS doit nommer les hôtes du site.")]
    for host in hosts:
        if not HOST.fullmatch(host):
            return [_error(6, f"ALLOWED_HOSTS nomme des hôtes, sans port : pas « {host} ».")]
    named = {host.strip("[]").lower() for host in hosts}
    above = {site[at:] for at, sign in enumerate(site) if sign == "."} if site else set()
    if site and not named & {site, f".{site}", *above}:
        return [_error(6, f"ALLOWED_HOSTS doit comprendre l’hôte de SITE_URL, {site}.")]
    return []


@checks.register(TAG)
def letters_can_leave(**_: object) -> list[checks.CheckMessage]:
    """A public site sends its thanks for real, from an address that exists."""
    errors: list[checks.CheckMessage] = []
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    _name, at, domain = sender.partition("@")
    if not at or not HOST.fullmatch(domain):
        errors.append(
            _error(16, "DEFAULT_FROM_EMAIL doit ressembler à Au Poste <bonjour@exemple.fr>.")
        )
    elif settings.SITE_URL and not is_local():
        if domain.endswith(".example"):
            errors.append(_error(16, "DEFAULT_FROM_EMAIL doit nommer votre adresse d’envoi."))
        if settings.EMAIL_BACKEND != "django.core.mail.backends.smtp.EmailBackend":
            errors.append(_error(17, "EMAIL_URL doit nommer un serveur SMTP sur un site public."))
    if sender != settings.CONTACT_EMAIL:
        errors += _are_addresses("CONTACT_EMAIL", settings.CONTACT_EMAIL)
    if settings.TREASURER_EMAIL != settings.CONTACT_EMAIL:
        errors += _are_addresses("TREASURER_EMAIL", settings.TREASURER_EMAIL)
    return errors


def _are_addresses(name: str, address: str) -> list[checks.CheckMessage]:
    try:
        validate_email(address)
    except ValidationError:
        return [_error(26, f"{name} doit être une adresse seule : bonjour@exemple.fr.")]
    return []


@checks.register(TAG)
def machines_are_told_the_truth(**_: object) -> list[checks.CheckMessage]:
    """What `security.txt`, `robots.txt` and Twitch's player are made of."""
    errors: list[checks.CheckMessage] = []
    for contact in settings.SECURITY_CONTACTS:
        is_page = contact.startswith("https://") and urlsplit(contact).hostname
        mail = contact.removeprefix("mailto:")
        if not is_page and mail != settings.CONTACT_EMAIL and _are_addresses("", mail):
            errors.append(
                _error(30, "SECURITY_CONTACTS nomme des adresses : bonjour@exemple.fr ou https://…")
            )
            break
    if not all(map(ROBOT.fullmatch, settings.ROBOTS_REFUSED)):
        errors.append(
            _error(31, "ROBOTS_REFUSED nomme des robots, sans espace ni accent : GPTBot.")
        )
    if settings.TWITCH_CHANNEL and not TWITCH_CHANNEL.fullmatch(settings.TWITCH_CHANNEL):
        errors.append(_error(32, "TWITCH_CHANNEL doit être le nom d’une chaîne, sans adresse."))
    return errors


@checks.register(TAG)
def folders_can_be_written_to(**_: object) -> list[checks.CheckMessage]:
    """Uploads, letters of a trial, and the copies of nginx that a removal must reach."""
    errors: list[checks.CheckMessage] = []
    mail = getattr(settings, "EMAIL_FILE_PATH", None)
    for name, folder in {"MEDIA_ROOT": settings.MEDIA_ROOT, "EMAIL_URL": mail}.items():
        if folder is not None and not _is_or_could_be_ours(Path(folder)):
            errors.append(_error(33, f"{name} nomme un dossier où ce compte ne peut pas écrire."))
    copies = settings.NGINX_CACHE
    if copies is not None and not (copies.is_dir() and os.access(copies, os.R_OK | os.W_OK)):
        errors.append(_error(34, "NGINX_CACHE doit être un dossier que ce compte peut vider."))
    return errors


def _is_or_could_be_ours(folder: Path) -> bool:
    """Whether this account can write there, or make it there if it is missing."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


@checks.register(TAG)
def stripe_is_configured(**_: object) -> list[checks.CheckMessage]:
    """Keys of the right kind; the stand-in is never spoken to with a live key."""
    errors: list[checks.CheckMessage] = []
    key = settings.STRIPE_SECRET_KEY
    if key and not key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        errors.append(_error(10, "STRIPE_SECRET_KEY doit être une clé secrète Stripe."))
    secret = settings.STRIPE_WEBHOOK_SECRET
    if secret and not secret.startswith("whsec_"):
        errors.append(_error(11, "STRIPE_WEBHOOK_SECRET doit commencer par whsec_."))
    base = settings.STRIPE_API_BASE
    if base and settings.STRIPE_LIVEMODE:
        errors.append(_error(12, "STRIPE_API_BASE est réservé aux clés de test : pas de clé live."))
    if base and urlsplit(base).hostname not in LOOPBACK:
        errors.append(_error(13, "STRIPE_API_BASE ne peut être que sur cette machine."))
    if settings.STRIPE_LIVEMODE and is_local():
        errors.append(_error(15, "STRIPE_SECRET_KEY est une clé live, mais SITE_URL est local."))
    return errors


@checks.register(TAG)
def platforms_are_configured(**_: object) -> list[checks.CheckMessage]:
    """Channels as the platforms name them; no stand-in behind a public site."""
    errors: list[checks.CheckMessage] = []
    channel = settings.YOUTUBE_CHANNEL_ID
    if channel and not YOUTUBE_CHANNEL.fullmatch(channel):
        errors.append(_error(20, "YOUTUBE_CHANNEL_ID doit avoir 24 signes et commencer par UC."))
    if channel and not settings.YOUTUBE_API_KEY:
        errors.append(_error(21, "YOUTUBE_API_KEY manque : YOUTUBE_CHANNEL_ID la demande."))
    base = settings.YOUTUBE_API_BASE
    if base and urlsplit(base).hostname not in LOOPBACK:
        errors.append(_error(22, "YOUTUBE_API_BASE ne peut être que sur cette machine."))
    public = settings.SITE_URL and not is_local()
    if base and public:
        errors.append(_error(23, "YOUTUBE_API_BASE ne va pas avec un site public."))
    channel = settings.PEERTUBE_CHANNEL
    if channel and not PEERTUBE_CHANNEL.fullmatch(channel):
        errors.append(
            _error(24, "PEERTUBE_CHANNEL doit être le nom d’une chaîne, sans adresse ni espace.")
        )
    # Browsers show no http player in an https page.
    if public and settings.PEERTUBE_URL.startswith("http://"):
        errors.append(_error(25, "PEERTUBE_URL doit être en https sur un site public."))
    return errors


@checks.register(TAG)
def gifts_are_possible(**_: object) -> list[checks.CheckMessage]:
    """Amounts, delays and the bank statement's wording, as Stripe takes them."""
    errors: list[checks.CheckMessage] = []
    if settings.GIFT_MAXIMUM_CENTS <= settings.GIFT_MINIMUM_CENTS:
        errors.append(_error(14, "GIFT_MAXIMUM_CENTS doit dépasser GIFT_MINIMUM_CENTS."))
    elif settings.GIFT_MAXIMUM_CENTS <= settings.SHIELD_MINIMUM_CENTS:
        errors.append(_error(14, "GIFT_MAXIMUM_CENTS doit dépasser SHIELD_MINIMUM_CENTS."))
    elif not (
        settings.GIFT_MINIMUM_CENTS
        <= settings.GIFT_PRESETS_CENTS[-1]
        <= settings.GIFT_MAXIMUM_CENTS
    ):
        errors.append(
            _error(29, "GIFT_PRESETS_CENTS doit finir entre GIFT_MINIMUM_CENTS et le maximum.")
        )
    if settings.GIFT_SESSION_MINUTES > SESSION_MAXIMUM_MINUTES:
        errors.append(
            _error(18, f"GIFT_SESSION_MINUTES doit valoir au plus {SESSION_MAXIMUM_MINUTES}.")
        )
    for name in ("STRIPE_STATEMENT_PREFIX", "STRIPE_STATEMENT_SUFFIX"):
        words = getattr(settings, name)
        plain = words.isascii() and words.isprintable() and not set(words) & STATEMENT_FORBIDDEN
        if not plain or not re.search("[A-Za-z]", words):
            errors.append(
                _error(19, f"{name} doit avoir une lettre, sans accent ni < > \\ ' \" *.")
            )
    if len(settings.STRIPE_STATEMENT) > STATEMENT_MAXIMUM:
        errors.append(
            _error(
                19,
                "STRIPE_STATEMENT_PREFIX et STRIPE_STATEMENT_SUFFIX sont trop longs : "
                f"« {settings.STRIPE_STATEMENT} » dépasse {STATEMENT_MAXIMUM} caractères.",
            )
        )
    return errors


@checks.register(TAG)
def transfers_arrive(**_: object) -> list[checks.CheckMessage]:
    """An account that exists, as far as its own check digits tell (ISO 13616)."""
    errors: list[checks.CheckMessage] = []
    iban, bic = settings.GIVING_IBAN, settings.GIVING_BIC
    if iban and not (IBAN.fullmatch(iban) and _remainder(iban) == 1):
        errors.append(_error(27, "GIVING_IBAN est faux : vérifiez chaque signe."))
    if bic and not BIC.fullmatch(bic):
        errors.append(_error(28, "GIVING_BIC doit avoir 8 ou 11 signes."))
    return errors


def _remainder(iban: str) -> int:
    """Letters count from 10, the first four signs come last; what is left by 97 must be 1."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97


def pages_have_their_files() -> list[checks.CheckMessage]:
    """For what serves pages: without the list of hashed names, each would be an error."""
    if settings.DEBUG or (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        return []
    return [_error(35, "STATIC_ROOT est vide : lancez d’abord manage.py collectstatic.")]


def exit_on_wrong_settings(*more: checks.CheckMessage) -> None:
    """For processes that `manage.py` does not start: print each error on a line, exit 1."""
    errors = [found for found in (*checks.run_checks(tags=[TAG]), *more) if found.is_serious()]
    if errors:
        for error in errors:
            print(f"auposte\u00a0: {error.msg} ({error.id})", file=sys.__stderr__)
        sys.exit(1)
