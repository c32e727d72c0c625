"""The live panel of an example: a directive that compiles it for the page, where that is possible."""

from __future__ import annotations

from examples import example, excerpt, excerpt_source, sound, source

import fxlab as fx
from fxlab.errors import FxlabError
from fxlab.page.compiler import compile_module

MAX_BYTES = 200_000
"""The size of a compiled module above which its page shows a picture only."""


def live_panel(thing: type[fx.Module]) -> list[str]:
    """Return the lines of the directive of a live panel; none if the example cannot be compiled."""
    signal = excerpt(sound(thing))
    if example(thing).output_rate(signal.sample_rate) != signal.sample_rate:
        return []  # a page plays at one sample rate
    try:
        compiled = compile_module(example(thing), signal.sample_rate, signal.channels, frames=signal.frames)
    except FxlabError:
        return []
    if len(compiled.javascript) > MAX_BYTES:
        return []
    return [f"```{{fxlab}} {source(thing)}", f":signal: {excerpt_source(sound(thing))}", "```", ""]
