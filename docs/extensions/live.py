"""The live panel of an example: a directive, or the reason why it needs a kernel."""

from __future__ import annotations

from html import escape

from examples import excerpt_source, sound, source

import fxlab as fx
from fxlab.errors import FxlabError
from fxlab.page.notebook_output import check_size, reason
from fxlab.page.sphinx import page_of


def live_panel(thing: type[fx.Module], *, button: str = "") -> list[str]:
    """Return the lines of the directive of a live panel; a sentence with the reason if there is none.

    Args:
        thing: The class of the module.
        button: The label of a button that opens the panel; without it the panel opens when a reader comes near.
    """
    code, signal = source(thing), excerpt_source(sound(thing))
    try:
        check_size(page_of(code, signal))  # the directive finds the same page
    except FxlabError as error:
        return ["```{raw} html", f"<p>{escape(reason(error))}</p>", "```", ""]
    options = [f":button: {button}"] if button else []
    return [f"```{{fxlab}} {code}", f":signal: {signal}", *options, "```", ""]
