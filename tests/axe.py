"""axe-core looks at a page as it stands in the browser."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# A colour scheme changes nothing else.
CONTRAST = {"runOnly": ["color-contrast"]}
# Preloading would put styles into the page, which its policy refuses. Of the results only what we
# look at: all of them take longer to bring over than to find.
RUN = """async ([within, options]) => {
  // A colour on its way from one to another is nobody's choice.
  const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(changing.map((one) => one.finished));
  const { violations } = await axe.run(
    within ?? document, { ...options, preload: false, resultTypes: ["violations"] },
  );
  return { violations };
}"""


def assert_accessible(
    page: Page, what: str, *, within: str | None = None, options: dict[str, Any] | None = None
) -> None:
    """AssertionError with axe's report if it finds anything (`within` a selector's element)."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(RUN, [within, options or {}]))
    assert not found.violations_count, f"{what}: {found.generate_report()}"
