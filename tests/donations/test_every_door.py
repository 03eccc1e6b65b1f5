"""Every door of the donations, tried by everybody: see `door_table`."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from sandbox.stripe import StripeStandIn
from tests.donations.door_table import ALL_405, DOORS, ROLES
from tests.donations.doors import NAME, NOTE, Newsroom, addresses, newsroom
from tests.environment import STRIPE_PORT

pytestmark = pytest.mark.django_db
NOT_YOURS = "Votre compte ne donne pas accès à cette page."


@pytest.fixture(scope="module")
def room(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Newsroom]:
    """Made once, in a transaction around those of the tests."""
    with (
        django_db_blocker.unblock(),
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
        StripeStandIn(
            state=tmp_path_factory.mktemp("doors") / "stripe.journal",
            port=STRIPE_PORT,
            balance_delay=None,
            sepa_delay=None,
            read_limit=10_000,
        ) as stripe,
        transaction.atomic(),
    ):
        yield newsroom(stripe)
        transaction.set_rollback(True)


def try_door(client: Client, method: str, address: str, **sent: object) -> tuple[Any, str]:
    """Ask, and take back whatever that did: the answer, and all that it says."""
    client.cookies.pop("don", None)
    with transaction.atomic():
        response = getattr(client, method)(address, **sent)
        body = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    return response, body.decode(errors="replace")


def told(said: str, room: Newsroom) -> list[str]:
    """What an answer gives away."""
    return [secret for secret in room.secrets if secret in said]


def test_the_table_has_every_door_and_no_other() -> None:
    assert set(DOORS) == addresses()


@pytest.mark.parametrize("name", DOORS)
def test_who_gets_what(name: str, room: Newsroom) -> None:
    address = room.address_of(name)
    in_admin = address.startswith("/admin/")
    for method, statuses in zip(("get", "post"), DOORS[name], strict=True):
        for role, status in zip(ROLES, statuses.split(), strict=False):
            response, said = try_door(room.browsers[role], method, address)
            asked = (method, role)
            assert response.status_code == int(status), (asked, said[:500])
            if in_admin and status == "302":
                is_login = response["Location"].startswith("/admin/login/?next=")
                assert is_login == (role == "outsider"), (asked, response["Location"])
            elif in_admin and status == "403":
                assert NOT_YOURS in said, asked
            if role in {"moderator", "editor"} or not in_admin:
                assert told(said, room) == [], asked


def test_no_post_comes_from_elsewhere(room: Newsroom) -> None:
    """The admin wants its token, from the owner too; other forms want to come from our pages."""
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://ailleurs.example"}
    refused = 0
    for name, (_, statuses) in DOORS.items():
        if statuses in {"", ALL_405} or name == "donations:stripe-webhook":  # that one is signed
            continue
        strict = room.strict
        response, said = try_door(strict, "post", room.address_of(name), headers=elsewhere)
        assert response.status_code == 403, (name, said[:500])
        assert NOT_YOURS not in said, name
        refused += 1
    assert refused > 90


def test_a_moderator_finds_nobody_behind_the_words(room: Newsroom) -> None:
    """Whatever the gift is, on its pages, in the lists, at the régie and on the start page."""
    moderator = room.browsers["moderator"]
    gifts = "/admin/donations/gift/"
    pages = ["/admin/", gifts, "/admin/regie", *(f"{gifts}?o={column}" for column in range(1, 9))]
    for gift in room.gifts.values():
        pages += [f"{gifts}{gift.pk}/change/", f"{gifts}{gift.pk}/history/"]
    for page in pages:
        response, said = try_door(moderator, "get", page)
        assert response.status_code == 200, page
        assert told(said, room) == [], page
    assert "Zaza" in moderator.get("/admin/regie").content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        "contact_email__startswith=attente",
        "contact_email__gt=a",
        "charge_id__startswith=ch_",
        "checkout_session_id__isnull=False",
        "payment_intent_id__contains=pi",
        "note__icontains=tr%C3%A9sorerie",
        "donor=1",
        "donor__email__startswith=c",
        "donor__name=" + NAME,
        "subscription__isnull=False",
        "refund_orders__reason=" + NOTE,
        "channel__exact=offline",
        "o=1&e=1&contact_email=attente@prive.example",
    ],
)
def test_a_moderator_cannot_guess_by_filters(asked: str, room: Newsroom) -> None:
    """A list that answers « yes » or « no » to any question tells everything, letter by letter."""
    response = room.browsers["moderator"].get(f"/admin/donations/gift/?{asked}")
    assert response.status_code in {302, 400}


def test_a_moderator_does_not_search_what_they_do_not_see(room: Newsroom) -> None:
    gift = room.gifts["card"]
    for asked in (NAME, "carte@prive.example", gift.charge_id, gift.checkout_session_id, gift.pk):
        page = room.browsers["moderator"].get("/admin/donations/gift/", {"q": str(asked)})
        assert f"/{gift.pk}/" not in page.content.decode(), asked
    assert f"/{gift.pk}/" in room.browsers["moderator"].get("/admin/donations/gift/?q=zaza").text


def test_a_moderator_is_not_told_why_the_treasury_acted(room: Newsroom) -> None:
    """The reason of a reversal is for the treasury: the gift's history does not repeat it."""
    gift = room.gifts["cheque"]
    address = f"/admin/donations/gift/{gift.pk}/annuler/"
    with transaction.atomic():
        room.browsers["treasurer"].post(address, {"reason": "Chèque volé à Zénobie"})
        for page in ("change", "history"):
            address = f"/admin/donations/gift/{gift.pk}/{page}/"
            assert "volé" not in room.browsers["moderator"].get(address).content.decode(), page
        transaction.set_rollback(True)
