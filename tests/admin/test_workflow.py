"""A text goes out, off, and back to work, by the buttons of its form."""

import datetime as dt
import time
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from auposte.models import Removal
from broadcasts.models import Broadcast, PublicationStep
from broadcasts.services import publishing
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import ADD, change, send
from tests.admin.world import episode
from tests.factories import BroadcastFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
SignIn = Callable[[str], Client]


def draft(**facts: object) -> Broadcast:
    facts = {"status": "draft", "published_at": None, **facts}
    return episode(1, **facts)


def typed(moment: dt.datetime) -> dict[str, str]:
    local = timezone.localtime(moment)
    return {"published_at_0": f"{local:%d/%m/%Y}", "published_at_1": f"{local:%H:%M:%S}"}


def press(client: Client, broadcast: Broadcast, button: str, **fields: object) -> str:
    """Press a button of the form; returns all that the next page says."""
    response = send(client, change(broadcast), **{button: "1", **fields})
    if response.status_code == 302:
        response = client.get(response["Location"])
    broadcast.refresh_from_db()
    return text_of(response)


def places(broadcast: Broadcast) -> list[str]:
    """Everywhere that a reader may come across it."""
    tag, guest = broadcast.tags.get(), broadcast.guests.get()
    assert broadcast.series is not None
    return [
        "/",
        "/emissions",
        f"/emissions?tags={tag.name.replace(' ', '+')}",
        "/emissions?saison=10",
        broadcast.series.get_absolute_url(),
        guest.get_absolute_url(),
        "/sitemaps/emissions-1.xml",
        "/flux/emissions.atom",
    ]


def shown_at(reader: Client, broadcast: Broadcast) -> dict[str, bool]:
    """Where its address stands now."""
    address = broadcast.get_absolute_url()
    found = {}
    for place in places(broadcast):
        answer = reader.get(place)
        found[place] = answer.status_code == 200 and address in answer.content.decode()
    return found


@pytest.fixture
def beside() -> Broadcast:
    """Another text, so that no list is empty for lack of anything."""
    return episode(7)


def test_a_draft_is_published_now(editor: Client, client: Client, beside: Broadcast) -> None:
    broadcast = draft()
    assert not any(shown_at(client, broadcast).values())
    said = press(editor, broadcast, "_publish", title="Un titre corrigé")
    assert "En ligne, datée du" in said
    assert "Publiée par editor le" in said
    assert broadcast.is_public
    assert broadcast.title == "Un titre corrigé"
    assert timezone.now() - broadcast.published_at < dt.timedelta(minutes=1)
    assert all(shown_at(client, broadcast).values())
    assert client.get(broadcast.get_absolute_url()).status_code == 200


def test_an_old_text_keeps_the_date_that_was_typed(editor: Client) -> None:
    broadcast = draft()
    moment = dt.datetime(2021, 5, 3, 17, 0, tzinfo=dt.UTC)
    assert "datée du 3 mai 2021 à 19 h 00" in press(editor, broadcast, "_publish", **typed(moment))
    assert broadcast.published_at == moment


def test_a_draft_is_programmed_for_the_date_that_was_typed(editor: Client, client: Client) -> None:
    broadcast = draft()
    moment = (timezone.now() + 30 * HOUR).replace(microsecond=0)
    said = press(editor, broadcast, "_programme", **typed(moment))
    assert "Programmée : elle sera en ligne le" in said
    assert "Programmée par editor le" in said
    assert (broadcast.status, broadcast.published_at) == ("published", moment)
    assert client.get(broadcast.get_absolute_url()).status_code == 404
    later = moment + HOUR
    press(editor, broadcast, "_save", **typed(later))
    assert broadcast.published_at == later
    steps = broadcast.steps.values_list("action", "published_at", "was_public")
    assert list(steps) == [("programmed", later, False), ("programmed", moment, False)]


@pytest.mark.parametrize(
    ("state", "button", "at", "message"),
    [
        ("draft", "_programme", None, "Pour programmer, écrivez le jour et l’heure."),
        ("draft", "_programme", -HOUR, "Cette date est passée : écrivez-en une à venir"),
        ("programmed", "_save", None, "Sans date, remettez-la en brouillon"),
        ("programmed", "_save", -HOUR, "Cette date est passée : écrivez-en une à venir"),
        ("public", "_save", None, "Sans date, remettez-la en brouillon"),
        ("public", "_save", HOUR, "Cette date à venir la retirerait du site."),
        ("archived", "_save", HOUR, "Cette date à venir la retirerait du site."),
        ("public", "_publish", -HOUR, "Cette émission est déjà en ligne."),
        ("public", "_programme", HOUR, "Cette émission est déjà en ligne."),
        ("archived", "_publish", -HOUR, "Cette émission a été retirée : remettez-la en ligne"),
        ("draft", "_draft", None, "Cette émission est un brouillon."),
        ("public", "_put_back", -HOUR, "Cette émission est déjà en ligne."),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_in_words(
    state: str, button: str, at: dt.timedelta | None, message: str, editor: Client
) -> None:
    now = timezone.now()
    facts: dict[str, object] = {
        "draft": {"status": "draft", "published_at": None},
        "programmed": {"published_at": now + 5 * HOUR},
        "public": {"published_at": now - 5 * HOUR},
        "archived": {"status": "archived", "published_at": now - 5 * HOUR},
    }[state]
    broadcast = episode(1, **facts)
    before = (broadcast.status, broadcast.published_at)
    dates = typed(now + at) if at else {"published_at_0": "", "published_at_1": ""}
    assert message in press(editor, broadcast, button, **dates)
    assert (broadcast.status, broadcast.published_at) == before
    assert not broadcast.steps.exists()


def test_the_form_offers_what_can_be_done(editor: Client) -> None:
    now = timezone.now()
    steps = {"Publier maintenant", "Programmer à la date écrite", "Retirer…", "Remettre en ligne"}
    steps |= {"Remettre en brouillon"}
    offered = {
        "draft": {"Publier maintenant", "Programmer à la date écrite"},
        "programmed": {"Publier maintenant", "Remettre en brouillon"},
        "public": {"Retirer…", "Remettre en brouillon"},
        "archived": {"Remettre en ligne", "Remettre en brouillon"},
    }
    rows = {
        "draft": episode(1, status="draft", published_at=None),
        "programmed": episode(2, published_at=now + HOUR),
        "public": episode(3),
        "archived": episode(4, status="archived"),
    }
    for state, broadcast in rows.items():
        form = editor.get(change(broadcast)).content.decode().partition('id="broadcast_form"')[2]
        found = {step for step in steps if f'value="{step}"' in form or f">{step}<" in form}
        assert found == offered[state], state
        first = form.partition('type="submit"')[2].partition(">")[0]
        assert 'name="_save"' in first, "the Enter key presses the first button"


def test_what_is_taken_away_is_gone_at_once_from_everywhere(
    editor: Client, client: Client, beside: Broadcast, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = episode(1)
    neighbour = BroadcastFactory(
        title="Voisine", series=broadcast.series, published_at=timezone.now() - 50 * HOUR
    )
    old = broadcast.get_absolute_url()
    send(editor, change(broadcast), slug="nouvelle-adresse")
    broadcast.refresh_from_db()
    assert broadcast.get_absolute_url() in client.get(neighbour.get_absolute_url()).content.decode()
    page = f"/admin/broadcasts/broadcast/{broadcast.pk}/retirer/"
    assert "Raison (facultative" in text_of(editor.get(page))
    answer = editor.post(page, {"reason": "À la demande de l’invitée"})
    told = text_of(editor.get(answer["Location"]))
    assert "Retirée par editor le" in told
    assert "(À la demande de l’invitée)" in told
    assert [one.path for one in Removal.objects.all()] == ["/emissions/nouvelle-adresse"]
    broadcast.refresh_from_db()
    for address in (broadcast.get_absolute_url(), old, "/nouvelle-adresse/"):
        gone = client.get(address)
        assert gone.status_code == 410, address
        assert "demande" not in gone.content.decode()
    shown = {**shown_at(client, broadcast), "neighbour": False}
    del shown[broadcast.series.get_absolute_url()]  # the neighbour keeps the series there
    assert not any(shown.values()), shown
    for address in (neighbour.get_absolute_url(), broadcast.series.get_absolute_url()):
        assert broadcast.title not in client.get(address).content.decode()


def test_a_form_that_nobody_can_save_does_not_hold_it_back(editor: Client) -> None:
    broadcast = episode(1)
    Broadcast.objects.filter(pk=broadcast.pk).update(focal_x=50, duration_seconds=None)
    editor.post(f"/admin/broadcasts/broadcast/{broadcast.pk}/retirer/")
    broadcast.refresh_from_db()
    assert broadcast.status == "archived"
    again = editor.post(f"/admin/broadcasts/broadcast/{broadcast.pk}/retirer/", follow=True)
    assert "Cette émission a été retirée" in text_of(again)
    assert broadcast.steps.count() == 1


def test_it_comes_back_with_its_date(editor: Client, client: Client) -> None:
    broadcast = episode(1)
    published_at = broadcast.published_at
    editor.post(f"/admin/broadcasts/broadcast/{broadcast.pk}/retirer/")
    assert "Remise en ligne par editor le" in press(editor, broadcast, "_put_back")
    assert broadcast.published_at == published_at
    assert client.get(broadcast.get_absolute_url()).status_code == 200


def test_back_to_work_it_keeps_its_readers_links(
    editor: Client, owner: Client, client: Client
) -> None:
    broadcast = episode(1)
    assert "Remise en brouillon par editor" in press(editor, broadcast, "_draft")
    assert client.get("/emissions/episode-1").status_code == 404
    press(editor, broadcast, "_programme", slug="autrement", **typed(timezone.now() + 3 * HOUR))
    owner.post(change(broadcast).replace("change", "delete"), {"post": "yes"})
    press(editor, broadcast, "_publish")
    assert client.get("/emissions/episode-1")["Location"] == "/emissions/autrement"


def test_a_new_text_is_published_from_its_first_form(editor: Client, client: Client) -> None:
    response = send(editor, ADD, title="Tout de suite", _publish="1")
    broadcast = Broadcast.objects.get()
    assert response["Location"] == change(broadcast)
    assert client.get("/emissions/tout-de-suite").status_code == 200


def test_an_error_elsewhere_publishes_nothing(editor: Client) -> None:
    broadcast = draft()
    assert "Ce champ est obligatoire" in press(editor, broadcast, "_publish", title="")
    assert broadcast.status == "draft"
    said = press(editor, broadcast, "_publish", **{"chapters-0-start_seconds": "bientôt"})
    assert "Écrivez une durée" in said
    assert broadcast.status == "draft"


@pytest.mark.parametrize("role", ["outsider", "reader", "moderator", "treasurer"])
def test_others_move_nothing(role: str, staff: SignIn) -> None:
    broadcast = episode(1)
    client = staff(role)
    page = f"/admin/broadcasts/broadcast/{broadcast.pk}/retirer/"
    for answer in (
        client.get(page),
        client.post(page),
        client.post(change(broadcast), {"_draft": "1"}),
    ):
        assert answer.status_code == (302 if role in {"outsider", "reader"} else 403)
    broadcast.refresh_from_db()
    assert broadcast.is_public
    if role in {"moderator", "treasurer"}:
        said = text_of(client.get(change(broadcast)))
        for words in ("Retirer…", "Remettre en brouillon", "Enregistrer"):
            assert words not in said


def test_taking_away_what_is_not_there_is_no_error(editor: Client) -> None:
    assert editor.get("/admin/broadcasts/broadcast/999999/retirer/").status_code == 302
    assert editor.post("/admin/broadcasts/broadcast/999999/retirer/").status_code == 302


def test_its_minute_comes_by_itself(client: Client, beside: Broadcast) -> None:
    """In real time: nothing runs, no worker, nobody asks for anything."""
    for seconds in (3, 15, 60):
        broadcast = draft()
        at = timezone.now() + dt.timedelta(seconds=seconds)
        publishing.programme(broadcast=broadcast, user=None, at=at)
        shown = shown_at(client, broadcast)
        status = client.get(broadcast.get_absolute_url()).status_code
        # A machine too slow to look in time has proved nothing: it gets longer.
        if timezone.now() < at:
            break
    assert not any(shown.values())
    assert status == 404
    while timezone.now() <= at:
        time.sleep(0.05)
    assert all(shown_at(client, broadcast).values())
    assert client.get(broadcast.get_absolute_url()).status_code == 200


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dt.datetime], None]]:
    """Set the hour that the site reads."""

    def set_to(moment: dt.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_to


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        ("29/03/2099", "01:59:59", dt.datetime(2099, 3, 29, 0, 59, 59, tzinfo=dt.UTC)),
        ("29/03/2099", "03:00:00", dt.datetime(2099, 3, 29, 1, 0, tzinfo=dt.UTC)),
        ("29/03/2099", "20:00:00", dt.datetime(2099, 3, 29, 18, 0, tzinfo=dt.UTC)),
        ("25/10/2099", "01:59:59", dt.datetime(2099, 10, 24, 23, 59, 59, tzinfo=dt.UTC)),
        ("25/10/2099", "03:00:00", dt.datetime(2099, 10, 25, 2, 0, tzinfo=dt.UTC)),
        ("25/10/2099", "20:00:00", dt.datetime(2099, 10, 25, 19, 0, tzinfo=dt.UTC)),
    ],
)
def test_a_minute_around_a_change_of_clocks(
    day: str,
    hour: str,
    utc: dt.datetime,
    editor: Client,
    client: Client,
    beside: Broadcast,
    clock: Callable[[dt.datetime], None],
) -> None:
    broadcast = draft()
    press(editor, broadcast, "_programme", published_at_0=day, published_at_1=hour)
    assert broadcast.published_at == utc
    clock(utc - dt.timedelta(seconds=1))
    assert not any(shown_at(client, broadcast).values())
    assert client.get(broadcast.get_absolute_url()).status_code == 404
    clock(utc + dt.timedelta(seconds=1))
    assert all(shown_at(client, broadcast).values())
    assert client.get(broadcast.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("29/03/2099", "Cette heure n’existe pas : cette nuit-là, les horloges avancent"),
        ("25/10/2099", "Cette heure existe deux fois : cette nuit-là, les horloges reculent"),
    ],
)
def test_an_hour_that_clocks_skip_or_repeat(day: str, message: str, editor: Client) -> None:
    broadcast = draft()
    for field in ("published_at", "aired_at", "scheduled_for"):
        fields = {f"{field}_0": day, f"{field}_1": "02:30"}
        assert message in press(editor, broadcast, "_save", **fields), field
    broadcast.refresh_from_db()
    assert broadcast.published_at is None


def test_a_date_that_came_twice_stays_what_it_was(editor: Client) -> None:
    moment = dt.datetime(2019, 10, 27, 1, 30, 0, 123456, tzinfo=dt.UTC)  # the second 2 h 30
    broadcast = episode(1, published_at=moment)
    press(editor, broadcast, "_save", title="Autrement")
    assert (broadcast.title, broadcast.published_at) == ("Autrement", moment)


def test_who_did_it_is_told_after_their_account_is_gone(editor: Client) -> None:
    broadcast = draft()
    press(editor, broadcast, "_publish")
    User.objects.filter(username="editor").update(first_name="Camille", last_name="Roy")
    assert "Publiée par Camille Roy le" in text_of(editor.get(change(broadcast)))
    PublicationStep.objects.update(user=None)
    assert "Publiée par quelqu’un le" in text_of(editor.get(change(broadcast)))


def test_an_editor_shares_the_preview(editor: Client, client: Client) -> None:
    broadcast = draft()
    form = text_of(editor.get(change(broadcast)))
    assert "Voir l’aperçu" in form
    seen = editor.get(f"/admin/broadcasts/broadcast/{broadcast.pk}/voir/")
    assert client.get(seen["Location"]).status_code == 200
    page = f"/admin/broadcasts/broadcast/{broadcast.pk}/apercus/"
    assert form_of(editor.get(page))["days"] == "7"
    answer = editor.post(page, {"days": "30"}).content.decode()
    link = answer.partition('value="http://127.0.0.1')[2].partition('"')[0]
    path = "/apercu/" + link.partition("/apercu/")[2]
    assert client.get(path).status_code == 200
    assert "Sélectionnez un choix valide" in text_of(editor.post(page, {"days": "365"}))
    assert "n’ouvre plus rien" in text_of(editor.post(page, {"revoke": "1"}, follow=True))
    assert client.get(path).status_code == 404
    assert "Voir l’aperçu" not in text_of(editor.get(change(episode(2))))


@pytest.mark.parametrize("role", ["outsider", "reader", "moderator", "treasurer"])
def test_others_make_no_link(role: str, staff: SignIn) -> None:
    broadcast = draft()
    client = staff(role)
    for page in ("voir", "apercus"):
        address = f"/admin/broadcasts/broadcast/{broadcast.pk}/{page}/"
        for answer in (client.get(address), client.post(address, {"days": "7"})):
            assert answer.status_code == (302 if role in {"outsider", "reader"} else 403)
            assert "apercu/" not in answer.headers.get("Location", "")
