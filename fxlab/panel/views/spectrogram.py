"""The spectrogram view: level over time and frequency, of the output or the input, as bytes."""

from __future__ import annotations

import math

import numpy as np
import torch

from fxlab.panel.views.view import Drawing, Scene, View

ROWS, COLUMNS = 256, 600
DEPTH = 120.0
"""dB from the lowest byte to the highest."""
SOURCES = ("output", "input")
SCALES = ("log", "linear", "mel")


def draw(scene: Scene) -> Drawing:
    """The mean power of all channels, 600 by 256 whatever the length, the highest frequency first.

    A sine of peak 1 is at 0 dB; 255 is the next multiple of 6 dB above the loudest place, 0 lies 120 dB below.
    """
    from fxlab.display.canvas.axis import Axis
    from fxlab.display.plots.spectrogram import MIN_FRAMES, spectrogram

    source = _one_of(scene.options.get("source"), SOURCES)
    scale = _one_of(scene.options.get("scale"), SCALES)
    x = scene.x if source == "input" or scene.y is None else scene.y
    frames, top = x.shape[-1], scene.rate / 2
    choices = [
        {"name": "source", "label": "Sound", "value": source, "values": list(SOURCES)},
        {"name": "scale", "label": "Frequency", "value": scale, "values": list(SCALES)},
    ]
    if frames < MIN_FRAMES:
        return {"error": f"{frames} samples are too few for a spectrogram; it takes {MIN_FRAMES}."}, {}
    low = {"log": 20.0 if top > 400 else top / 500}.get(scale, 0.0)
    samples = x.detach().to("cpu", torch.float32).numpy()
    found = spectrogram(samples, scene.rate, Axis(low, top, (), scale), ROWS, COLUMNS, pause=scene.pause)  # type: ignore[arg-type]
    high = 6.0 * math.ceil(max(-120.0, float(found.db.max())) / 6)
    levels = np.clip((found.db - high + DEPTH) * (255 / DEPTH), 0, 255).round().astype(np.uint8)
    fields = {
        "x": {"unit": "s", "low": 0.0, "high": frames / scene.rate},
        "y": {"unit": "Hz", "scale": scale, "low": low, "high": top},
        "level": {"unit": "dB", "low": high - DEPTH, "high": high},
        "rows": ROWS,
        "columns": COLUMNS,
        "note": "Hz over seconds, levels in dB",
        "x_is_time": True,
        "choices": choices,
    }
    return fields, {"levels": torch.from_numpy(levels).flatten()}


def _one_of(asked: object, names: tuple[str, ...]) -> str:
    """What a page asked for, or the first: an older page may ask for what is no longer there."""
    return str(asked) if asked in names else names[0]


SPECTROGRAM = View("spectrogram", "Spectrogram", "image", lambda _: True, draw, heard=True)
