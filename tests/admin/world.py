"""A small newsroom: the people of the staff, and one row of everything that the admin shows."""

import datetime as dt

from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.utils import timezone

from auposte.permissions import EDITOR, MODERATOR, TREASURER
from broadcasts.models import (
    Airing,
    AiringChange,
    ApiUsage,
    Appearance,
    Broadcast,
    Chapter,
    Cue,
    Mark,
    Motto,
    OutgoingLink,
    Quote,
    Redirect,
    Series,
    SyncJob,
    SyncRun,
    Tag,
    Transcript,
    VideoProposal,
    VideoSource,
)
from donations.models import (
    BudgetLine,
    Campaign,
    Crossing,
    Discrepancy,
    Dispute,
    Donor,
    FraudWarning,
    Gift,
    GiftImport,
    GiftImportRow,
    GivingSettings,
    LedgerEntry,
    OutgoingEmail,
    Payout,
    PayoutLine,
    Progress,
    Receipt,
    ReceiptIssuer,
    ReceiptRun,
    ReconciliationRun,
    RefundOrder,
    StripeCustomer,
    StripeEvent,
    Subscription,
)
from donations.receipts.issuing import issue_for_gift
from donations.services import campaigns
from donations.services.offline import record_offline_gift
from guests.models import Guest
from outlet.models import ContactMessage, OutgoingLetter, Page, Subscriber

GROUP_OF = {"editor": EDITOR, "treasurer": TREASURER, "moderator": MODERATOR}
PASSWORD = "un-secret-assez-long"


def person(role: str) -> User:
    """`owner` may do everything, `reader` has an account but is not staff, others have a group."""
    user = User.objects.create_user(
        role, password=PASSWORD, is_staff=role != "reader", is_superuser=role == "owner"
    )
    if role in GROUP_OF:
        user.groups.add(Group.objects.get(name=GROUP_OF[role]))
    return user


def episode(number: int = 1, **facts: object) -> Broadcast:
    """A public broadcast with somebody in it, a video, a chapter, a series and a tag of its own."""
    facts = {
        "title": f"Épisode {number}",
        "slug": f"episode-{number}",
        "status": Broadcast.Status.PUBLISHED,
        "published_at": timezone.now() - dt.timedelta(days=number),
        "season": 10,
        "number": number,
        "duration_seconds": 6480,
        "series": Series.objects.create(title=f"Série {number}", slug=f"serie-{number}"),
        **facts,
    }
    broadcast = Broadcast.objects.create(**facts)
    guest = Guest.objects.create(
        first_name="Lou", last_name=f"Welgryn {number}", slug=f"lou-welgryn-{number}"
    )
    Appearance.objects.create(broadcast=broadcast, guest=guest, position=1)
    VideoSource.objects.create(
        broadcast=broadcast,
        platform=VideoSource.Platform.YOUTUBE,
        external_id=f"abcdefg{number:04d}",
        duration_seconds=6480,
    )
    Chapter.objects.create(broadcast=broadcast, start_seconds=372, title="Qui paie")
    broadcast.tags.add(Tag.objects.create(name=f"Mot {number}", slug=f"mot-{number}"))
    return broadcast


def money(number: int = 1) -> Gift:
    """A booked gift of 10,00 € by a donor of its own, with all that surrounds it."""
    now = timezone.now()
    gift = record_offline_gift(
        key=f"cheque-{number}",
        amount_cents=1000,
        occurred_at=now - dt.timedelta(minutes=number),
        donor_name=f"Donatrice {number}",
        donor_email=f"donatrice{number}@example.org",
    )
    StripeCustomer.objects.create(donor=gift.donor, customer_id=f"cus_{number}", livemode=False)
    StripeEvent.objects.create(
        id=f"evt_{number}",
        type="charge.succeeded",
        object_id=f"ch_{number}",
        livemode=False,
        created=now - dt.timedelta(minutes=number),
        processed_at=now,
        attempts=1,
    )
    OutgoingEmail.objects.create(
        key=f"thanks:{number}",
        to=f"donatrice{number}@example.org",
        subject="Merci",
        text="Merci.",
        attempts=1,
        last_error="Boîte pleine",
    )
    return gift


def monthly(donor: Donor, number: int = 1) -> Subscription:
    """A running monthly gift of 10,00 €, whose first month is paid."""
    now = timezone.now()
    subscription = Subscription.objects.create(
        status=Subscription.Status.ACTIVE,
        amount_cents=1000,
        donor=donor,
        subscription_id=f"sub_{number}",
        customer_id=f"cus_fidele{number}",
        means="card",
        last_four="4242",
        next_payment_at=now + dt.timedelta(days=20),
        started_at=now,
    )
    Gift.objects.filter(donor=donor).update(kind=Gift.Kind.MONTHLY, subscription=subscription)
    return subscription


def month() -> Campaign:
    """This month's campaign with two lines, 2 800,00 € in all, and its progress."""
    campaign = campaigns.current_campaign()
    if not campaign.lines.exists():
        for position, (label, cents) in enumerate((("Loyer", 190_000), ("Gestion", 90_000)), 1):
            BudgetLine.objects.create(
                campaign=campaign, position=position, label=label, amount_cents=cents
            )
    campaigns.recompute_progress(campaign.pk)
    return campaign


def books(gift: Gift) -> ReconciliationRun:
    """A comparison with Stripe that found a difference of 7,00 €, and a payout of one gift."""
    now = timezone.now()
    run = ReconciliationRun.objects.create(
        since=now - dt.timedelta(days=35),
        until=now,
        state=ReconciliationRun.State.DIFFERENT,
        transactions=2,
        difference_cents=700,
        ended_at=now,
    )
    Discrepancy.objects.create(
        run=run,
        kind=Discrepancy.Kind.NOT_AT_STRIPE,
        source="stripe:ch_faux:gift",
        ledger_cents=700,
        gift=gift,
    )
    payout = Payout.objects.create(
        payout_id=f"po_{run.pk}",
        amount_cents=960,
        status="paid",
        arrives_on=now.date(),
        created_at=now,
        read_at=now,
    )
    PayoutLine.objects.create(
        payout=payout,
        transaction_id=f"txn_{run.pk}",
        source_id=f"ch_{run.pk}",
        kind="charge",
        amount_cents=1000,
        fee_cents=40,
        occurred_at=now,
        gift=gift,
    )
    return run


def money_going_back(gift: Gift) -> dict[type[Model], Model]:
    """A refund that waits for Stripe, a dispute and a bank's warning."""
    now = timezone.now()
    return {
        RefundOrder: RefundOrder.objects.create(gift=gift, amount_cents=500, reason="En double"),
        Dispute: Dispute.objects.create(
            dispute_id="dp_1",
            gift=gift,
            amount_cents=1000,
            reason="fraudulent",
            status="needs_response",
            opened_at=now,
            due_by=now + dt.timedelta(days=9),
            read_at=now,
        ),
        FraudWarning: FraudWarning.objects.create(
            warning_id="issfr_1", gift=gift, kind="misc", warned_at=now
        ),
    }


def on_air(broadcast: Broadcast) -> Airing:
    """The broadcast, live by an editor's word, with a moment marked and a trail."""
    now = timezone.now()
    airing = Airing.objects.create(
        broadcast=broadcast,
        state=Airing.State.LIVE,
        began_at=now,
        override_state=Airing.State.LIVE,
        override_until=now + dt.timedelta(hours=4),
    )
    AiringChange.objects.create(
        airing=airing, from_state="none", to_state="live", cause="override", detail="On y va"
    )
    Mark.objects.create(airing=airing, at=now, label="Le chiffre")
    return airing


def one_of_each() -> dict[type[Model], Model]:
    """A row of each model that has a form or a page in the admin."""
    campaign = month()
    gift = money()
    run = books(gift)
    broadcast = episode()
    GivingSettings(pk=1).save()
    link = OutgoingLink.objects.create(url="https://example.org/")
    link.broadcasts.add(broadcast)
    entity = ReceiptIssuer.objects.create(
        name="Les Amis d’Au Poste", street="1 place Beauvau", postal_code="75008", city="Paris"
    )
    job = SyncJob.objects.create(name=SyncJob.Name.LINKS)
    batch = GiftImport.objects.create(
        origin="helloasso", file_name="paiements.csv", digest="0" * 64
    )
    transcript = Transcript.objects.create(broadcast=broadcast, origin=Transcript.Origin.PEERTUBE)
    return {
        Airing: on_air(broadcast),
        ApiUsage: ApiUsage.objects.create(platform="youtube", day=dt.date(2025, 5, 21), units=45),
        Broadcast: broadcast,
        Campaign: campaign,
        Donor: Donor.objects.get(),
        Gift: gift,
        GiftImport: batch,
        GiftImportRow: GiftImportRow.objects.create(batch=batch, number=2, state="new"),
        GivingSettings: GivingSettings.objects.get(),
        Group: Group.objects.get(name=EDITOR),
        Guest: Guest.objects.get(),
        LedgerEntry: LedgerEntry.objects.get(),
        Cue: Cue.objects.create(
            transcript=transcript, position=0, start_ms=1000, end_ms=2000, text="Bonsoir."
        ),
        Motto: Motto.objects.create(text="Allô ? Place Beauvau ?"),
        OutgoingLink: link,
        OutgoingEmail: OutgoingEmail.objects.get(key="thanks:1"),
        ContactMessage: ContactMessage.objects.create(email="ecrit@example.org", text="Bonsoir."),
        OutgoingLetter: OutgoingLetter.objects.create(
            to="lettre@example.org", subject="Confirmez", text="Bonjour."
        ),
        Page: Page.objects.create(title="Charte", slug="charte", status=Page.Status.PUBLISHED),
        Payout: Payout.objects.get(),
        Progress: Progress.objects.get(),
        Quote: Quote.objects.create(
            broadcast=broadcast, start_ms=1000, end_ms=2000, text="Bonsoir.", digest="0" * 64
        ),
        Receipt: issue_for_gift(gift_id=gift.pk, issuer=entity, kind=Receipt.Kind.ATTESTATION),
        ReceiptIssuer: entity,
        ReceiptRun: ReceiptRun.objects.create(issuer=entity, kind="attestation", year=2025),
        ReconciliationRun: run,
        **money_going_back(gift),
        Redirect: Redirect.objects.create(path="/vieux", broadcast=broadcast),
        Series: Series.objects.get(),
        StripeCustomer: StripeCustomer.objects.get(),
        Crossing: Crossing.objects.create(line=campaign.lines.all()[0], crossed_at=timezone.now()),
        StripeEvent: StripeEvent.objects.get(),
        Subscriber: Subscriber.objects.create(email="lettre@example.org"),
        Subscription: monthly(Donor.objects.get()),
        SyncJob: job,
        SyncRun: SyncRun.objects.create(job=job),
        Tag: Tag.objects.get(),
        Transcript: transcript,
        VideoProposal: VideoProposal.objects.create(
            platform="youtube", external_id="propositio1", title="Bassines", candidate=broadcast
        ),
        User: User.objects.create_user("quelquun"),
        VideoSource: VideoSource.objects.get(),
    }
