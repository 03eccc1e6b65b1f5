"""What only the platform writes: it can be read, and a second try asked for; nothing else."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models.signals import pre_save
from django.test import Client

from donations.models import Gift, LedgerEntry, OutgoingEmail, Progress, StripeEvent
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import send
from tests.admin.world import money, month

SignIn = Callable[[str], Client]


@pytest.mark.parametrize("role", ["treasurer", "owner"])
@pytest.mark.parametrize("model", [LedgerEntry, StripeEvent, Progress, OutgoingEmail])
def test_nobody_writes_the_books(role: str, model: type, staff: SignIn) -> None:
    money()
    month()
    client = staff(role)
    row = model.objects.get()
    before = model.objects.values().get()
    base = f"/admin/donations/{model._meta.model_name}/"
    page = client.get(f"{base}{row.pk}/change/")
    assert page.status_code == 200
    assert client.get(f"{base}add/").status_code == 403
    posts = (
        (f"{base}add/", {}),
        (f"{base}{row.pk}/change/", {"amount_cents": "1", "raised_cents": "1", "text": "x"}),
        (f"{base}{row.pk}/delete/", {"post": "yes"}),
    )
    for address, data in posts:
        assert client.post(address, data).status_code == 403, address
    client.post(base, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model.objects.values().get() == before


def test_a_gift_shows_its_entries(treasurer: Client) -> None:
    gift = money()
    page = text_of(treasurer.get(f"/admin/donations/gift/{gift.pk}/change/"))
    for words in (
        "offline:cheque-1",
        "10,00 €",
        "Encaissé",
        "Donatrice 1",
        "Hors ligne",
    ):
        assert words in page, words


def test_a_moderator_changes_words_only(staff: SignIn) -> None:
    gift = money()
    Gift.objects.update(public_name="Une insulte", message="Une autre")
    moderator = staff("moderator")
    address = f"/admin/donations/gift/{gift.pk}/change/"
    assert set(form_of(moderator.get(address))) & {"amount_cents", "status", "donor"} == set()
    response = send(
        moderator, address, public_name="", message="", amount_cents="1", status="failed", donor=""
    )
    assert response.status_code == 302
    changed = Gift.objects.get()
    assert (changed.public_name, changed.message) == ("", "")
    assert (changed.amount_cents, changed.status, changed.donor) == (1000, "succeeded", gift.donor)
    assert moderator.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert LogEntry.objects.get().object_id == str(gift.pk)


def test_a_form_never_takes_back_what_a_worker_wrote(staff: SignIn) -> None:
    gift = money()
    Gift.objects.update(refunded_cents=0)

    def refund_meanwhile(sender: object, **_: object) -> None:
        Gift.objects.update(refunded_cents=1000)

    pre_save.connect(refund_meanwhile, sender=Gift)
    try:
        send(staff("moderator"), f"/admin/donations/gift/{gift.pk}/change/", message="Corrigé")
    finally:
        pre_save.disconnect(refund_meanwhile, sender=Gift)
    gift.refresh_from_db()
    assert (gift.message, gift.refunded_cents) == ("Corrigé", 1000)


def act(client: Client, model: type, action: str) -> str:
    rows = [row.pk for row in model.objects.all()]
    response = client.post(
        f"/admin/donations/{model._meta.model_name}/",
        {"action": action, "_selected_action": rows},
        follow=True,
    )
    return text_of(response)


def test_an_event_is_replayed(
    treasurer: Client, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    money()
    with django_capture_on_commit_callbacks() as queued:
        page = act(treasurer, StripeEvent, "replay")
    assert "Événements remis en file : 1." in page
    event = StripeEvent.objects.due().get()
    assert (event.processed_at, event.attempts, event.last_error) == (None, 0, "")
    assert len(queued) == 1
    assert LogEntry.objects.get().object_id == event.pk


def test_only_letters_that_did_not_leave_are_sent_again(
    treasurer: Client, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    money(1)
    money(2)
    sent = OutgoingEmail.objects.get(key="thanks:2")
    OutgoingEmail.objects.filter(pk=sent.pk).update(sent_at=sent.created_at)
    with django_capture_on_commit_callbacks() as queued:
        page = act(treasurer, OutgoingEmail, "resend")
    assert "Courriels remis en file : 1." in page
    assert [letter.key for letter in OutgoingEmail.objects.due()] == ["thanks:1"]
    assert len(queued) == 1


def test_who_only_looks_replays_nothing(staff: SignIn) -> None:
    from django.contrib.auth.models import Group, Permission

    money()
    client = staff("editor")
    for model, action in ((StripeEvent, "replay"), (OutgoingEmail, "resend")):
        Permission.objects.get(codename=f"view_{model._meta.model_name}").group_set.set(
            Group.objects.all()
        )
        before = list(model.objects.values())
        act(client, model, action)
        assert list(model.objects.values()) == before
