"""axe-core in a page: what it finds wrong inside the panels."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.support.browser.requirements import left_out

SCRIPT = Path(__file__).parents[3] / "fxlab" / "browser" / "node_modules" / "axe-core" / "axe.min.js"

# Within the panels: what a page needs beside (landmarks, a title) is the notebook's affair. Of a text of one letter (a
# handle's number, a letter of settings) axe cannot tell whether it is text.
RUN = """async () => {
  // JupyterLab's body has no height and hides what flows over, so that axe would take all text for unseen.
  document.body.style.minHeight = '100vh';
  const found = await axe.run({ include: [['.fxlab-panel']] }, {
    rules: { region: { enabled: false }, 'target-size': { enabled: true } },
  });
  const short = list => list.flatMap(rule => rule.nodes.map(node =>
    `${rule.id}: ${node.html.slice(0, 160)} (${node.failureSummary.split('\\n').slice(1).join(' ').trim()})`));
  const seen = new Set([...found.passes, ...found.incomplete, ...found.violations]
    .filter(({ id }) => id === 'color-contrast')
    .flatMap(({ nodes }) => nodes.map(({ target }) => document.querySelector(target[0]))));
  const unread = [...document.querySelectorAll('.fxlab-panel :not(option)')]
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .filter(node => node.checkVisibility({ visibilityProperty: true }) && !seen.has(node))
    .map(node => node.outerHTML.slice(0, 160));
  const unsure = short(found.incomplete).filter(text =>
    !text.includes('too short to determine') && !text.includes('Unable to determine if the visible text'));
  return { violations: short(found.violations), unsure, unread };
}"""


@cache
def script() -> str:
    """The text of axe-core; where npm has not brought it the test is left out, or fails where CI=true promises it."""
    if not SCRIPT.exists():
        left_out(f"no axe-core at {SCRIPT}; `npm ci` brings it")
    return SCRIPT.read_text(encoding="utf-8")


def inspect(page: Page) -> dict[str, Any]:
    """What axe-core says of every panel on the page: what is wrong, what it cannot tell, and the texts whose
    contrast it did not look at, as it does not where they are scrolled out of sight.
    """
    if not page.evaluate("() => 'axe' in window"):
        # AMD's `define`, which JupyterLab may leave in the page, would take the script for a module.
        page.evaluate(f"() => {{ const define = undefined, module = undefined; {script()} }}")
    return dict(page.evaluate(RUN))
