"""Tracing an augmentation that a panel plays: each draw has a program of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fxlab.augment.audition import Audition
from fxlab.augment.drawing.draw import NOISE_BLOCK, SEED_STEP, Drawn
from fxlab.page.compiler.graph import GraphDrawing, View
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.page_constants import BITS, MIN_NORMAL
from fxlab.page.compiler.pitch_operators import converted
from fxlab.page.compiler.recorder import Recorder
from fxlab.panel.views.drawn_values import DRAWN_VALUES, drawing_of


def run_audition(recorder: Recorder, module: Audition, x: Tensor, rate: float, *, heard: bool) -> Tensor:
    """Return the augmented sound, and add a plot of the drawn values to the graph.

    Args:
        recorder: The recorder, which is recording.
        module: The augmentation with the number of its draw.
        x: The recorded sound, `(channels, time)`.
        rate: The sample rate of the sound in Hz.
        heard: Whether an output of another sample rate is converted to `rate`.
    """
    rate_after: float = recorder.run(module.output_rate, rate) if heard else rate
    recorder.is_generating = True  # the constants of the noise, of which there are many
    y = module(x, rate)
    recorder.is_generating = False
    fields, vectors = recorder.run(lambda: drawing_of(module.last_values))
    views = {name: recorder.array(vector.double()) for name, vector in vectors.items()}
    text = json.dumps(fields, ensure_ascii=False)
    recorder.graph.drawings.append(GraphDrawing("plot", DRAWN_VALUES.name, text, views))
    return converted(recorder, y, rate_after, rate)


def audition_replacements(recorder: Recorder) -> dict[tuple[str, str], Replacement]:
    """Return the replacement of the noise of augmentations, which the page draws from the same seeds.

    Noise with a block of fewer than `MIN_NORMAL` numbers, or of a dtype that is not in `BITS`, stays a constant. See
    `interception.replaced`.
    """

    def noise(
        original: Callable[..., Tensor],
        drawn: Drawn,
        shape: tuple[int, ...],
        dtype: torch.dtype = torch.float32,
        stream: int = 0,
    ) -> Tensor:
        made: Tensor = recorder.run(original, drawn, shape, dtype, stream)
        total = math.prod(shape)
        starts = range(0, total, NOISE_BLOCK)
        if dtype not in BITS or any(min(NOISE_BLOCK, total - start) < MIN_NORMAL for start in starts):
            return made
        buffer = recorder.new(made).buffer
        for block, start in enumerate(starts):
            count = min(NOISE_BLOCK, total - start)
            seed = (drawn.seed + stream + SEED_STEP * block) % 2**32
            out = View(buffer, start, (count,), (1,))
            arguments: list[Any] = [out, count, seed, BITS[dtype]]
            recorder.call("normalNumbers", [out], arguments)
        return made

    return {("fxlab.augment.drawing.draw", "Drawn.noise"): noise}
