"""The card of a module: its response with poles and zeros, or its output for a test tone.

An augmentation, a module that computes a feature, a module without an input, one that defines plots of its own, and a
fixed-point filter have other cards, which `draw_module` selects.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace

import torch

from fxlab.analysis.isolated_run import device_of, preserve_random_state
from fxlab.augment.augmentation import Augmentation
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.canvas.legend import LegendEntry, draw_legend
from fxlab.display.cards.augmentation_card import draw_augmentation
from fxlab.display.cards.card import Card
from fxlab.display.cards.drawings_card import draw_drawings
from fxlab.display.cards.feature_module_card import draw_feature_module
from fxlab.display.cards.module_text import (
    draw_card_title,
    example_entries,
    latency_notes,
    module_title,
    moving_entries,
    moving_notes,
    stage_entries,
)
from fxlab.display.number_format import format_frequency
from fxlab.display.plots.bode import draw_delay, draw_magnitude, draw_phase
from fxlab.display.plots.drawing import Drawing
from fxlab.display.plots.effect_plots import draw_cycle, draw_echoes, draw_static_curve
from fxlab.display.plots.mask_plot import mask_entry, mask_note, mask_of
from fxlab.display.plots.response_curves import (
    ASSUMED_RATE,
    ResponseCurves,
    compute_curves,
    corner_frequencies,
    frequencies_to_show,
    frequency_range,
)
from fxlab.display.plots.response_range import magnitude_range
from fxlab.display.plots.rounding import compare_rounding, draw_rounding_error
from fxlab.display.plots.taps import describe_symmetry, draw_taps
from fxlab.display.plots.tone_plots import draw_envelopes, draw_harmonics, draw_spectra, draw_transfer_curve
from fxlab.display.plots.tone_response import measure_tone_response
from fxlab.display.plots.zplane import draw_zplane, root_entries
from fxlab.effects.common.ringing import Ringing
from fxlab.effects.dynamics.gain_reduction import GainReduction
from fxlab.effects.modulation.oscillating import Oscillating
from fxlab.features.common.feature_module import FeatureModule
from fxlab.filters import FixedPoint
from fxlab.module import Module, has_response
from fxlab.signal import Signal, silence

WIDTH, HEIGHT = 720, 352
SUMMARY_WIDTH, SUMMARY_HEIGHT = 516, 184
_LEFT, _PLOT_WIDTH = 44, 428
_SUMMARY_BOX = (_LEFT, 46, _PLOT_WIDTH, 116)
_SIDE, _SQUARE = 516, 200
_TOP = 46
_LEGEND_TOP = _TOP + _SQUARE + 18
_MAX_DURATION = 30.0  # seconds of a signal whose spectrum is drawn
_MAX_FIXED_POINT_DURATION = 2.0  # the same for a FixedPoint, which is slow to run


def drawing_rate(module: Module, sample_rate: float | None = None) -> tuple[float, bool]:
    """Return the sample rate in Hz at which to draw `module`, and whether it is only assumed.

    It is `sample_rate`, or if that is None, the attribute `sample_rate` on which the module and its parts agree. If
    none of them has one, or if they differ, 44.1 kHz is assumed.

    >>> from fxlab.filters import LowPass
    >>> drawing_rate(LowPass()), drawing_rate(LowPass(sample_rate=8000))
    ((44100.0, True), (8000.0, False))
    """
    if sample_rate is not None:
        return float(sample_rate), False
    own = {float(part.sample_rate) for part in module.modules() if isinstance(part, Module) and part.sample_rate}
    return (own.pop(), False) if len(own) == 1 else (ASSUMED_RATE, True)


def draw_module(
    module: Module,
    sample_rate: float | None = None,
    signal: Signal | None = None,
    summary: Canvas | None = None,
) -> Card:
    """Return the card of `module`, whose plots depend on the kind of module.

    Args:
        module: The module.
        sample_rate: The sample rate in Hz; None for that of `drawing_rate`.
        signal: A sound whose sample rate replaces `sample_rate`, and of which most cards show the spectra before and
            after the module; None for no sound.
        summary: A canvas of `SUMMARY_WIDTH` by `SUMMARY_HEIGHT` on which the title and the first plot are drawn too,
            if it is given.

    Raises:
        Exception: Every error that the module raises when its response is computed or when it is called.
    """
    rate, is_assumed = drawing_rate(module, signal.sample_rate if signal is not None else sample_rate)
    rate_text = f"at {format_frequency(rate)}{', assumed' if is_assumed else ''}"
    if isinstance(module, Augmentation):
        return draw_augmentation(module, summary)
    if isinstance(module, FeatureModule):
        return draw_feature_module(module, rate, signal, summary, rate_text)
    if not module.takes_input or module.panel_views():
        sound = silence(1.0, sample_rate=rate) if signal is None else signal
        drawings = {name: Drawing(*drawn) for name, drawn in module.card_drawings(sound).items()}
        if drawings or not module.takes_input:
            return draw_drawings(module, drawings, sound, summary, rate_text)
    canvas = Canvas(WIDTH, HEIGHT)
    draw = _draw_response if has_response(module) else _draw_tone_response
    if isinstance(module, FixedPoint) and module.exact_sections(rate).ndim == 2:
        draw = _draw_fixed_point
    content, notes = draw(canvas, module, rate, signal, summary)
    notes = [*moving_notes(module, has_response(module)), *notes, *latency_notes(module, rate)]
    for drawn in (canvas, summary):
        if drawn is not None:
            draw_card_title(drawn, _LEFT, module, rate_text)
    return Card(canvas, f"{module_title(module)} {rate_text}: {content}.", tuple(notes))


def draw_failure(module: Module, reason: str) -> Card:
    """Return a card that contains only the title of a module and the reason why it cannot be drawn.

    At most 12 lines of the reason are shown.
    """
    lines = textwrap.wrap(reason, 100)[:12]
    canvas = Canvas(WIDTH, 60 + 16 * len(lines))
    draw_card_title(canvas, 8, module, "")
    for number, line in enumerate(lines):
        canvas.draw_text(8, 42 + 16 * number, line, colors.ALARM)
    return Card(canvas, f"{module_title(module)}: {reason}")


def _draw_response(
    canvas: Canvas, module: Module, rate: float, signal: Signal | None, summary: Canvas | None
) -> tuple[str, list[str]]:
    """Draw the plots of a module with a response, and return a description of them and the notes below the card.

    `rate` is the sample rate in Hz. `signal` and `summary` are those of `draw_module`.
    """
    assert has_response(module)
    response, corners = compute_curves(module, rate), corner_frequencies(module)
    response = replace(response, range_db=magnitude_range(module, rate, response.frequency))
    mask_with_margins = mask_of(module, rate)
    mask = mask_with_margins[0] if mask_with_margins else None
    if summary is not None:
        draw_magnitude(summary, _SUMMARY_BOX, response, corners, mask=mask, last=True)
    if signal is not None:
        draw_magnitude(canvas, (_LEFT, _TOP, _PLOT_WIDTH, 128), response, corners, mask=mask)
        _draw_signal_spectra(canvas, module, signal, frequency_range(rate, frequencies_to_show(module, rate))[0])
        content = "magnitude over frequency, the long-term spectrum of the sound before and after"
    else:
        draw_magnitude(canvas, (_LEFT, _TOP, _PLOT_WIDTH, 132), response, corners, mask=mask)
        if response.taps is not None and response.delay is not None:
            draw_delay(canvas, (_LEFT, 202, _PLOT_WIDTH, 36), response, corners, last=True)
            draw_taps(canvas, (_LEFT, 278, _PLOT_WIDTH, 50), response.taps, last=True)
            content = "magnitude and group delay over frequency, the taps one by one"
        else:
            draw_phase(canvas, (_LEFT, 202, _PLOT_WIDTH, 50), response, corners, last=response.delay is None)
            if response.delay is not None:
                draw_delay(canvas, (_LEFT, 278, _PLOT_WIDTH, 50), response, corners, last=True)
            content = "magnitude, phase and group delay over frequency"
    if response.poles is not None:
        draw_zplane(canvas, (_SIDE, _TOP), _SQUARE, response, corners)
        content += ", poles and zeros in the z plane"
    if corners:
        content += f"; lines at {', '.join(map(format_frequency, corners[:8]))}"
    entries = [*_fact_entries(canvas, response), *moving_entries(canvas, module, response, WIDTH - _SIDE)]
    notes = _response_notes(response)
    if mask_with_margins:
        entries.append(mask_entry(mask_with_margins[1]))
        notes.append(mask_note(mask_with_margins[1]))
    if response.examples > 1:
        if response.examples > len(response.db):
            entries.append(LegendEntry(f"the first {len(response.db)} of {response.examples} examples:"))
        entries += example_entries(module, len(response.db))
    else:
        entries += stage_entries(canvas, module, WIDTH - _SIDE, curve_count=len(response.stages))
    draw_legend(canvas, _SIDE, _LEGEND_TOP, entries)
    return content, notes


def _fact_entries(canvas: Canvas, response: ResponseCurves) -> list[LegendEntry]:
    entries = root_entries(response)
    if response.taps is not None:
        entries.append(LegendEntry(describe_symmetry(response.taps)))
    if response.stages or response.examples > 1:  # one line, because the stages or examples need the space
        joined = ", ".join(entry.text for entry in entries[::-1])
        entries = [LegendEntry(joined)] if entries and canvas.text_width(joined) <= WIDTH - _SIDE else entries
    return [LegendEntry(response.unstable, color=colors.ALARM), *entries] if response.unstable else entries


def _response_notes(response: ResponseCurves) -> list[str]:
    notes = []
    if response.examples > 1:
        drawn, count = len(response.db), response.examples
        notes.append(f"A batch of {count} examples: {'one curve each' if drawn == count else f'the first {drawn}'}.")
    if reason := response.unstable:
        notes.append(
            f"{reason[:1].upper()}{reason[1:]}. Its output grows without limit; the curves are those of the formula."
        )
    return [*notes, *response.inaccuracies]


def _draw_tone_response(
    canvas: Canvas, module: Module, rate: float, signal: Signal | None, summary: Canvas | None
) -> tuple[str, list[str]]:
    """Draw the plots of a module without a response; see `_draw_response` for the arguments and the result."""
    response = measure_tone_response(module, rate)
    if summary is not None:
        draw_envelopes(summary, _SUMMARY_BOX, response)
    draw_envelopes(canvas, (_LEFT, _TOP, _PLOT_WIDTH, 112), response)
    lower, square = (_LEFT, 212, _PLOT_WIDTH, 116), (_SIDE + 24, _TOP, _SQUARE - 44, _SQUARE)
    entries = [LegendEntry("It has no transfer function:"), LegendEntry("a test tone is shown.")]
    content = "a test tone at three levels before and after"
    if signal is not None:
        _draw_signal_spectra(canvas, module, signal, frequency_range(rate, [])[0])
    # Each kind of effect has plots of its own: echoes, an oscillator, a static curve.
    if isinstance(module, Ringing) and signal is None:
        entries = [LegendEntry(draw_echoes(canvas, lower, square, module, rate))]
        content += ", the response to a click, the decay of its energy"
    else:
        if isinstance(module, GainReduction):
            draw_static_curve(canvas, square, module, rate)
            content += ", output level over input level"
        else:
            draw_transfer_curve(canvas, (_SIDE, _TOP), _SQUARE, response)
            content += ", output against input"
        if isinstance(module, Oscillating) and signal is None:
            draw_cycle(canvas, lower, module, rate)
            content += ", one cycle of its oscillator"
        elif signal is None:
            draw_harmonics(canvas, lower, response)
            content += ", its harmonics"
    entries += stage_entries(canvas, module, WIDTH - _SIDE, curve_count=0)
    below = _LEGEND_TOP + (16 if isinstance(module, (Ringing, GainReduction)) else 0)  # the labels of a time axis
    draw_legend(canvas, _SIDE, below, entries)
    notes = [f"A batch of {response.examples} examples: the first is shown."] if response.examples > 1 else []
    return content, notes


def _draw_fixed_point(
    canvas: Canvas, module: Module, rate: float, signal: Signal | None, summary: Canvas | None
) -> tuple[str, list[str]]:
    """Draw the plots of a fixed-point filter; see `_draw_response` for the arguments and the result."""
    assert isinstance(module, FixedPoint)
    if signal is not None and signal.duration > _MAX_FIXED_POINT_DURATION:
        signal = signal.between(0.0, _MAX_FIXED_POINT_DURATION)
    comparison, corners = compare_rounding(module, rate, signal), corner_frequencies(module)
    if summary is not None:
        draw_magnitude(summary, _SUMMARY_BOX, comparison.both, corners, last=True)
    draw_magnitude(canvas, (_LEFT, _TOP, _PLOT_WIDTH, 132), comparison.both, corners)
    draw_rounding_error(canvas, (_LEFT, 212, _PLOT_WIDTH, 116), frequency_range(rate, corners)[0], comparison)
    draw_zplane(canvas, (_SIDE, _TOP), _SQUARE, comparison.both, corners)
    entries = [
        LegendEntry(f"coefficients of {module.coefficient_bits} bits", colors.example_style(0)),
        LegendEntry("not rounded", colors.example_style(1)),
    ]
    if comparison.unstable:
        entries.append(LegendEntry(comparison.unstable, color=colors.ALARM))
    draw_legend(canvas, _SIDE, _LEGEND_TOP, [*entries, *map(LegendEntry, comparison.facts())])
    content = "magnitude, poles and zeros with and without rounded coefficients, spectra of the output and of its error"
    return content, []


def _draw_signal_spectra(canvas: Canvas, module: Module, signal: Signal, low: float) -> None:
    """Draw the spectra of the first `_MAX_DURATION` seconds of `signal` before and after `module`, from `low` in Hz."""
    part = signal.between(0.0, _MAX_DURATION) if signal.duration > _MAX_DURATION else signal
    device = device_of(module)
    with torch.no_grad(), preserve_random_state(device):
        output = module(part.to(device))
    box = (_LEFT, 202, _PLOT_WIDTH, 126)
    draw_spectra(canvas, box, float(signal.sample_rate), low, input_=part.numpy(), output=output.numpy())
