"""Corrections and rights of reply, written under the text in its form."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from broadcasts.models import Broadcast, Correction
from broadcasts.services.versions import versions_of
from tests.admin.html import text_of
from tests.admin.test_broadcasts import change, send
from tests.admin.test_history import version_page
from tests.admin.world import episode
from tests.broadcasts.pages import Page

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def row(broadcast: Broadcast, **facts: str) -> dict[str, str]:
    facts = {"kind": "correction", "dated": "12/05/2025", "text": "<p>Ce n’était pas lui.</p>",
             "author": "", "position": "0", "broadcast": str(broadcast.pk), **facts}  # fmt: skip
    fields = {f"corrections-0-{name}": value for name, value in facts.items()}
    return {"corrections-TOTAL_FORMS": "1", **fields}


def test_an_editor_corrects_a_text(editor: Client, client: Client) -> None:
    broadcast = episode(1)
    before = broadcast.updated_at
    send(editor, change(broadcast), **row(broadcast))
    assert "corrigé le 12 mai 2025" in Page(client.get(broadcast.get_absolute_url())).text
    broadcast.refresh_from_db()
    assert broadcast.updated_at > before, "search engines and the map are told"
    assert versions_of(broadcast)[0].parts["corrections"][0]["dated"] == "2025-05-12"
    told = editor.get(version_page(broadcast, 0)).content.decode()
    assert "<ins>Correction du 12 mai 2025</ins>" in told
    assert "<ins>Ce n’était pas lui.</ins>" in told


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"text": ""}, "Ce champ est obligatoire"),
        ({"text": "<script>x</script>"}, "Ce texte est vide"),
        ({"kind": "reply"}, "Un droit de réponse porte le nom de qui répond."),
        ({"dated": "12/05/2999"}, "Une correction ne porte pas une date à venir."),
        ({"dated": "bientôt"}, "Saisissez une date valide."),
        ({"kind": "rumeur"}, "Sélectionnez un choix valide"),
        ({"author": "x" * 500, "kind": "reply"}, "au plus 200 caractères"),
        ({"position": "-1"}, "supérieure ou égale à 0"),
    ],
)
def test_bad_input_gets_a_clear_message(
    facts: dict[str, str], message: str, editor: Client
) -> None:
    broadcast = episode(1)
    response = send(editor, change(broadcast), **row(broadcast, **facts))
    assert message in text_of(response).replace("'", "’")
    assert not Correction.objects.exists()


def test_a_correction_has_no_author_and_today_by_default(editor: Client) -> None:
    broadcast = episode(1)
    send(editor, change(broadcast), **row(broadcast, author="Quelqu’un"))
    assert Correction.objects.get().author == ""
    assert Correction(broadcast=broadcast, text="x").dated == timezone.localdate()


@pytest.mark.parametrize("role", ["outsider", "reader", "moderator", "treasurer"])
def test_others_correct_nothing(role: str, staff: SignIn) -> None:
    broadcast = episode(1)
    answer = staff(role).post(change(broadcast), row(broadcast))
    assert answer.status_code == (302 if role in {"outsider", "reader"} else 403)
    assert not Correction.objects.exists()
