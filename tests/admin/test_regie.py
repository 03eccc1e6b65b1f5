"""The régie: names and messages wait there, and all can be hidden at once."""

import re
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from broadcasts.live import AiringState
from broadcasts.models import VideoSource
from broadcasts.services import airing
from donations.models import Gift, GivingSettings
from donations.services import on_air
from tests.admin.html import form_of, text_of
from tests.admin.world import episode, money

SignIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
REGIE = "/admin/regie"


def words(number: int = 1, *, name: str = "Camille", message: str = "Continuez !") -> Gift:
    gift = money(number)
    Gift.objects.filter(pk=gift.pk).update(public_name=name, message=message)
    gift.refresh_from_db()
    return gift


def digests(client: Client) -> dict[str, str]:
    """field → digest, of the one gift that the page shows."""
    markup = client.get(REGIE).content.decode()
    found = re.findall(
        r'name="field" value="(\w+)">\s*<input[^>]*name="digest" value="(\w+)"', markup
    )
    return dict(found)


def say(client: Client, gift: Gift, field: str, state: str, *, digest: str = "", **more: str):
    data = {
        "gift": str(gift.pk),
        "field": field,
        "state": state,
        "digest": digest or digests(client)[field],
    }
    return client.post(REGIE, data | more)


@pytest.fixture
def moderator(staff: SignIn) -> Client:
    return staff("moderator")


def states(gift: Gift) -> tuple[str, str]:
    gift.refresh_from_db()
    return gift.name_state, gift.message_state


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("outsider", 302), ("reader", 302), ("editor", 403), ("treasurer", 403),
        ("moderator", 200), ("owner", 200),
    ],
)  # fmt: skip
def test_it_opens_to_moderators(role: str, status: int, staff: SignIn) -> None:
    client = staff(role)
    assert client.get(REGIE).status_code == status
    gift = words()
    response = client.post(REGIE, {"hide": "1"})
    assert response.status_code == (303 if status == 200 else status)
    assert GivingSettings.load().on_air_hidden == (status == 200)
    assert states(gift) == ("waiting", "waiting")


def test_it_shows_words_and_nothing_else_of_a_gift(moderator: Client) -> None:
    gift = words()
    unpaid = Gift.objects.create(amount_cents=500, public_name="Pas encore payé")
    text = text_of(moderator.get(REGIE))
    assert "Camille" in text
    assert "Continuez !" in text
    assert "Pas encore payé" not in text
    markup = moderator.get(REGIE).content.decode()
    assert "10,00" not in markup
    assert gift.donor is not None
    assert str(gift.donor.email) not in markup
    assert gift.donor.name not in markup
    assert str(unpaid.pk) not in markup


def test_names_and_messages_are_decided_one_by_one(moderator: Client) -> None:
    gift = words()
    response = say(moderator, gift, "name", "approved")
    assert response.status_code == 303
    assert states(gift) == ("approved", "waiting")
    text = text_of(moderator.get(response["Location"]))
    assert "Nom accepté : Camille" in text
    say(moderator, gift, "message", "refused")
    assert states(gift) == ("approved", "refused")
    assert "Rien à lire." in text_of(moderator.get(REGIE))
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Nom à l’antenne : accepté.",
        "Message à l’antenne : refusé.",
    ]


def test_the_last_decision_can_be_undone(moderator: Client) -> None:
    gift = words(message="")
    told = moderator.get(say(moderator, gift, "name", "approved")["Location"])
    markup = told.content.decode().partition('class="told"')[2].partition("</form>")[0]
    button = re.search(r'name="state" value="(\w+)" id="annuler"', markup)
    assert button is not None
    assert button[1] == "waiting"
    say(moderator, gift, "name", button[1])
    assert states(gift)[0] == "waiting"
    assert "À lire" in text_of(moderator.get(REGIE))


def test_what_changed_meanwhile_is_read_again(moderator: Client) -> None:
    gift = words()
    old = digests(moderator)["name"]
    Gift.objects.filter(pk=gift.pk).update(public_name="Autre chose")
    response = say(moderator, gift, "name", "approved", digest=old)
    assert response.status_code == 200
    assert "relisez-les" in text_of(response)
    assert states(gift)[0] == "waiting"


@pytest.mark.parametrize(
    "data",
    [
        {}, {"hide": "2"}, {"gift": "x", "field": "name", "state": "approved", "digest": "0"},
        {"field": "amount_cents"}, {"state": "paid"}, {"field": "message", "digest": ""},
    ],
)  # fmt: skip
def test_what_is_made_up_changes_nothing(moderator: Client, data: dict[str, str]) -> None:
    gift = words()
    right = {
        "gift": str(gift.pk), "field": "name", "state": "approved",
        "digest": digests(moderator)["name"],
    }  # fmt: skip
    response = moderator.post(REGIE, right | data if data and "hide" not in data else data)
    assert response.status_code in {200, 303}
    assert states(gift) == ("waiting", "waiting")
    assert not GivingSettings.load().on_air_hidden


def test_two_moderators_the_last_one_is_right(moderator: Client, owner: Client) -> None:
    gift = words(message="")
    seen = digests(owner)["name"]
    say(moderator, gift, "name", "approved", digest=seen)
    say(owner, gift, "name", "refused", digest=seen)
    assert states(gift)[0] == "refused"
    assert "Refusé" in text_of(moderator.get(REGIE))


def test_an_open_page_asks_and_hears_only_news(moderator: Client) -> None:
    words()
    markup = moderator.get(REGIE).content.decode()
    asked = re.search(r'data-hx-get="(/admin/regie\?version=\w+)"', markup)
    assert asked is not None
    quiet = moderator.get(asked[1], headers={"hx-request": "true"})
    assert (quiet.status_code, quiet.content) == (204, b"")
    words(2, name="Deuxième")
    news = moderator.get(asked[1], headers={"hx-request": "true"})
    assert "Deuxième" in text_of(news)
    assert "<html" not in news.content.decode()


def test_a_session_that_is_over_leads_to_the_login(client: Client) -> None:
    response = client.get(f"{REGIE}?version=x", headers={"hx-request": "true"})
    assert (response.status_code, response["HX-Refresh"]) == (204, "true")


def test_all_is_hidden_and_shown_again(moderator: Client, owner: Client) -> None:
    assert "Tout masquer" in text_of(moderator.get(REGIE))
    moderator.post(REGIE, {"hide": "1"})
    key = on_air.overlay_key()
    assert moderator.get("/overlay/collecte/etat", {"cle": key}).json() == {"hidden": True}
    assert "Tout est masqué à l’antenne" in text_of(owner.get(REGIE))
    assert "tout est masqué" in text_of(owner.get("/admin/"))
    moderator.post(REGIE, {"hide": "0"})
    assert not GivingSettings.objects.get().on_air_hidden


def test_it_tells_what_is_on_air_as_the_pages_do(moderator: Client) -> None:
    assert "Pas de direct" in text_of(moderator.get(REGIE))
    broadcast = episode()
    VideoSource.objects.update(live_state="live", started_at=timezone.now())
    assert "Pas de direct" in text_of(moderator.get(REGIE)), "what a platform says is not yet so"
    airing.override(broadcast_id=broadcast.pk, state=AiringState.LIVE, user=None)
    assert f"En direct : {broadcast.title}" in text_of(moderator.get(REGIE))
    airing.override(broadcast_id=broadcast.pk, state=AiringState.INTERRUPTED, user=None)
    assert f"Coupure : {broadcast.title}" in text_of(moderator.get(REGIE))
    airing.override(broadcast_id=broadcast.pk, state=AiringState.OVER, user=None)
    assert "Pas de direct" in text_of(moderator.get(REGIE))


def test_the_start_page_leads_there(staff: SignIn) -> None:
    words()
    start = staff("moderator").get("/admin/")
    assert "La régie : un don à lire" in text_of(start)
    assert f'href="{REGIE}"' in start.content.decode()
    assert "La régie" not in text_of(staff("treasurer").get("/admin/"))


def test_queries_do_not_grow_with_the_words(moderator: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert moderator.get(REGIE).status_code == 200
        return len(made)

    words(1)
    moderator.get(REGIE)
    few = queries()
    for number in range(2, 6):
        words(number)
    assert queries() == few


def test_the_treasurer_renews_the_overlays_address(treasurer: Client, client: Client) -> None:
    address = "/admin/donations/givingsettings/1/change/"
    GivingSettings(pk=1).save()
    form = treasurer.get(address)
    old = on_air.overlay_key()
    assert f"/overlay/collecte?cle={old}" in text_of(form)
    on_air.hide(hidden=True)  # in the régie, while the form is open
    fields = form_of(form)
    treasurer.post(address, fields | {"closed_message": "Fermé."})
    assert (on_air.overlay_key(), GivingSettings.load().on_air_hidden) == (old, True)
    treasurer.post(address, fields | {"renew_key": "on"})
    assert on_air.overlay_key() != old
    assert client.get("/overlay/collecte", {"cle": old}).status_code == 403
