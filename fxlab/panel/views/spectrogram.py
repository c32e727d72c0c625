"""The spectrogram view: the level of the output or the input over time and frequency, as an 8-bit image."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import torch

from fxlab.panel.protocol import AxisScale, ImageFields, ViewChoice
from fxlab.panel.views.view import Drawing, Scene, View

ROWS, COLUMNS = 256, 600
DEPTH_DB = 120.0
"""The level difference in dB between the bytes 0 and 255."""
SOURCES = ("output", "input")
SCALES = ("log", "linear", "mel")


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the spectrogram of the mean power of all channels, of 600 columns and 256 rows.

    The highest frequency is at the top. A sine of peak 1 has a level of 0 dB. The byte 255 stands for the lowest
    multiple of 6 dB, from −120 dB on, that no value exceeds, and the byte 0 for a level that is 120 dB lower. The
    options `source` and `scale` of the view choose the output or the input, and the frequency scale.
    """
    from fxlab.display.canvas.axis import Axis
    from fxlab.display.plots.spectrogram import MIN_FRAMES, spectrogram

    source = _selected(scene.options.get("source"), SOURCES)
    scale = cast(AxisScale, _selected(scene.options.get("scale"), SCALES))
    x = scene.x if source == "input" or scene.y is None else scene.y
    frames, nyquist = x.shape[-1], scene.rate / 2
    choices: list[ViewChoice] = [
        {"name": "source", "label": "Sound", "value": source, "values": list(SOURCES)},
        {"name": "scale", "label": "Frequency", "value": scale, "values": list(SCALES)},
    ]
    if frames < MIN_FRAMES:
        return {"error": f"The sound has {frames} samples; a spectrogram needs at least {MIN_FRAMES}."}, {}
    low = {"log": 20.0 if nyquist > 400 else nyquist / 500}.get(scale, 0.0)
    samples = x.detach().to("cpu", torch.float32).numpy()
    axis = Axis(low, nyquist, (), scale)
    found = spectrogram(samples, scene.rate, axis, ROWS, COLUMNS, pause=scene.check_superseded)
    high = 6.0 * math.ceil(max(-120.0, float(found.db.max())) / 6)
    levels = np.clip((found.db - high + DEPTH_DB) * (255 / DEPTH_DB), 0, 255).round().astype(np.uint8)
    fields: ImageFields = {
        "x": {"unit": "s", "low": 0.0, "high": frames / scene.rate},
        "y": {"unit": "Hz", "scale": scale, "low": low, "high": nyquist},
        "level": {"unit": "dB", "low": high - DEPTH_DB, "high": high},
        "rows": ROWS,
        "columns": COLUMNS,
        "note": "Hz over seconds, levels in dB",
        "x_is_time": True,
        "choices": choices,
    }
    return fields, {"levels": torch.from_numpy(levels).flatten()}


def _selected(asked: object, names: tuple[str, ...]) -> str:
    """Return `asked` if it is one of `names`, else the first of them."""
    return str(asked) if asked in names else names[0]


SPECTROGRAM = View("spectrogram", "Spectrogram", "image", lambda _: True, draw, needs_output=True)
