"""PeerTube's three names of a video: a uuid, the same written shorter, and a number.

https://docs.joinpeertube.org/api-rest-reference.html#operation/getVideo
"""

import re

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# npm's short-uuid, as PeerTube uses it: base 58 without 0, I, O and l, padded to 22 digits.
BASE58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
SHORT_UUID = re.compile(rf"[{BASE58}]{{22}}")
NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)
LARGEST_NUMBER = 2**31 - 1


def valid_uuid(text: str) -> str | None:
    """The uuid in lower case; None for anything else."""
    lower = text.lower()
    return lower if UUID.fullmatch(lower) else None


def valid_short_uuid(text: str) -> str | None:
    """The short uuid, if it stands for any uuid at all."""
    return text if uuid_of(text) else None


def uuid_of(short_uuid: str) -> str | None:
    """The uuid that a short one stands for; None when it stands for none."""
    if not SHORT_UUID.fullmatch(short_uuid):
        return None
    number = 0
    for digit in short_uuid:
        number = number * len(BASE58) + BASE58.index(digit)
    if number >= 2**128:
        return None
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def valid_id(text: str) -> str | None:
    """Any of the three, fit for an address; None otherwise."""
    if NUMBER.fullmatch(text):
        return text if int(text) <= LARGEST_NUMBER else None
    return valid_uuid(text) or valid_short_uuid(text)


def first_valid_id(*, uuid: str, short_uuid: str, peertube_id: int | None) -> str | None:
    """Which of the stored names can be used to read the video again; the uuid if it is one.

    Old data holds a number such as "50" where the uuid should be: nobody knows whose it is, so it
    is no name at all.
    """
    number = "" if peertube_id is None else str(peertube_id)
    return (
        valid_uuid(uuid)
        or valid_short_uuid(short_uuid)
        or (valid_id(number) if NUMBER.fullmatch(number) else None)
    )
