"""The output of a panel in a notebook that is executed for a site, with the files, which the site extracts.

The kernel writes no files, so an output that a cache keeps from an earlier execution is complete.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from fxlab.display import panel_fallback
from fxlab.errors import CompileError, FxlabError
from fxlab.module import Module
from fxlab.page.document import as_json
from fxlab.page.page import Page
from fxlab.page.site import site_element, site_files
from fxlab.signal import Signal

MAX_BYTES = 2_000_000
"""The largest number of characters of a program; a panel with a larger program is shown as a picture."""
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
FILE = re.compile(r'<script type="application/json" data-fxlab-file="([\w.-]+)">(.*?)</script>', re.S)


def live_output(module: Module, signal: Signal, views: Sequence[str]) -> str:
    """Return the HTML of a panel with its files, or of a picture and a reason if the panel cannot run in a site.

    A panel cannot run, for example, if its module cannot be compiled or the program is too large.

    Args:
        module: The module of the panel, with its current values.
        signal: The signal that plays.
        views: The views that are open initially.
    """
    try:
        page = Page(module, signal, views=views)
        check_size(page)
    except FxlabError as error:
        return _picture(module, signal, reason(error))
    files = "".join(
        f'<script type="application/json" data-fxlab-file="{name}">{as_json(text)}</script>'
        for name, text in site_files(page).items()
    )
    return site_element(page, picture=_picture(module, signal, "")) + files


def reason(error: FxlabError) -> str:
    """Return the sentence that explains why a panel is shown as a picture.

    >>> reason(CompileError("low.py, line 3 (x.sort()): there is no operation aten.sort. Write it with torch.where."))
    'This panel needs a kernel: low.py, line 3 (x.sort()): there is no operation aten.sort.'
    """
    first = SENTENCE_END.split(str(error))[0]
    return f"This panel needs a kernel: {first}"


def check_size(page: Page) -> None:
    """Raise a `CompileError` if the program of a page is too large for a site.

    Raises:
        CompileError: The program has more than `MAX_BYTES` characters.
    """
    size = max(len(text) for text in page.programs.values())
    if size > MAX_BYTES:
        limit = f"{MAX_BYTES / 1e6:.0f} MB"
        raise CompileError(f"as a program, its module has {size / 1e6:.1f} MB, and a site holds up to {limit}.")


def _picture(module: Module, signal: Signal, hint: str) -> str:
    html: str = panel_fallback(module, signal, hint)[0]["text/html"]
    return html


def extract_files(html: str) -> tuple[str, dict[str, str]]:
    """Return the HTML of an output without its files, and the texts of the files by name.

    >>> extract_files('<p>1</p><script type="application/json" data-fxlab-file="a.js">"let a"</script>')
    ('<p>1</p>', {'a.js': 'let a'})
    """
    files = {name: json.loads(text) for name, text in FILE.findall(html)}
    return FILE.sub("", html), files
