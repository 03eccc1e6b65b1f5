"""An extract's whole episode, as an editor names it, and as versions tell of it."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from broadcasts.models import Broadcast
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import change, send
from tests.admin.test_history import restore, version_page
from tests.admin.test_same_moment import a_colleague
from tests.admin.world import episode

pytestmark = pytest.mark.django_db


def test_an_editor_names_the_whole_and_the_second(editor: Client) -> None:
    whole, extract = episode(1, title="L’entière"), episode(2)
    send(editor, change(extract), extract_of=whole.pk, extract_start_seconds="1 h 21")
    extract.refresh_from_db()
    assert (extract.extract_of, extract.extract_start_seconds) == (whole, 4860)
    assert "L’entière" in text_of(editor.get(version_page(extract, 0)))


def test_extracts_have_no_extracts_and_nothing_is_its_own(editor: Client) -> None:
    whole, extract, other = episode(1), episode(2), episode(3)
    send(editor, change(extract), extract_of=whole.pk)
    for page, named, told in (
        (other, extract, "Cette émission est elle-même un extrait"),
        (whole, other, "Celle-ci a ses propres extraits"),
        (other, other, "Une émission n’est pas un extrait d’elle-même."),
    ):
        assert told in text_of(send(editor, change(page), extract_of=named.pk))
        page.refresh_from_db()
        assert page.extract_of is None


def test_the_database_knows_no_extract_of_an_extract(db: None) -> None:
    whole, extract, other = episode(1), episode(2), episode(3)
    Broadcast.objects.filter(pk=extract.pk).update(extract_of=whole)
    for wrong, named in ((other, extract), (whole, other)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Broadcast.objects.filter(pk=wrong.pk).update(extract_of=named)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_name_a_whole_at_a_time_the_second_is_told(editor: Client) -> None:
    whole, extract, other = episode(1), episode(2), episode(3)
    form = form_of(editor.get(change(whole)))
    with a_colleague(lambda: Broadcast.objects.filter(pk=extract.pk).update(extract_of=whole)):
        response = editor.post(change(whole), {**form, "extract_of": other.pk})
    assert "Celle-ci a ses propres extraits" in text_of(response)
    whole.refresh_from_db()
    assert whole.extract_of is None


def test_a_version_whose_whole_is_gone_can_be_restored(editor: Client) -> None:
    whole, extract = Broadcast.objects.create(title="Brouillon", slug="brouillon"), episode(2)
    send(editor, change(extract), extract_of=whole.pk)
    send(editor, change(extract), extract_of="", dek="Après")
    whole.delete()
    assert "L’émission dont c’était un extrait n’existe plus." in restore(editor, extract, 1)
    assert extract.extract_of is None
