"""What an episode's page may weigh and ask for before anybody clicks: the site's promises."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Response

from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser

# Chapters, portraits, a video, corrections: the episode with the most on it.
FULL = "/emissions/qui-garde-les-gardiens"
REQUESTS = 8
# Compressed, in bytes.
BUDGETS = {"document": 20_000, "stylesheet": 15_000, "script": 25_000}
# A good telephone's: the slower the link, the farther ahead pictures are loaded.
LINK = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 2_000_000,
    "uploadThroughput": 1_000_000,
    "connectionType": "cellular4g",
}
# Before the page's own scripts: layout shifts, in the browser's measure.
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    window.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.nodeName)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# As far as it goes, with every picture that can be seen there.
WHEEL = 2_000
SCROLLED = """async (wheel) => {
  const most = document.documentElement.scrollHeight - innerHeight;
  const seen = [...document.images].filter((one) => one.getBoundingClientRect().top < innerHeight);
  if (scrollY < Math.min(wheel, most) - 1 || !seen.every((one) => one.complete)) return false;
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  return true;
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_an_episode_keeps_within_its_budgets(width: int, new_reader: Callable[..., Reader]) -> None:
    reader = new_reader(viewport={"width": width, "height": 740})
    reader.context.add_init_script(WATCH_SHIFTS)
    answers: list[Response] = []
    reader.context.on("response", lambda answer: answers.append(answer))
    page = reader.context.new_page()
    link = reader.context.new_cdp_session(page)
    link.send("Network.emulateNetworkConditions", LINK)
    reader.go(page, FULL)
    page.wait_for_load_state("networkidle")

    assert len(answers) <= REQUESTS, "\n".join(answer.url for answer in answers)
    weights: Counter[str] = Counter()
    for answer in answers:
        weights[answer.request.resource_type] += len(gzip.compress(answer.body()))
    assert {kind: weights[kind] for kind in BUDGETS if weights[kind] > BUDGETS[kind]} == {}
    assert all(weights[kind] for kind in BUDGETS), "all three were measured"

    page.mouse.wheel(0, WHEEL)
    page.wait_for_function(SCROLLED, arg=WHEEL)
    # Less than a ten thousandth is a fraction of a pixel, at a thousandth of what readers notice.
    assert [shift for shift in page.evaluate("window.shifts") if shift[0] > 0.000_1] == []
