"""Takes the pictures of docs/editors.md from the site that `make run` shows.

    make run                                # in another terminal, with a fresh .local
    .venv/bin/python docs/pictures.py       # or with the site's address

It signs in as the demonstration's administrator, and changes what it needs to show.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser import FLAGS, find_chromium  # noqa: E402  # the checkout is not a package

PICTURES = ROOT / "docs" / "editors"
SIZE = ViewportSize(width=1200, height=800)
Take = Callable[[Page, str], None]


def sign_in(page: Page, site: str, password: str) -> None:
    page.goto(f"{site}/admin/")
    page.get_by_label("Nom d’utilisateur").fill("admin")
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Connexion").click()
    page.get_by_role("heading", level=1).wait_for()


def desk(page: Page, site: str) -> None:
    """The start page."""
    page.goto(f"{site}/admin/")


def sync(page: Page, site: str) -> None:
    """The errands to YouTube and PeerTube, with something to tell."""
    page.goto(f"{site}/admin/broadcasts/syncjob/")
    page.locator("#sync td b", has_text="Terminée").first.wait_for(timeout=120_000)


def to_attach(page: Page, site: str) -> None:
    """Videos that wait for an editor's word."""
    page.goto(f"{site}/admin/broadcasts/videoproposal/")


def episodes(page: Page, site: str) -> None:
    """The list of broadcasts."""
    page.goto(f"{site}/admin/broadcasts/broadcast/?etat=public")


def form(page: Page, site: str) -> None:
    """The form of the newest broadcast."""
    page.goto(f"{site}/admin/broadcasts/broadcast/?etat=public")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("heading", level=1).wait_for()


SHOTS: dict[str, Take] = {
    "bureau": desk,
    "synchronisation": sync,
    "a-rattacher": to_attach,
    "emissions": episodes,
    "fiche": form,
}


def main(site: str = "http://127.0.0.1:8000", folder: str = str(ROOT / ".local")) -> None:
    """Write the pictures into docs/editors/. `folder` is where the running site keeps its state."""
    password = json.loads((Path(folder) / "secrets.json").read_text())["admin_password"]
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium(print)), args=FLAGS)
        page = browser.new_page(viewport=SIZE, locale="fr-FR", timezone_id="Europe/Paris")
        sign_in(page, site, password)
        for name, take in SHOTS.items():
            take(page, site)
            page.screenshot(path=PICTURES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
