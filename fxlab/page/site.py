"""The panels of a site: an element in a document, and script files that all documents share.

The files lie in one folder: the code of all panels, a file for each panel, and a file for each sound. A document that
contains the element and the script `page.js` loads the other files when a reader scrolls near the panel, or presses its
button.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fxlab.page.document import as_json, notes_html, program_script
from fxlab.page.page import Page


def site_element(page: Page, *, picture: str | None = None, button: str = "") -> str:
    """Return the HTML of a panel in a document of a site, with the notes of its page except the first.

    Args:
        page: The page with the panel.
        picture: HTML that is shown until the panel opens; by default the picture of the page.
        button: The label of a button that opens the panel; without it the panel opens shortly before it is visible.
    """
    shown = page.still if picture is None else f'<div class="fxlab-still">{picture}</div>'
    opened_by = f' data-button="{escape(button)}"' if button else ""
    element = f'<div data-fxlab-live="{page.id}"{opened_by}>{shown}</div>'
    # The first note, which describes the page, would be repeated for each panel of a document.
    return f'<div class="fxlab-embedded">{element}{notes_html(page.notes[1:])}</div>'


def site_files(page: Page) -> dict[str, str]:
    """Return the texts of two scripts by their file names: the program and description of a panel, and its sound."""
    description: dict[str, Any] = dict(page.description)
    sound = description["sound"]
    name = sound["name"]
    description["sound"] = {**sound, "data": ""}
    key = json.dumps(page.id)
    programs = "\n".join(program_script(id, text) for id, text in page.programs.items())
    described = f"(globalThis.fxlabDescriptions??={{}})[{key}]={as_json(description)};"
    return {
        f"{page.id}.js": f"{programs}\n{described}\n",
        f"{name}.js": f"(globalThis.fxlabSounds??={{}})[{json.dumps(name)}]={json.dumps(sound['data'])};\n",
    }
