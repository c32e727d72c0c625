"""The HTML of a live page, and the files that belong to it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from html import escape
from typing import Any

from fxlab.panel.front_end import built_file, built_file_gzipped

BUNDLE = "page.js"
"""The built script of all pages: the panel, and the code that takes the place of the kernel."""

# Unpacks the scripts of the page and runs them: first the programs, then the panel. If this fails, the error is shown
# in each panel that has not opened.
UNPACK = """(async () => {
  const codes = [...document.querySelectorAll("script[type='application/gzip']")].map((packed) => {
    const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  });
  for (const code of await Promise.all(codes)) {
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script);
  }
  if (!globalThis.fxlabOpenPanels) throw new Error("it does not know ES2022");
})().catch((error) => {
  for (const root of document.querySelectorAll("[data-fxlab-live]:not([data-opened])")) {
    const message = document.createElement("p");
    message.setAttribute("role", "alert");
    message.textContent = `This panel could not be opened in this browser: ${error.message}. A newer browser plays it.`;
    root.append(message);
  }
});"""


def program_script(id: str, javascript: str) -> str:
    """Return the script that stores the program `javascript` under `id` in the thread that runs the script.

    A script that is loaded from a file also stores its URL, from which the audio thread loads it.

    >>> program_script("a1", "(engine) => ({})").splitlines()[-1]
    'globalThis.fxlabPrograms["a1"]=(engine) => ({});'
    """
    key = json.dumps(id)
    return (
        "globalThis.fxlabPrograms??={};globalThis.fxlabProgramUrls??={};\n"
        f"globalThis.fxlabProgramUrls[{key}]=globalThis.document?.currentScript?.src;\n"
        f"globalThis.fxlabPrograms[{key}]={javascript};"
    )


def panel_html(description: Any, still: str, heading_level: int, title: str = "") -> str:
    """Return the HTML element of a panel: a picture, which the panel replaces, and the description of the panel.

    Args:
        description: The `Description` of the panel.
        still: The HTML of the picture.
        heading_level: The level of the headings of the panel's stages.
        title: The heading above the panel; the panel does not repeat an equal title.
    """
    same = " data-same-title" if title == description["spec"]["title"] else ""
    return (
        f'<div data-fxlab-live="{escape(description["id"])}" data-heading-level="{heading_level}"{same}>{still}'
        f'<script type="application/json">{as_json(description)}</script></div>'
    )


def as_json(value: Any) -> str:
    r"""Return a value as JSON without `<`, so that it cannot end the script element that contains it.

    >>> as_json({"a": "</script>"})
    '{"a":"\\u003c/script>"}'
    """
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def notes_html(notes: Sequence[str]) -> str:
    """Return the HTML of the sentences below a panel."""
    return f'<footer class="fxlab-notes">{"".join(f"<p>{escape(note)}</p>" for note in notes)}</footer>'


def packed_scripts(programs: dict[str, str]) -> str:
    """Return the HTML of the compressed scripts of a page, and of the script that unpacks them.

    The compressed scripts contain `programs`, JavaScript by id, and the panel.
    """
    packed = [gzip.compress(program_script(id, text).encode(), mtime=0) for id, text in programs.items()]
    scripts = "".join(
        f'<script type="application/gzip">{base64.b64encode(part).decode("ascii")}</script>\n'
        for part in (*packed, built_file_gzipped(BUNDLE))
    )
    return f"{scripts}<script>{UNPACK}</script>"


def separate_script(programs: dict[str, str]) -> str:
    """Return the text of a script file that contains `programs`, JavaScript by id, and the panel."""
    return "\n".join([*(program_script(id, text) for id, text in programs.items()), built_file(BUNDLE)])


def document(title: str, panel: str, notes: Sequence[str], scripts: str) -> str:
    """Return the HTML of a page with one panel.

    Args:
        title: The heading and the title of the page.
        panel: The HTML of the panel.
        notes: The sentences below the panel.
        scripts: The HTML of the script elements.
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="fxlab">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
</head>
<body class="fxlab-page-body">
<main class="fxlab-page">
<h1>{escape(title)}</h1>
{panel}
<noscript><p>This page plays where JavaScript is allowed.</p></noscript>
{notes_html(notes)}
</main>
{scripts}
</body>
</html>
"""
