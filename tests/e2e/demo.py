"""The demonstration in the tests' database, and its till as it was when it was loaded."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from auposte.slugs import french_slug
from broadcasts.models import Appearance, Broadcast, Chapter, VideoSource
from broadcasts.models.broadcast import Licence
from donations.demo.campaign import seed_campaign
from donations.models import GivingSettings, OutgoingEmail, Progress, StripeEvent
from guests.models import Guest
from sandbox.stripe import StripeStandIn
from tests.environment import ROOT
from tests.processes import PATIENCE_SECONDS, wait_until

# In the folder of this run: others may be running beside it.
STATE = settings.MEDIA_ROOT.parent
MEDIA = STATE / "demo-media"
# What the worker sends: a file a letter.
MAIL = STATE / "demo-mail"
HARD_CASE = "cas-limite"
DRAWN_BY = ("broadcasts/demo", "auposte/images.py")
PICTURES = (
    (Broadcast, ("image", "image_alt", "image_credit")),
    (Guest, ("portrait", "portrait_alt", "portrait_credit")),
)


@contextlib.contextmanager
def loaded() -> Iterator[None]:
    """`seed_demo`, until the block ends. Drawing takes longest: later runs use the same files."""
    assert str(connection.settings_dict["NAME"]).startswith("test_"), "its tables will be emptied"
    kept = MEDIA / "drawings.json"
    fingerprint = _fingerprint()
    drawings = json.loads(kept.read_text()) if kept.is_file() else {}
    try:
        if drawings.get("fingerprint") == fingerprint:
            with override_settings(MEDIA_ROOT=str(MEDIA)):
                call_command("seed_demo", "--without-images", verbosity=0, stdout=_Nowhere())
            _hang(drawings)
        else:
            shutil.rmtree(MEDIA, ignore_errors=True)
            with override_settings(MEDIA_ROOT=str(MEDIA)):
                call_command("seed_demo", stdout=_Nowhere())
            kept.write_text(json.dumps({"fingerprint": fingerprint, **_hung()}))
        _add_hard_case()
        yield
    finally:
        call_command("flush", interactive=False, verbosity=0)


def _add_hard_case() -> None:
    """What nobody would put into a demonstration: a video without any picture, endless words."""
    broadcast = Broadcast.objects.create(
        title="Anticonstitutionnellement : " + "hexakosioihexekontahexaphobie" * 3,
        slug=HARD_CASE,
        dek="https://exemple.example/" + "un-chemin-sans-fin" * 8,
        body_opening=f"<p>{'intergouvernementalisation' * 5}</p><pre>{'x = ' * 60}</pre>",
        body_rest=(
            "<h2>Tableau</h2><table><tbody><tr>"
            + "".join(f"<th scope='col'>Colonne {n}</th>" for n in range(5))
            + "</tr></tbody></table><ul><li>Un<ul><li>Deux</li></ul></li></ul><blockquote>"
            "<p>Citation</p></blockquote>"
        ),
        status=Broadcast.Status.PUBLISHED,
        published_at=dt.datetime(2019, 1, 1, tzinfo=dt.UTC),
        licence=Licence.RESERVED,
    )
    VideoSource.objects.create(
        broadcast=broadcast, platform=VideoSource.Platform.YOUTUBE, external_id="hardcase001"
    )
    Chapter.objects.create(broadcast=broadcast, start_seconds=0, title="Sansespace" * 12)
    for name in ("O’Tchoupi-Dupontel-de-la-Rochefoucauld-Montbazon", "Zénon"):
        guest = Guest.objects.create(last_name=name, slug=french_slug(name))
        Appearance.objects.create(broadcast=broadcast, guest=guest)


class _Nowhere:
    """For what a command says."""

    def write(self, text: str) -> None: ...

    def flush(self) -> None: ...


def _fingerprint() -> str:
    made = hashlib.sha256()
    for place in DRAWN_BY:
        path = ROOT / place
        files = sorted(path.rglob("*.*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix in {".py", ".toml"}:
                made.update(file.read_bytes())
    return made.hexdigest()


def _hung() -> dict[str, Any]:
    return {
        model.__name__: list(model.objects.values_list("slug", *fields))
        for model, fields in PICTURES
    }


def _hang(drawings: dict[str, Any]) -> None:
    for model, fields in PICTURES:
        for slug, *values in drawings[model.__name__]:
            model.objects.filter(slug=slug).update(**dict(zip(fields, values, strict=True)))


def empty_the_till() -> None:
    """Back to the demonstration's one gift of 10 €, whatever others gave."""
    tables = ", ".join(
        connection.ops.quote_name(model._meta.db_table)
        for model in apps.get_app_config("donations").get_models(include_auto_created=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}")
    seed_campaign(now=timezone.now())
    # The tests try debits too; a new site offers cards only.
    GivingSettings(pk=1, sepa_debit=True).save()


def drain(account: StripeStandIn) -> None:
    """Wait until nobody has anything left to do: Stripe's deliveries, the queue, the workers."""
    assert account.wait_until_delivered(PATIENCE_SECONDS), account.deliveries()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    with broker:
        # What a worker holds is "unacked" until it is done.
        wait_until(
            lambda: not broker.llen("celery") and not broker.hlen("unacked") and all_done(),
            "the worker to do everything",
        )


def all_done() -> bool:
    """Whether the database asks for nothing any more."""
    return (
        not StripeEvent.objects.filter(processed_at=None).exists()
        and not Progress.objects.filter(dirty_since__isnull=False).exists()
        and not OutgoingEmail.objects.filter(sent_at=None).exists()
    )
