"""The fundraising above every page, in the states that a demonstration is not in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from donations.services.campaigns import current_campaign, recompute_progress
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.axe import assert_accessible
from tests.e2e.reader import Reader
from tests.e2e.steps import till
from tests.e2e.test_public_pages import WIDTHS, dress

pytestmark = pytest.mark.browser


def test_above_the_goal(reader: Reader, stripe: StripeStandIn) -> None:
    record_offline_gift(
        key="legs", amount_cents=3_119_000, occurred_at=timezone.now(), donor_name="Un legs"
    )
    recompute_progress(current_campaign().pk)
    page = reader.open("/")
    expect(till(page)).to_contain_text("31 200,00 € récoltés / objectif 30 000,00 € (104,00 %)")
    expect(page.get_by_text("Objectif dépassé : 104 %. Merci.")).to_be_visible()
    till(page).click()
    expect(page.get_by_text("Objectif dépassé : 104 %. Merci.")).to_be_visible()
    expect(page.locator("#collecte li.funded")).to_have_count(7)
    for width in WIDTHS:
        dress(page, width, "light")
        assert_accessible(page, f"{width}")


def test_without_a_budget(reader: Reader, stripe: StripeStandIn) -> None:
    current_campaign().lines.all().delete()
    page = reader.open("/don")
    expect(page.locator("#collecte")).to_contain_text("10,00 € récoltés ce mois-ci.")
    assert_accessible(page, "no budget")


def test_without_javascript_the_lines_open_too(
    new_reader: Callable[..., Reader], stripe: StripeStandIn
) -> None:
    page = new_reader(java_script_enabled=False).open("/")
    till(page).click()
    expect(page.locator("#collecte li.current")).to_contain_text("10,00 € sur 1 900,00 €")
