"""A file is tried, looked at, and taken in: by the treasurer's own pages."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from donations.models import GiftImport, LedgerEntry
from tests.admin.html import text_of
from tests.donations.test_gift_files import FILES

ADD = "/admin/donations/giftimport/add/"


def file(name: str = "helloasso.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (FILES / name).read_bytes(), "text/csv")


def test_tried_then_taken_in(treasurer: Client) -> None:
    response = treasurer.post(ADD, {"file": file()})
    assert not LedgerEntry.objects.exists()
    page = text_of(treasurer.get(response["Location"]))
    assert "Essai à blanc : rien n’est inscrit" in page
    assert "Nouveaux dons à inscrire : 4 , 1 285,50 €" in page
    assert "Lignes refusées : 9" in page
    assert "date illisible : « le 2 octobre »" in page
    tried = GiftImport.objects.get()
    take_in = f"/admin/donations/giftimport/{tried.pk}/importer/"
    response = treasurer.post(take_in, {"file": file("donorbox.csv")})
    assert "Ce n’est pas le fichier de l’essai" in text_of(treasurer.get(response["Location"]))
    assert not LedgerEntry.objects.exists()
    response = treasurer.post(take_in, {"file": file()})
    assert LedgerEntry.objects.total_cents() == 128_550
    page = text_of(treasurer.get(response["Location"]))
    assert "Import fait" in page
    assert "Septembre 2026 2 1 225,50 €" in page
    assert "Importer pour de bon" not in page
    rows = "/admin/donations/giftimportrow/"
    done = GiftImport.objects.get(dry_run=False)
    assert "Déjà là" in text_of(treasurer.get(f"{rows}?batch__id__exact={done.pk}"))
    again = treasurer.post(take_in, {"file": file()})
    assert "Nouveaux dons : 0" in text_of(treasurer.get(again["Location"]))
    assert LedgerEntry.objects.total_cents() == 128_550


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a;b\n1;2\n", "ni un export des paiements HelloAsso ni de Donorbox"),
        (b"", "vide"),
        (None, "obligatoire"),
    ],
)
def test_a_wrong_file_is_told(content: bytes | None, told: str, treasurer: Client) -> None:
    sent = {} if content is None else {"file": SimpleUploadedFile("x.csv", content)}
    response = treasurer.post(ADD, sent)
    assert response.status_code == 200
    assert told in text_of(response)
    assert not GiftImport.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("editor", 403), ("moderator", 403), ("outsider", 302)]
)
def test_others_stay_outside(role: str, status: int, staff: Callable[[str], Client]) -> None:
    tried = GiftImport.objects.create(origin="helloasso", file_name="x", digest="0" * 64)
    client = staff(role)
    for address in (ADD, f"/admin/donations/giftimport/{tried.pk}/importer/"):
        assert client.post(address, {"file": file()}).status_code == status
    assert not LedgerEntry.objects.exists()


def test_only_a_try_is_taken_in_and_only_by_its_button(treasurer: Client) -> None:
    done = GiftImport.objects.create(
        origin="helloasso", file_name="x", digest="0" * 64, dry_run=False
    )
    address = f"/admin/donations/giftimport/{done.pk}/importer/"
    assert treasurer.get(address).status_code == 405
    assert treasurer.post(address, {"file": file()}).status_code == 404
