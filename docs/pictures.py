"""Takes the pictures of docs/editors.md and docs/treasurer.md from the site that `make run` shows.

    make run                                         # in another terminal, with a fresh .local
    .venv/bin/python docs/pictures.py                # both guides
    .venv/bin/python docs/pictures.py treasurer      # one of them
    .venv/bin/python docs/pictures.py --site http://127.0.0.1:8123 --state .local

It signs in as the demonstration's administrator, and changes what it needs to show: for the
treasurer it gives, disputes, refunds and imports. So a second run on the same site shows more.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import treasurer_pictures
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser import FLAGS, find_chromium  # noqa: E402  # the checkout is not a package

SIZE = ViewportSize(width=1200, height=800)
# A picture of an admin page has few colours: fewer bytes, the same look.
COLOURS = 128
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


GUIDES: dict[str, dict[str, Take]] = {
    "editors": {
        "bureau": desk,
        "synchronisation": sync,
        "a-rattacher": to_attach,
        "emissions": episodes,
        "fiche": form,
    },
    "treasurer": treasurer_pictures.SHOTS,
}


def keep(shot: bytes, path: Path) -> None:
    """Write a picture with few colours."""
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main(site: str, state: Path, guides: list[str]) -> None:
    """Write pictures into docs/<guide>/. `state` is where the running site keeps its own."""
    password = json.loads((state / "secrets.json").read_text())["admin_password"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium(print)), args=FLAGS)
        page = browser.new_page(viewport=SIZE, locale="fr-FR", timezone_id="Europe/Paris")
        sign_in(page, site, password)
        for guide in guides:
            folder = ROOT / "docs" / guide
            folder.mkdir(exist_ok=True)
            for name, take in GUIDES[guide].items():
                take(page, site)
                keep(page.screenshot(), folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("guides", nargs="*", help="editors, treasurer; none: both")
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--state", type=Path, default=ROOT / ".local")
    options = parser.parse_args()
    main(options.site, options.state, options.guides or list(GUIDES))
