"""The staff's second factor: a code from a telephone's app, or a recovery code kept on paper."""

import re
import time
from base64 import b32encode
from binascii import unhexlify
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

DEVICE_NAME = "Application d’authentification"
RECOVERY_NAME = "Codes de secours"
RECOVERY_CODES = 8
APP_CODE = re.compile(r"\d{6}", re.ASCII)


class CodeError(Exception):
    """The message, in French, is for the person who typed the code."""


@dataclass(frozen=True)
class Enrolment:
    """A confirmed app, and recovery codes that are shown this once."""

    device: Device
    recovery_codes: list[str]


def has_second_factor(user: User | AnonymousUser) -> bool:
    """Whether the account asks for a code after the password."""
    if not isinstance(user, User):
        return False
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_verified(user: User | AnonymousUser) -> bool:
    """Whether the session that this user comes from has shown the second factor."""
    return getattr(user, "otp_device", None) is not None


def new_key() -> str:
    """A fresh secret, hexadecimal; nothing is stored before a code proves that an app has it."""
    return str(default_key())


def key_for_typing(key: str) -> str:
    """The secret as apps want it typed: base 32, in groups of four."""
    text = b32encode(unhexlify(key)).decode("ascii")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def enrolment_url(*, user: User, key: str) -> str:
    """The `otpauth://` address for the QR code."""
    return str(TOTPDevice(user=user, key=key).config_url)


def check_code(*, user: User, code: str) -> Device:
    """The user's device that accepts `code`. CodeError otherwise; each miss slows the next try.

    The device's row is locked, so that one code never opens two sessions.
    """
    typed = re.sub(r"[\s-]+", "", code).lower()
    kind = TOTPDevice if APP_CODE.fullmatch(typed) else StaticDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        allowed = device is not None and device.verify_is_allowed()[0]
        accepted = allowed and device.verify_token(typed)
    if accepted:
        return device
    if device is not None and not allowed:
        raise CodeError("Trop d’essais : attendez une minute, puis recommencez.")
    raise CodeError("Ce code n’est pas le bon, ou il a déjà servi.")


def enrol(*, user: User, key: str, code: str) -> Enrolment:
    """Take the app that holds `key` as the user's second factor, in place of any other.

    CodeError when `code` is not the app's.
    """
    typed = re.sub(r"\s+", "", code)
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    if not APP_CODE.fullmatch(typed) or not totp.verify(int(typed), tolerance=1):
        raise CodeError("Ce code n’est pas le bon : vérifiez l’heure de votre téléphone.")
    with transaction.atomic():
        remove(user=user)
        device = TOTPDevice.objects.create(
            user=user, name=DEVICE_NAME, key=key, confirmed=True, last_t=totp.t()
        )
        codes = new_recovery_codes(user=user)
    return Enrolment(device, codes)


@transaction.atomic
def new_recovery_codes(*, user: User) -> list[str]:
    """Fresh single-use codes; the former ones stop working."""
    # The device stays: the session that asks may have come in by one of the former codes.
    device, _ = StaticDevice.objects.get_or_create(
        user=user, confirmed=True, defaults={"name": RECOVERY_NAME}
    )
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]} {code[4:]}" for code in codes]


@transaction.atomic
def remove(*, user: User) -> None:
    """Take the second factor away: the password alone opens the account again."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
