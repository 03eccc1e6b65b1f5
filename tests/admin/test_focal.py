"""The image's point of interest, and what the site's crops make of it, in a real browser."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from broadcasts.models import Broadcast
from tests.admin.test_browser import chromium, desk, session_of
from tests.admin.world import episode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def photograph(colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(file, "JPEG")
    return file.getvalue()


def position(page: Page, crop: str) -> str:
    return str(
        page.locator(f".focal-crop.{crop}").evaluate(
            "crop => getComputedStyle(crop).objectPosition"
        )
    )


def test_the_point_is_set_by_a_click_and_by_the_arrows(live_server: LiveServer) -> None:
    broadcast = episode(1, status=Broadcast.Status.DRAFT, published_at=None)
    session = session_of("owner")
    with chromium() as browser, desk(browser, live_server.url, session) as (page, complaints):
        page.goto(f"/admin/broadcasts/broadcast/{broadcast.pk}/change/")
        expect(page.locator(".focal-shown")).to_be_hidden()
        page.set_input_files(
            "#id_image", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
        )
        stage = page.locator(".focal-stage img")
        expect(stage).to_be_visible()
        box = stage.bounding_box()
        assert box is not None
        stage.click(position={"x": box["width"] * 0.2, "y": box["height"] * 0.75})
        expect(page.locator("#id_focal_x")).to_have_value("20")
        expect(page.locator("#id_focal_y")).to_have_value("75")
        handle = page.get_by_role("button", name="Point d’intérêt : 20 % depuis la gauche, 75 %")
        expect(handle).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowUp")
        for _ in range(30):
            page.keyboard.press("ArrowDown")
        expect(page.locator("#id_focal_x")).to_have_value("25")
        expect(page.locator("#id_focal_y")).to_have_value("100")
        page.fill("#id_focal_x", "84")
        # As the pages have it: from ten to ten.
        assert position(page, "wide") == position(page, "tall") == "80% 100%"
        assert position(page, "social") == "50% 50%"
        page.locator("[name=_continue]").first.click()
        page.wait_for_selector("li.success")
        expect(stage).to_be_visible()
        assert position(page, "wide") == "80% 100%"
        assert "/media/emissions/" in (stage.get_attribute("src") or "")
        # Another image starts from its centre.
        page.set_input_files(
            "#id_image", {"name": "q.jpg", "mimeType": "image/jpeg", "buffer": photograph("red")}
        )
        expect(page.locator("#id_focal_x")).to_have_value("50")
        assert position(page, "wide") == "50% 50%"
        page.set_input_files(
            "#id_image", {"name": "q.jpg", "mimeType": "image/jpeg", "buffer": b"pas une image"}
        )
        expect(page.locator(".focal")).to_contain_text("ne sait pas lire ce fichier")
        expect(stage).to_be_hidden()
        assert complaints == []
    broadcast.refresh_from_db()
    assert (broadcast.focal_x, broadcast.focal_y) == (84, 100)


def test_without_scripts_the_point_is_two_numbers(live_server: LiveServer) -> None:
    broadcast = episode(1, status=Broadcast.Status.DRAFT, published_at=None)
    session = session_of("owner")
    with (
        chromium() as browser,
        desk(browser, live_server.url, session, scripts=False) as (page, _),
    ):
        page.goto(f"/admin/broadcasts/broadcast/{broadcast.pk}/change/")
        page.set_input_files(
            "#id_image", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
        )
        page.fill("#id_focal_x", "10")
        page.locator("[name=_continue]").first.click()
        page.wait_for_selector("li.success")
        expect(page.locator(".focal-stage img")).to_be_visible()
    broadcast.refresh_from_db()
    assert broadcast.focal_x == 10
