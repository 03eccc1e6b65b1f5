"""The manuals in docs/: what they show and where they lead is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.environment import ROOT

MANUALS = ("editors", "treasurer")
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
MOST_BYTES = 150_000


def _links(name: str) -> list[tuple[bool, str]]:
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    return [(bool(mark), target) for mark, target in LINK.findall(text)]


@pytest.mark.parametrize("name", MANUALS)
def test_its_pictures_are_there_and_no_others(name: str) -> None:
    shown = {target for is_picture, target in _links(name) if is_picture}
    kept = {f"{name}/{path.name}" for path in (ROOT / "docs" / name).iterdir()}
    assert shown == kept
    for target in shown:
        path = ROOT / "docs" / target
        assert path.stat().st_size < MOST_BYTES, target
        with Image.open(path) as picture:
            assert picture.size == (1200, 800), target


@pytest.mark.parametrize("name", MANUALS)
def test_its_links_lead_somewhere(name: str) -> None:
    for _, target in _links(name):
        file, _, heading = target.partition("#")
        path = (ROOT / "docs" / file).resolve() if file else ROOT / "docs" / f"{name}.md"
        assert path.exists(), target
        if heading:
            assert heading in _headings(path), target


def _headings(path: Path) -> set[str]:
    """As GitHub names them: small letters, hyphens for spaces, marks left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    titles = [line.lstrip("#").strip().lower() for line in lines if line.startswith("#")]
    return {re.sub(r"[^\w\s-]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", MANUALS)
def test_its_french_is_typeset(name: str) -> None:
    """No plain space before a high mark, none inside quotation marks, curly apostrophes."""
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    prose = re.sub(r"`[^`]*`|^\|[-| ]*\|$", "", text, flags=re.MULTILINE)
    assert re.findall(r".* [;:!?»].*|.*« .*|.*\w'\w.*", prose) == []
