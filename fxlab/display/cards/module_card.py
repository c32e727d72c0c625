"""The picture of a module: its curves and its poles and zeros, or a test tone before and after."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import torch

from fxlab.analysis.isolated_run import device_of, undisturbed
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.cards import number_format
from fxlab.display.cards.legend import Entry, draw_entries, draw_title, example_entries, stage_entries, title
from fxlab.display.cards.tone_response import Probe, probe
from fxlab.display.plots.bode import draw_delay, draw_magnitude, draw_phase
from fxlab.display.plots.mask_plot import mask_entry, mask_note, mask_of
from fxlab.display.plots.response_curves import ASSUMED_RATE, Response, corners, measure, span
from fxlab.display.plots.rounding import compare, draw_error
from fxlab.display.plots.taps import draw_taps, symmetry
from fxlab.display.plots.transfer import draw_envelopes, draw_harmonics, draw_spectra, draw_transfer
from fxlab.display.plots.zplane import draw_zplane, facts
from fxlab.filters import FixedPoint
from fxlab.module import Module, has_response
from fxlab.signal import Signal

WIDTH, HEIGHT = 720, 352
_LEFT, _PLOT = 44, 428
_SIDE, _SQUARE = 516, 200
_TOP = 46
_FEW_INKS, _MANY_INKS, _FILLED_INKS = 10, 16, 24  # in the palette: those of the curves, and their edges
_LONGEST = 30.0  # seconds of a signal whose spectrum is drawn
_LONGEST_COUNTED = 2.0  # and of one that a FixedPoint runs


class Picture(NamedTuple):
    """A drawn sheet, what it shows in words, and what has to be said beside it."""

    sheet: Canvas
    words: str
    colours: int
    notes: tuple[str, ...] = ()


def rate_of(module: Module, sample_rate: float | None = None) -> tuple[float, bool]:
    """The sample rate to draw `module` at, and whether it is only assumed.

    >>> from fxlab.filters import LowPass
    >>> rate_of(LowPass()), rate_of(LowPass(sample_rate=8000))
    ((44100.0, True), (8000.0, False))
    """
    if sample_rate is not None:
        return float(sample_rate), False
    own = {float(part.sample_rate) for part in module.modules() if isinstance(part, Module) and part.sample_rate}
    return (own.pop(), False) if len(own) == 1 else (ASSUMED_RATE, True)


def draw_module(module: Module, sample_rate: float | None = None, signal: Signal | None = None) -> Picture:
    """Draw `module`, with `signal` also the long-term spectra of its input and output.

    Raises:
        Exception: Whatever the module raises when it is asked or run.
    """
    rate, assumed = rate_of(module, signal.sample_rate if signal is not None else sample_rate)
    sheet = Canvas(WIDTH, HEIGHT)
    draw = _draw_response if has_response(module) else _draw_probe
    if isinstance(module, FixedPoint) and module.exact_sections(rate).ndim == 2:
        draw = _draw_rounding
    said, notes, colours = draw(sheet, module, rate, signal)
    at = f"at {number_format.hertz(rate)}{', assumed' if assumed else ''}"
    draw_title(sheet, _LEFT, module, at)
    return Picture(sheet, f"{title(module)} {at}: {said}.", colours, tuple(notes))


def draw_failure(module: Module, reason: str) -> Picture:
    """Write why there is nothing to draw."""
    lines = textwrap.wrap(reason, 100)[:12]
    sheet = Canvas(WIDTH, 60 + 16 * len(lines))
    draw_title(sheet, 8, module, "")
    for number, line in enumerate(lines):
        sheet.text(8, 42 + 16 * number, line, colors.ALARM)
    return Picture(sheet, f"{title(module)}: {reason}", _FEW_INKS)


def _draw_response(sheet: Canvas, module: Module, rate: float, signal: Signal | None) -> tuple[str, list[str], int]:
    assert has_response(module)
    response, marks = measure(module, rate), corners(module)
    asked = mask_of(module, rate)
    mask = asked[0] if asked else None
    if signal is not None:
        draw_magnitude(sheet, (_LEFT, _TOP, _PLOT, 128), response, marks, mask=mask)
        _draw_signal(sheet, module, signal, span(rate, marks)[0])
        said = "magnitude over frequency, the sound's long-term spectrum before and after"
    else:
        draw_magnitude(sheet, (_LEFT, _TOP, _PLOT, 132), response, marks, mask=mask)
        if response.taps is not None and response.delay is not None:
            draw_delay(sheet, (_LEFT, 202, _PLOT, 36), response, marks, last=True)
            draw_taps(sheet, (_LEFT, 278, _PLOT, 50), response.taps, last=True)
            said = "magnitude and group delay over frequency, the taps one by one"
        else:
            draw_phase(sheet, (_LEFT, 202, _PLOT, 50), response, marks, last=response.delay is None)
            if response.delay is not None:
                draw_delay(sheet, (_LEFT, 278, _PLOT, 50), response, marks, last=True)
            said = "magnitude, phase and group delay over frequency"
    if response.poles is not None:
        draw_zplane(sheet, (_SIDE, _TOP), _SQUARE, response, marks)
        said += ", poles and zeros in the z plane"
    if marks:
        said += f"; lines at {', '.join(map(number_format.hertz, marks[:8]))}"
    entries, notes = _facts(sheet, response), _notes(response)
    if asked:
        entries.append(mask_entry(asked[1]))
        notes.append(mask_note(asked[1]))
    if response.examples > 1:
        if response.examples > len(response.db):
            entries.append(Entry(f"the first {len(response.db)} of {response.examples} examples:"))
        entries += example_entries(module, len(response.db))
    else:
        entries += stage_entries(sheet, module, WIDTH - _SIDE, drawn=len(response.stages))
    draw_entries(sheet, _SIDE, _TOP + _SQUARE + 18, entries)
    many = response.examples > 1 or bool(response.stages) or asked is not None
    return said, notes, _MANY_INKS if many else _FEW_INKS


def _facts(sheet: Canvas, response: Response) -> list[Entry]:
    found = [Entry(words, mark=sign) for sign, words in facts(response)]
    if response.taps is not None:
        found.append(Entry(symmetry(response.taps)))
    if response.stages or response.examples > 1:  # the stages need the room
        joined = ", ".join(entry.words for entry in found[::-1])
        found = [Entry(joined)] if found and sheet.width_of(joined) <= WIDTH - _SIDE else found
    return [Entry(response.unstable, hue=colors.ALARM), *found] if response.unstable else found


def _notes(response: Response) -> list[str]:
    notes = []
    if response.examples > 1:
        drawn, count = len(response.db), response.examples
        notes.append(f"A batch of {count} examples: {'one curve each' if drawn == count else f'the first {drawn}'}.")
    if bad := response.unstable:
        notes.append(f"{bad[:1].upper()}{bad[1:]}. Its output grows without end; the curves are those of the formula.")
    return notes


def _draw_probe(sheet: Canvas, module: Module, rate: float, signal: Signal | None) -> tuple[str, list[str], int]:
    found: Probe = probe(module, rate)
    draw_envelopes(sheet, (_LEFT, _TOP, _PLOT, 112), found)
    draw_transfer(sheet, (_SIDE, _TOP), _SQUARE, found)
    if signal is not None:
        _draw_signal(sheet, module, signal, span(rate, [])[0])
    else:
        draw_harmonics(sheet, (_LEFT, 212, _PLOT, 116), found)
    entries = [Entry("It gives no response formula:"), Entry("shown is a test tone.")]
    draw_entries(
        sheet,
        _SIDE,
        _TOP + _SQUARE + 18,
        [*entries, *stage_entries(sheet, module, WIDTH - _SIDE, drawn=0)],
    )
    notes = [f"A batch of {found.examples} examples: the first is shown."] if found.examples > 1 else []
    return "a test tone in three levels before and after, its harmonics, output against input", notes, _FEW_INKS


def _draw_rounding(sheet: Canvas, module: Module, rate: float, signal: Signal | None) -> tuple[str, list[str], int]:
    assert isinstance(module, FixedPoint)
    if signal is not None and signal.duration > _LONGEST_COUNTED:
        signal = signal.between(0.0, _LONGEST_COUNTED)
    found, marks = compare(module, rate, signal), corners(module)
    draw_magnitude(sheet, (_LEFT, _TOP, _PLOT, 132), found.both, marks)
    draw_error(sheet, (_LEFT, 212, _PLOT, 116), span(rate, marks)[0], found)
    draw_zplane(sheet, (_SIDE, _TOP), _SQUARE, found.both, marks)
    entries = [
        Entry(f"coefficients of {module.coefficient_bits} bits", colors.example_pen(0)),
        Entry("not rounded", colors.example_pen(1)),
    ]
    if found.unstable:
        entries.append(Entry(found.unstable, hue=colors.ALARM))
    draw_entries(sheet, _SIDE, _TOP + _SQUARE + 18, [*entries, *map(Entry, found.facts())])
    said = "magnitude, poles and zeros with rounded coefficients and without, spectra of the output and of its error"
    return said, [], _FILLED_INKS


def _draw_signal(sheet: Canvas, module: Module, signal: Signal, low: float) -> None:
    part = signal.between(0.0, _LONGEST) if signal.duration > _LONGEST else signal
    device = device_of(module)
    with torch.no_grad(), undisturbed(device):
        after = module(part.to(device))
    draw_spectra(sheet, (_LEFT, 202, _PLOT, 126), float(signal.sample_rate), low, [part.numpy(), after.numpy()])
