"""The waveform view: a section of the input and the output, down to single samples."""

from __future__ import annotations

import math

from torch import Tensor

from fxlab.module import Module
from fxlab.panel.protocol import WaveformFields
from fxlab.panel.views.view import Drawing, Scene, View
from fxlab.signal.min_max import min_max_blocks

COLUMNS = 1200
"""The maximum number of columns that a page draws; a part with at most twice as many samples is sent as samples."""


def needs_full_output(module: Module) -> bool:
    """Return whether the view is drawn from the complete output: whether the module has no known response.

    The output of a module with a known response can be rendered part by part.
    """
    return not module.has_response


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the part from the option `start` to the option `stop`, in seconds.

    The page receives the samples of the first channel, or for a longer part the minimum and the maximum of all channels
    in each column. It receives nothing without these options, for a part beyond the end of the sound, and for a part
    that cannot be rendered on its own; the page then draws its own overview.
    """
    start, stop = (scene.options.get(name) for name in ("start", "stop"))
    if not (isinstance(start, (int, float)) and isinstance(stop, (int, float))):
        return {}, {}
    first = max(0, math.floor(start * scene.rate))
    frames = scene.x.shape[-1] if scene.y is None else scene.y.shape[-1]
    count = min(math.ceil(stop * scene.rate) + 1, frames) - first
    if count <= 0:
        return {}, {}
    wet = scene.render_window(first, count) if scene.y is None else scene.y[:, first : first + count]
    if wet is None:
        return {}, {}  # the page then draws its own overview, which is detailed enough for a long part
    fields: WaveformFields = {"start": first / scene.rate, "step": 1 / scene.rate, "samples": count <= 2 * COLUMNS}
    vectors: dict[str, Tensor] = {}
    for name, x in (("dry", scene.x[:, first : first + count]), ("wet", wet)):
        if fields["samples"]:
            vectors[name] = x[0]
        elif x.shape[-1]:
            block = -(-count // COLUMNS)
            fields["step"] = block / scene.rate
            low, high = min_max_blocks(x, block)
            vectors[f"{name}_low"], vectors[f"{name}_high"] = low.amin(0), high.amax(0)
    return fields, vectors


WAVEFORM = View("waveform", "Waveform", "waveform", lambda _: True, draw, needs_output=needs_full_output)
