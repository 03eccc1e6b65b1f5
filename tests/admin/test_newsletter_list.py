"""The newsletter's list: for those who send it, and harmless in a spreadsheet."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from outlet.models import Subscriber

pytestmark = pytest.mark.django_db
EXPORT = "/admin/outlet/subscriber/lettre.csv"


def test_the_list_is_what_a_sender_needs(editor: Client) -> None:
    now = timezone.now()
    known = Subscriber.objects.create(email="=cmd@example.org", confirmed_at=now)
    Subscriber.objects.create(email="attend@example.org")
    answer = editor.get(EXPORT)
    heading, row = answer.content.decode("utf-8-sig").split("\r\n")[:2]
    assert heading == "Adresse;Confirmée le;Désinscription"
    cells = row.split(";")
    assert cells[0] == "'=cmd@example.org"
    assert cells[1] == timezone.localdate(now).isoformat()
    assert cells[2].endswith(f"/lettre/{known.key}/quitter")
    assert "attend@" not in answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]
    listed = editor.get("/admin/outlet/subscriber/").content.decode()
    assert "Exporter la lettre (1 adresse)" in listed


@pytest.mark.parametrize(
    ("role", "status"), [("outsider", 302), ("treasurer", 403), ("moderator", 403), ("owner", 200)]
)
def test_it_is_not_everybody_s(role: str, status: int, staff: Callable[[str], Client]) -> None:
    assert staff(role).get(EXPORT).status_code == status


def test_an_editor_takes_somebody_off_and_puts_nobody_on(editor: Client) -> None:
    asked = Subscriber.objects.create(email="lectrice@example.org")
    assert editor.get("/admin/outlet/subscriber/add/").status_code == 403
    editor.post(f"/admin/outlet/subscriber/{asked.pk}/delete/", {"post": "yes"})
    assert not Subscriber.objects.exists()
