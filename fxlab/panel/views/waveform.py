"""The waveform view: a part of input and output, so fine that samples can be told apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.module import Module
from fxlab.panel.views.view import Drawing, Scene, View

COLUMNS = 1200
"""What a page draws at most; of a part with no more than twice as many samples it gets these themselves."""


def waits(module: Module) -> bool:
    """Whether only the whole output tells what a part of it is."""
    return not module.has_response


def draw(scene: Scene) -> Drawing:
    """The part that the page asked for, from `start` to `stop` in seconds; without one it has all that it needs.

    Of each column the lowest and the highest sample of all channels, or the samples of the first channel.
    """
    start, stop = (scene.options.get(name) for name in ("start", "stop"))
    if not (isinstance(start, (int, float)) and isinstance(stop, (int, float))):
        return {}, {}
    first = max(0, math.floor(start * scene.rate))
    frames = scene.x.shape[-1] if scene.y is None else scene.y.shape[-1]
    count = min(math.ceil(stop * scene.rate) + 1, frames) - first
    if count <= 0:
        return {}, {}
    wet = scene.part(first, count) if scene.y is None else scene.y[:, first : first + count]
    if wet is None:
        return {}, {}  # so much of it that the page's own overview is fine enough
    fields = {"start": first / scene.rate, "step": 1 / scene.rate, "samples": count <= 2 * COLUMNS}
    vectors: dict[str, Tensor] = {}
    for name, x in (("dry", scene.x[:, first : first + count]), ("wet", wet)):
        if fields["samples"]:
            vectors[name] = x[0]
        elif x.shape[-1]:
            each = -(-count // COLUMNS)
            fields["step"] = each / scene.rate
            columns = torch.nn.functional.pad(x, (0, -x.shape[-1] % each), mode="replicate")
            columns = columns.reshape(x.shape[0], -1, each)
            vectors[f"{name}_low"], vectors[f"{name}_high"] = columns.amin((0, 2)), columns.amax((0, 2))
    return fields, vectors


WAVEFORM = View("waveform", "Waveform", "waveform", lambda _: True, draw, heard=waits)
