"""Two people save the same address at once: the second is told, or gets the next address."""

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from broadcasts.models import Broadcast, Redirect, Series, Tag
from guests.models import Guest
from tests.admin.html import form_of, text_of
from tests.factories import drawn_picture
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

NAMES: dict[type[Model], dict[str, str]] = {
    Broadcast: {"title": "La même"},
    Guest: {"last_name": "La même"},
    Series: {"title": "La même"},
    Tag: {"name": "La même"},
}


@contextlib.contextmanager
def a_colleague(saves: Callable[[], object]) -> Iterator[None]:
    """Somebody else's transaction: written when the block begins, over when the block waits."""
    written, failures = threading.Event(), []

    def work() -> None:
        try:
            with transaction.atomic():
                saves()
                written.set()
                wait_until(somebody_waits, "the second person to wait for the first")
        except BaseException as failure:
            failures.append(failure)
        finally:
            written.set()
            connection.close()

    colleague = threading.Thread(target=work)
    colleague.start()
    written.wait()
    try:
        yield
    finally:
        colleague.join()
    assert not failures, failures


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def add(client: Client, model: type[Model], **fields: object) -> Callable[[], HttpResponse]:
    """What sends the form; opened now, as it was before the colleague saved."""
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/"
    form = form_of(client.get(address))
    return lambda: client.post(address, {**form, **NAMES[model], **fields})


@pytest.mark.parametrize("model", NAMES)
def test_a_typed_address_is_refused(model: type[Model], owner: Client) -> None:
    send = add(owner, model, **dict.fromkeys(NAMES[model], "Une autre"), slug="la-meme")
    with a_colleague(lambda: model.objects.create(slug="la-meme", **NAMES[model])):
        response = send()
    assert response.status_code == 200
    assert "Cette adresse est déjà celle d’une autre page." in text_of(response)
    assert "juste avant vous" in text_of(response)
    assert model.objects.count() == 1


@pytest.mark.parametrize("model", [Broadcast, Guest])
def test_an_address_made_from_the_name_is_the_next_free_one(
    model: type[Model], owner: Client
) -> None:
    send = add(owner, model, slug="")
    with a_colleague(lambda: model.objects.create(slug="la-meme", **NAMES[model])):
        response = send()
    assert response.status_code == 302
    assert set(model.objects.values_list("slug", flat=True)) == {"la-meme", "la-meme-2"}
    page = owner.get(response["Location"])
    assert "juste avant vous" not in text_of(page)


def test_a_name_taken_meanwhile_is_told_too(owner: Client) -> None:
    send = add(owner, Tag, slug="ailleurs")
    with a_colleague(lambda: Tag.objects.create(slug="la-meme", name="La même")):
        response = send()
    assert response.status_code == 200
    assert "existe déjà" in text_of(response)


def test_an_address_retired_meanwhile_is_told_too(owner: Client) -> None:
    page = Series.objects.create(title="Première", slug="premiere")
    address = f"/admin/broadcasts/series/{page.pk}/change/"
    form = form_of(owner.get(address))

    def retire() -> None:
        Series.objects.select_for_update().get(pk=page.pk)
        Redirect.objects.create(path="/series/la-meme", target_path="/don")

    with a_colleague(retire):
        response = owner.post(address, {**form, "slug": "la-meme"})
    assert response.status_code == 200
    assert "Cette adresse a déjà servi" in text_of(response)


def test_a_picture_sent_with_it_is_kept(owner: Client) -> None:
    picture = SimpleUploadedFile("dessin.png", drawn_picture().read(), "image/png")
    send = add(owner, Guest, slug="", portrait=picture, portrait_alt="Un carré")
    with a_colleague(lambda: Guest.objects.create(slug="la-meme", last_name="La même")):
        assert send().status_code == 302
    guest = Guest.objects.get(slug="la-meme-2")
    assert guest.portrait.size_in_pixels == (640, 360)
    with guest.portrait.open() as stored:
        assert stored.read(4)


# As of two who name each other's episode: PostgreSQL ends one of them. A sequence outlives that.
DEADLOCK_ONCE = """
CREATE SEQUENCE saved;
CREATE FUNCTION deadlock_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('saved') = 1 THEN
        RAISE EXCEPTION 'deadlock' USING ERRCODE = 'deadlock_detected';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER deadlock_once AFTER INSERT ON broadcasts_tag EXECUTE FUNCTION deadlock_once();
"""
NO_DEADLOCK = "DROP FUNCTION deadlock_once CASCADE; DROP SEQUENCE saved"


def test_whoever_a_deadlock_ends_is_saved_all_the_same(owner: Client) -> None:
    send = add(owner, Tag, slug="ailleurs")
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCK_ONCE)
        try:
            assert send().status_code == 302
        finally:
            cursor.execute(NO_DEADLOCK)
    assert Tag.objects.get().slug == "ailleurs"
