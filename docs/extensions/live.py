"""The live panel of an example: a directive that compiles it for the page, where that is possible."""

from __future__ import annotations

from functools import cache
from typing import Any

from examples import example, sound, source

import fxlab as fx
from fxlab.errors import FxlabError
from fxlab.page.compiler import compile_module

SECONDS = 3.0
MAX_BYTES = 200_000
"""The size of a compiled module above which its page shows a picture only."""


def signal_source(thing: Any) -> str:
    """Return the source of the sound that an example plays."""
    return f"fx.examples.{sound(thing)}().between(0.0, {SECONDS})"


@cache
def _excerpt(name: str) -> fx.Signal:
    complete: fx.Signal = getattr(fx.examples, name)()
    return complete.between(0.0, SECONDS)


def live_panel(thing: type[fx.Module]) -> list[str]:
    """Return the lines of the directive of a live panel; none if the example cannot be compiled."""
    signal = _excerpt(sound(thing))
    if example(thing).output_rate(signal.sample_rate) != signal.sample_rate:
        return []  # a page plays at one sample rate
    try:
        compiled = compile_module(example(thing), signal.sample_rate, signal.channels, frames=signal.frames)
    except FxlabError:
        return []
    if len(compiled.javascript) > MAX_BYTES:
        return []
    return [f"```{{fxlab}} {source(thing)}", f":signal: {signal_source(thing)}", "```", ""]
