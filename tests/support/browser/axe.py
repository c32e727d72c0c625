"""Accessibility checks of the panels of a page by axe-core."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.support.browser.skip_or_fail import skip_or_fail

SCRIPT = Path(__file__).parents[3] / "fxlab" / "browser" / "node_modules" / "axe-core" / "axe.min.js"

# Only the panels are checked: landmarks and a title are up to the notebook's page. axe cannot decide whether a text of
# one letter is text (the number of a handle, the letter of a setting), so these results are left out.
RUN = """async (selector) => {
  // JupyterLab's body has no height and hides its overflow, so axe would regard all text as invisible.
  document.body.style.minHeight = '100vh';
  const found = await axe.run({ include: [[selector]] }, {
    rules: { region: { enabled: false }, 'target-size': { enabled: true } },
  });
  const short = list => list.flatMap(rule => rule.nodes.map(node =>
    `${rule.id}: ${node.html.slice(0, 160)} (${node.failureSummary.split('\\n').slice(1).join(' ').trim()})`));
  const seen = new Set([...found.passes, ...found.incomplete, ...found.violations]
    .filter(({ id }) => id === 'color-contrast')
    .flatMap(({ nodes }) => nodes.map(({ target }) => document.querySelector(target[0]))));
  const unchecked = [...document.querySelectorAll(`${selector} :not(option)`)]
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .filter(node => node.checkVisibility({ visibilityProperty: true }) && !seen.has(node))
    .map(node => node.outerHTML.slice(0, 160));
  const unsure = short(found.incomplete).filter(text =>
    !text.includes('too short to determine') && !text.includes('Unable to determine if the visible text'));
  return { violations: short(found.violations), unsure, unchecked };
}"""


@cache
def script() -> str:
    """Return the source of axe-core; where npm has not installed it, skip the test, or fail if CI=true."""
    if not SCRIPT.exists():
        skip_or_fail(f"no axe-core at {SCRIPT}; run `npm ci` in fxlab/browser")
    return SCRIPT.read_text(encoding="utf-8")


def inspect(page: Page, selector: str = ".fxlab-panel") -> dict[str, Any]:
    """Check all panels of the page, or the elements that match a selector, with axe-core.

    Returns:
        `violations`: what is wrong; `unsure`: what axe cannot decide; `unchecked`: the texts whose contrast it did not
        check, as it does where they are scrolled out of view.
    """
    if not page.evaluate("() => 'axe' in window"):
        # With a global `define` of AMD, which JupyterLab may leave in the page, the script would register as a module.
        page.evaluate(f"() => {{ const define = undefined, module = undefined; {script()} }}")
    return dict(page.evaluate(RUN, selector))
