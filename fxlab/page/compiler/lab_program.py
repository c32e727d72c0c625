"""The programs of labs whose functions have too many settings to be traced: they are written in JavaScript."""

from __future__ import annotations

import json

import torch

from fxlab.errors import CompileError
from fxlab.labs.exploration import Exploration
from fxlab.labs.plot import Picture


def lab_program(module: Exploration, rate: float, channels: int, frames: int | None) -> tuple[str, tuple[str, ...]]:
    """Return the text of the program of a lab, and the names of its drawings.

    Args:
        module: The module of the lab.
        rate: The sample rate in Hz.
        channels: The number of channels of the sound.
        frames: The length of the sound in samples, or None if it is not known.

    Raises:
        CompileError: `frames` is None.
    """
    title, function = type(module).__name__, type(module).page_program
    if frames is None:
        raise CompileError(f"{title}: the length of the sound is not known, and its spectrogram needs all of it.")
    _, drawings = module.evaluate(torch.zeros(channels, frames, dtype=torch.float64), rate)
    fields = []
    for drawing in drawings.values():
        described = drawing.fields((1, 1), 0.0) if isinstance(drawing, Picture) else drawing.drawing()[0]
        fields.append(json.dumps(described, ensure_ascii=False))
    options = {
        "rate": rate,
        "channels": channels,
        "frames": frames,
        "first": {name: getattr(module, name) for name in module.declarations},
        "fields": fields,
    }
    return f"(engine) => engine.{function}({json.dumps(options, ensure_ascii=False)})\n", tuple(drawings)
