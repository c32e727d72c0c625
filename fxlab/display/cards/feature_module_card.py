"""The card of a module that computes a feature: the feature of a sweep, or of a given sound."""

from __future__ import annotations

import torch

from fxlab.analysis.isolated_run import device_of
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.cards.card import Card
from fxlab.display.cards.feature_card import WIDTH, draw_feature_plot, feature_notes, plot_height
from fxlab.display.cards.module_text import draw_card_title, module_title
from fxlab.display.number_format import format_frequency
from fxlab.features.common.feature_module import FeatureModule
from fxlab.signal import Signal
from fxlab.signal.generators import chirp

_LEFT, _TOP, _PLOT_WIDTH = 52, 48, 600
_SUMMARY_BOX = (52, 46, 400, 112)
_SWEEP_SECONDS, _SWEEP_LEVEL_DB, _LOWEST, _HIGHEST = 2.0, -6.0, 50.0, 0.45
_MAX_SECONDS = 30.0
"""The maximum duration of the drawn part of a sound, in seconds."""


def draw_feature_module(
    module: FeatureModule, sample_rate: float, signal: Signal | None, summary: Canvas | None, rate_text: str
) -> Card:
    """Return a card with the feature that a module computes.

    Args:
        module: The module.
        sample_rate: The sample rate of the sweep in Hz.
        signal: The sound whose feature is drawn, at most its first 30 s; None for a sine sweep.
        summary: A canvas on which the title and the feature are drawn too, if it is not None.
        rate_text: The text about the sample rate in the title.

    Raises:
        Exception: Every error that the module raises when it is called.
    """
    sound = sweep(sample_rate) if signal is None else signal.between(0.0, min(_MAX_SECONDS, signal.duration))
    with torch.no_grad():
        feature = module(sound.to(device_of(module)))
    height = plot_height(feature)
    canvas = Canvas(WIDTH, _TOP + height + 24)
    for drawn in (canvas, summary):
        if drawn is not None:
            draw_card_title(drawn, _LEFT, module, rate_text)
    content = draw_feature_plot(canvas, (_LEFT, _TOP, _PLOT_WIDTH, height), feature)
    if summary is not None:
        draw_feature_plot(summary, _SUMMARY_BOX, feature)
    notes = list(feature_notes(feature))
    if signal is None:
        ends = " to ".join(format_frequency(float(f"{end:.3g}")) for end in _sweep_range(sample_rate))
        notes.insert(0, f"The feature of a sine at −6 dBFS that sweeps from {ends}.")
    elif signal.duration > _MAX_SECONDS:
        notes.insert(0, f"The first {_MAX_SECONDS:g} s.")
    return Card(canvas, f"{module_title(module)} {rate_text}: {content}.", tuple(notes))


def sweep(sample_rate: float) -> Signal:
    """Return the sine sweep whose feature the card of a feature module shows if no sound is given.

    It lasts 2 s at −6 dBFS and ends at 0.45 times the sample rate. It starts at 50 Hz, or at a hundredth of the sample
    rate if that is less.
    """
    low, high = _sweep_range(sample_rate)
    return chirp(low, high, _SWEEP_SECONDS, sample_rate=sample_rate, level_db=_SWEEP_LEVEL_DB)


def _sweep_range(sample_rate: float) -> tuple[float, float]:
    return min(_LOWEST, sample_rate / 100), _HIGHEST * sample_rate
