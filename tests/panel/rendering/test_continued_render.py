"""A change of a module without windows is heard soon, and then replaced by the complete render."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch

import fxlab as fx
from fxlab.panel.controls.control_binding import control_values
from fxlab.panel.rendering import checkpoints as checkpoints_module
from fxlab.panel.rendering.checkpoints import MAX_COUNT, Checkpoint, Checkpoints
from fxlab.panel.rendering.continued_render import continue_render
from fxlab.panel.rendering.full_render import FullRender
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import RenderRequest
from tests.support.fake_page import Page

RATE = 8000
TOLERANCE = 2e-5  # of the 16 bits of a chunk

Opened = Callable[[fx.Module, fx.Signal], Page]


@pytest.fixture
def sound() -> fx.Signal:
    return fx.noise(duration=12.0, sample_rate=RATE, seed=1)


def move(page: Page, position: float, **values: float) -> int:
    """Send values from a page that plays; return the number of the request."""
    page.seq += 1
    shown = {**control_values(page.renderer.module), **values}
    page.worker.post(RenderRequest(page.seq, shown, position, "cpu", playing=True))
    return page.seq


def complete_render(module: fx.Module, sound: fx.Signal) -> tuple[Renderer, Checkpoints]:
    renderer = Renderer(module, sound, "cpu")
    checkpoints = Checkpoints(renderer)
    full = FullRender(renderer, checkpoints=checkpoints)
    while not full.finished:
        full.advance()
    return renderer, checkpoints


def test_without_a_change_it_equals_the_complete_render(sound: fx.Signal) -> None:
    room = fx.Signal(torch.randn(1, 2000) * torch.linspace(1, 0, 2000) ** 2 / 20, RATE)
    for module in (fx.Compressor() | fx.Distortion(oversample=4) | fx.Chorus(), fx.ConvolutionReverb(room)):
        renderer, checkpoints = complete_render(module, sound)
        expected = module(sound).samples
        continued = continue_render(renderer, checkpoints, 7 * RATE)
        assert continued is not None
        assert not continued.covers(0)
        for start, count in ((7 * RATE, 3000), (7 * RATE + 3000, 10_000), (12 * RATE - 500, 500)):
            assert continued.covers(start)
            found = continued.read(start, count)
            torch.testing.assert_close(found, expected[:, start : start + count], rtol=0, atol=1e-5)
        assert not continued.read(12 * RATE, 9).any(), "after the end"


def test_it_does_not_begin_at_the_start_of_the_sound(sound: fx.Signal) -> None:
    """A device whose knob is turned: the echoes from before have the earlier feedback."""
    module = fx.Delay(delay_ms=100.0, feedback=0.2, mix=1.0)
    renderer, checkpoints = complete_render(module, sound)
    stream = module.stream(RATE)
    expected = [stream(sound.samples[:, : 6 * RATE])]
    module.feedback = 0.9
    expected.append(stream(sound.samples[:, 6 * RATE :]))
    continued = continue_render(renderer, checkpoints, 7 * RATE)
    assert continued is not None
    found = continued.read(7 * RATE, 3000)
    torch.testing.assert_close(found, torch.cat(expected, -1)[:, 7 * RATE : 7 * RATE + 3000], rtol=0, atol=1e-6)


def test_a_page_that_plays_hears_it_first_and_then_the_complete_render(sound: fx.Signal, opened: Opened) -> None:
    module = fx.Gate(threshold_db=-60.0) | fx.Delay(delay_ms=100.0, feedback=0.2)
    page = opened(module, sound)
    page.send_values(dry=True)
    page.settle()
    seq = move(page, 7.5, **{"1.feedback": 0.8})
    page.settle()
    clips = {chunk["clip"] for chunk in page.received("audio", seq)}
    assert len(clips) == 2, "one for each"
    torch.testing.assert_close(page.sound(seq).float(), module(sound).samples, rtol=0, atol=TOLERANCE)


def test_other_stages_or_an_unfit_state_require_a_complete_render(sound: fx.Signal, opened: Opened) -> None:
    module = fx.Chain(fx.Delay(delay_ms=100.0), fx.Chorus(), fx.Gain())
    renderer, checkpoints = complete_render(module, sound)
    renderer.replace()
    assert continue_render(renderer, checkpoints, 7 * RATE) is not None, "nothing has changed"
    module.bypassed = {2}
    assert continue_render(renderer, checkpoints, 7 * RATE) is None
    page = opened(fx.Delay(delay_ms=100.0) | fx.Chorus(order=1), sound)
    page.send_values(dry=True)
    page.settle()
    page.renderer.module[1].order = 7  # the line of the chorus becomes longer
    seq = move(page, 7.5, **{"0.feedback": 0.5})
    page.settle()
    torch.testing.assert_close(page.sound(seq).float(), page.renderer.module(sound).samples, rtol=0, atol=TOLERANCE)


def test_a_state_that_cannot_be_copied_requires_a_complete_render(sound: fx.Signal) -> None:
    class Locked(fx.Module):
        def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
            return x

        def forward_block(self, x: torch.Tensor, state: Any, sample_rate: float) -> tuple[torch.Tensor, Any]:
            return x, state or threading.Lock()

    checkpoints = complete_render(Locked(), sound)[1]
    found = checkpoints.last_before(7 * RATE)
    assert found is not None
    assert found.frames_read == 0


def test_large_states_are_stored_less_often(sound: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints_module, "MAX_BYTES", 3 * 4 * 2 * RATE)  # three times 2 s, which a delay keeps
    found = complete_render(fx.Delay(delay_ms=100.0), sound)[1]
    assert len({found.last_before(frame) for frame in range(0, 12 * RATE, RATE)}) == 3


def test_the_number_of_checkpoints_is_limited(sound: fx.Signal) -> None:
    renderer = Renderer(fx.Gain(), sound, "cpu")
    checkpoints, stream = Checkpoints(renderer), fx.Gain().stream(RATE)
    for _ in range(2):  # two renders
        for frame in range(0, 12 * RATE, 100):
            checkpoints.add(Checkpoint(frame, frame, stream), max(0, frame - 100))
    found = {checkpoints.last_before(frame).frames_done for frame in range(0, 12 * RATE, 50)}
    assert len(found) <= MAX_COUNT + 1
    assert max(b - a for a, b in zip(sorted(found), sorted(found)[1:], strict=False)) <= 12 * RATE / MAX_COUNT + 200
