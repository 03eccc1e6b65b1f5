"""Style sheets and scripts are small files to us, and one file to readers."""

import posixpath
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

SHEETS = Path(settings.BASE_DIR) / "static" / "css"
SCRIPTS = SHEETS.parent / "js"
IMPORTED = re.findall(r'@import url\("([\w.-]+)"\)', (SHEETS / "site.css").read_text())
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


def rules_of(sheet: str) -> str:
    return COMMENT.sub("", sheet).strip()


@pytest.fixture
def joined(hashed_static_files: None) -> str:
    """The file that pages name."""
    return Path(
        staticfiles_storage.path(staticfiles_storage.stored_name("css/site.css"))
    ).read_text()


def test_readers_load_one_file_that_holds_all_of_them(joined: str) -> None:
    assert "@import" not in joined
    places = [joined.index(rules_of((SHEETS / name).read_text())) for name in IMPORTED]
    assert places == sorted(places), "in the order of the imports: later rules win"


def test_what_is_for_paper_stays_for_paper(joined: str) -> None:
    print_rules = rules_of((SHEETS / "print.css").read_text())
    assert joined.rstrip().endswith(f"@media print {{\n{print_rules}\n}}")


def test_every_sheet_stays_small_enough_to_be_held_in_the_head() -> None:
    long = [file.name for file in SHEETS.glob("*.css") if len(file.read_text().splitlines()) > 450]
    assert not long


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/emissions", "/invites", "/series"])
def test_a_reader_s_page_asks_for_nothing_else(address: str, visitor: Client, joined: str) -> None:
    page = visitor.get(address).content.decode()
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', page) == [
        staticfiles_storage.url("css/site.css")
    ]


def test_modules_are_one_file_too_and_keep_their_names_to_themselves(
    hashed_static_files: None,
) -> None:
    name = staticfiles_storage.stored_name("js/site.js")
    joined = Path(staticfiles_storage.path(name)).read_text()
    # What is fetched when it is wanted goes by its hashed name.
    fetched = re.compile(r'(?<=import\("\./)(\w+)\.[0-9a-f]{12}(?=\.js"\))')
    joined, hashed = fetched.subn(r"\1", joined)
    assert hashed
    modules = re.findall(r'import "([\w./-]+)"', (SCRIPTS / "site.js").read_text())
    sources = [finders.find(posixpath.normpath(f"js/{module}")) for module in modules]
    assert joined.split() == " ".join(f"{{ {Path(one).read_text()} }}" for one in sources).split()
