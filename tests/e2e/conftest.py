"""The whole site for browser tests: web server, worker, Stripe's stand-in, Chromium.

One demonstration for the package: tests read it, and those that give empty the till first.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import BrowserContext
from pytest_django.plugin import DjangoDbBlocker

from auposte.celery import app
from auposte.env import database_config
from auposte.permissions import EDITOR
from broadcasts.models import Airing, Broadcast, VideoSource
from broadcasts.services import airing
from sandbox.stripe import StripeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests import processes
from tests.browser import FLAGS, NoChromiumError, find_chromium
from tests.e2e import demo
from tests.e2e.reader import Reader
from tests.e2e.staff import PASSWORD
from tests.environment import ARTIFACTS, ROOT, SITE_PORT, STRIPE_PORT
from tests.parallel import WORKER, exit_with, say_below

HERE = Path(__file__).parent
LOGS = demo.STATE / "logs"
CHROMIUM = pytest.StashKey[Path]()
# The first test waits for the demonstration to be drawn.
TIMEOUT_SECONDS = 400

# Playwright leaves an event loop running in this thread, and Django would refuse all queries.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_configure(config: pytest.Config) -> None:
    config.option.output = str(ARTIFACTS / "failures" / WORKER)
    if config.option.screenshot == "off":
        config.option.screenshot = "only-on-failure"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Last and together: the processes start once, and no other test meets their data.

    In its module the HTML checker comes last: it reads the pages that the others have opened.
    """
    ours = [item for item in items if HERE in item.path.parents]
    modules = list(dict.fromkeys(item.path for item in ours))
    ours.sort(key=lambda item: (modules.index(item.path), "html_checker" in item.name))
    for item in ours:
        item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))
    items[:] = [item for item in items if HERE not in item.path.parents] + ours


def pytest_collection_finish(session: pytest.Session) -> None:
    """Without Chromium nothing starts: better told now than after all the other tests."""
    config = session.config
    if config.option.collectonly or not any(
        item.get_closest_marker("browser") for item in session.items
    ):
        return
    capture = config.pluginmanager.get_plugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"{line}\n")

    # Another process may be installing it.
    with (ROOT / ".test" / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            config.stash[CHROMIUM] = find_chromium(say)
        except NoChromiumError as error:
            exit_with(config, str(error))


@pytest.fixture(scope="session")
def say_at_the_end(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Say something that nobody may overlook, below the results."""
    return functools.partial(say_below, pytestconfig)


@pytest.fixture(scope="session")
def base_url() -> str:
    return str(settings.SITE_URL)


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], pytestconfig: pytest.Config
) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": str(pytestconfig.stash[CHROMIUM]),
        "args": FLAGS,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="package")
def database(
    django_db_setup: None, django_db_keepdb: bool, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The tests' database, open to the whole package.

    pytest-django makes it for tests that bear its mark only, and ours cannot: it would empty the
    tables after each.
    """
    with django_db_blocker.unblock():
        own = database_config(os.environ["DATABASE_URL"])["NAME"]
        if connection.settings_dict["NAME"] != own:
            yield
            return
        made = setup_databases(
            verbosity=0, interactive=False, keepdb=django_db_keepdb, aliases=["default"]
        )
        yield
        if not django_db_keepdb:
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="package")
def video_channel() -> Iterator[YouTubeStandIn]:
    """YouTube's stand-in with a channel that is empty: tests add the videos they are about."""
    with YouTubeStandIn(world=World(size=0)) as channel:
        yield channel


@pytest.fixture(scope="package")
def site(hashed_static_files: None, database: None, video_channel: YouTubeStandIn) -> Iterator[str]:
    """The site with its demonstration, and a worker: real processes on the tests' database."""
    LOGS.mkdir(parents=True, exist_ok=True)
    # An earlier run's letters.
    shutil.rmtree(demo.MAIL, ignore_errors=True)
    # What other tests have queued is not for this worker.
    app.control.purge()
    with (
        demo.loaded(),
        processes.worker(
            LOGS / "worker.log", env={"EMAIL_URL": f"filemail:///{quote(str(demo.MAIL))}"}
        ),
        processes.running(
            *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(SITE_PORT)),
            *("--workers", "2", "--blocking-threads", "1", "--workers-kill-timeout", "4"),
            "auposte.wsgi:application",
            log=LOGS / "web.log",
            ready="Started worker-1",
            env={
                "MEDIA_ROOT": str(demo.MEDIA),
                "YOUTUBE_API_BASE": video_channel.url,
                "YOUTUBE_API_KEY": video_channel.api_key,
                "YOUTUBE_CHANNEL_ID": video_channel.channel_id,
                "GIVING_CHEQUE_ORDER": "Les Amis d’Au Poste",
                "GIVING_POSTAL_ADDRESS": "Au Poste, BP 12, 75020 Paris",
                "GIVING_IBAN": "FR76 3000 6000 0112 3456 7890 189",
                "GIVING_BIC": "AGRIFRPP",
            },
        ),
    ):
        processes.wait_until(site_answers, "the site to answer")
        yield settings.SITE_URL


def site_answers() -> bool:
    try:
        return httpx.get(f"{settings.SITE_URL}/sante/pret").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="package")
def stripe_account(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeStandIn]:
    """Stripe's stand-in, which delivers its events to the site as they come."""
    with StripeStandIn(
        state=tmp_path_factory.mktemp("stripe") / "journal",
        port=STRIPE_PORT,
        webhook_url=f"{site}/stripe/webhook",
        balance_delay=None,
        sepa_delay=None,
        read_limit=10_000,
        retry_base=0.2,
    ) as account:
        yield account
        demo.drain(account)


@pytest.fixture
def stripe(stripe_account: StripeStandIn) -> Iterator[StripeStandIn]:
    """An empty account beside a till with the demonstration's 10 €. Checks what we sent."""
    demo.empty_the_till()
    yield stripe_account
    demo.drain(stripe_account)
    # The next test may be one that does not ask for this.
    demo.empty_the_till()
    assert stripe_account.violations() == []
    stripe_account.reset()


@pytest.fixture
def new_reader(
    site: str, new_context: Callable[..., BrowserContext]
) -> Iterator[Callable[..., Reader]]:
    """Somebody's browser, made with Playwright's options for a context.

    When the test ends, none may have met an error, a foreign host or, on public pages, a cookie.
    """
    readers: list[Reader] = []

    def make(**options: Any) -> Reader:
        readers.append(Reader(new_context(**options)))
        return readers[-1]

    yield make
    for reader in readers:
        reader.check()


@pytest.fixture
def reader(new_reader: Callable[..., Reader]) -> Reader:
    return new_reader()


@pytest.fixture
def editor(site: str) -> Iterator[User]:
    user = User.objects.create_user("camille", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=EDITOR))
    yield user
    user.delete()


@pytest.fixture
def announced(site: str) -> Iterator[Broadcast]:
    """What the demonstration announces, with a video on YouTube that will be the live."""
    broadcast = Broadcast.objects.public().get(airing__state=Airing.State.ANNOUNCED)
    source = VideoSource.objects.create(
        broadcast=broadcast, platform="youtube", external_id="direct00001", role="live",
        live_state="upcoming",
    )  # fmt: skip
    yield broadcast
    source.delete()
    broadcast.chapters.filter(source=None).delete()
    Broadcast.objects.filter(pk=broadcast.pk).update(aired_at=None)
    Airing.objects.filter(broadcast=broadcast).delete()
    airing.settle(broadcast.pk)
