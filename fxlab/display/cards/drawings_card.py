"""The card of a module that defines plots of its own, or that has no input."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from fxlab.analysis.isolated_run import device_of, preserve_random_state
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.cards.card import Card
from fxlab.display.cards.module_text import draw_card_title, module_title
from fxlab.display.plots.drawing import Drawing, draw_drawing
from fxlab.display.plots.tone_plots import draw_output_spectrum
from fxlab.module import Module
from fxlab.signal import Signal

WIDTH, HEIGHT = 720, 352
_LEFT, _TOP, _PLOT_WIDTH = 44, 46, 620
_SUMMARY_BOX = (_LEFT, 46, 428, 116)
_MAX_SECONDS = 30.0
"""The maximum duration of the analyzed part of a sound, in seconds."""


def draw_drawings(
    module: Module, drawings: Mapping[str, Drawing], signal: Signal, summary: Canvas | None, rate_text: str
) -> Card:
    """Return a card with the first two drawings; if there are fewer, it includes the spectrum of the output.

    There is no spectrum if the module has no output, or if its output is silent.

    Args:
        module: The module.
        drawings: The plots that the module defines, by name; see `Module.card_drawings`.
        signal: The input of the module, of which at most the first 30 s are used.
        summary: A canvas on which the title and the first plot are drawn too, if it is not None.
        rate_text: The text about the sample rate in the title.

    Raises:
        Exception: Every error that the module raises when it is called.
    """
    canvas = Canvas(WIDTH, HEIGHT)
    output = _output(module, signal) if module.has_output and len(drawings) < 2 else None
    shown = list(drawings.items())[:2]
    boxes = _boxes(len(shown) + (output is not None))
    for (name, drawing), box in zip(shown, boxes, strict=False):
        draw_drawing(canvas, box, drawing, name)
    content = [f"the plot {name!r}" for name, _ in shown]
    if output is not None:
        draw_output_spectrum(canvas, boxes[-1], output)
        content.append("the long-term spectrum of the sound")
    for drawn in (canvas, summary):
        if drawn is not None:
            draw_card_title(drawn, _LEFT, module, rate_text)
    if summary is not None:
        if shown:
            draw_drawing(summary, _SUMMARY_BOX, shown[0][1], shown[0][0])
        elif output is not None:
            draw_output_spectrum(summary, _SUMMARY_BOX, output)
    rest = [f"A tab of the panel shows {name!r}." for name in list(drawings)[2:]]
    return Card(canvas, f"{module_title(module)} {rate_text}: {', '.join(content)}.", tuple(rest))


def _boxes(count: int) -> list[Box]:
    """Return the positions of `count` plots: one of full height, or two."""
    if count < 2:
        return [(_LEFT, _TOP, _PLOT_WIDTH, 278)]
    return [(_LEFT, _TOP, _PLOT_WIDTH, 118), (_LEFT, 206, _PLOT_WIDTH, 118)]


def _output(module: Module, signal: Signal) -> Signal | None:
    """Return the output of a module for the first `_MAX_SECONDS` of `signal`, or None if the output is silent."""
    part = signal.between(0.0, _MAX_SECONDS) if signal.duration > _MAX_SECONDS else signal
    device = device_of(module)
    with torch.no_grad(), preserve_random_state(device):
        output: Signal = module(part.to(device))
    return output if float(output.samples.abs().max()) else None
