"""A change of a module that cannot be rendered in windows is heard soon, and then replaced by the complete render."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import torch

import fxlab as fx
from fxlab.engine.resampling.polyphase import convert_rate
from fxlab.panel.rendering import checkpoints as checkpoints_module
from fxlab.panel.rendering.checkpoints import MAX_COUNT, Checkpoint, Checkpoints
from fxlab.panel.rendering.continued_render import continue_render
from fxlab.panel.rendering.full_render import FullRender
from fxlab.panel.rendering.renderer import Renderer
from tests.support.browser.wait import LIMIT
from tests.support.fake_page import Page
from tests.support.panel_driver import PanelDriver

RATE = 8000
TOLERANCE = 2e-5  # of the 16 bits of a chunk

Opened = Callable[[fx.Module, fx.Signal], Page]


@pytest.fixture
def sound() -> fx.Signal:
    return fx.noise(duration=12.0, sample_rate=RATE, seed=1)


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
    seq = page.send_values(position=7.5, playing=True, **{"1.feedback": 0.8})
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
    seq = page.send_values(position=7.5, playing=True, **{"0.feedback": 0.5})
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


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """A context in which a complete render waits within its second block, and at whose end it goes on."""
    waits, within, goes_on = threading.Event(), threading.Event(), threading.Event()
    append = FullRender._append_from

    def append_when_allowed(full: FullRender, function: Callable[..., Any], *inputs: Any) -> bool:
        if waits.is_set() and full._frames_read:
            within.set()
            goes_on.wait(LIMIT)
        return append(full, function, *inputs)

    monkeypatch.setattr(FullRender, "_append_from", append_when_allowed)

    @contextmanager
    def hold() -> Iterator[None]:
        waits.set()
        yield
        waits.clear()
        goes_on.set()

    hold.within = within
    yield hold
    goes_on.set()


@pytest.mark.parametrize("what", ["a stage", "the signal"])
def test_a_change_from_python_during_a_complete_render(sound: fx.Signal, held: Any, what: str) -> None:
    """The render begins again: a stream of the earlier stages or sound is not continued, nor kept as a checkpoint."""
    module = fx.Chain(fx.Gate(threshold_db=-60.0), fx.Delay(delay_ms=100.0))
    panel = module.panel(sound)
    page, worker = PanelDriver(panel), panel._session.worker
    other = fx.noise(duration=12.0, sample_rate=RATE, seed=2)
    setting = threading.Thread(target=lambda: setattr(panel, "signal", other))
    with held():
        page.send_values(**{"1__feedback": 0.6})
        assert held.within.wait(LIMIT)
        if what == "a stage":
            module.insert(1, fx.Limiter())
        else:
            setting.start()  # it waits for the render thread
            page.wait_until(lambda: worker.mailbox.tasks, "the task that sets the signal")
    page.wait_until(lambda: worker.renderer.signal is other or len(module) == 3, "the change")
    worker.run(lambda: None)
    page.wait_for_render(page.seq)
    assert not page.errors
    expected = module(worker.renderer.signal).samples
    for seconds in range(0, 12, 2):
        found = worker.audio_sender._checkpoints.last_before(seconds * RATE)
        y = found.stream.copy()(worker.renderer.x[:, found.frames_read : found.frames_read + 800])
        exact = expected[:, found.frames_done : found.frames_done + y.shape[-1]]
        torch.testing.assert_close(y, exact, rtol=0, atol=1e-5)
    panel.close()


def test_values_with_which_it_cannot_stream_require_a_call_on_the_complete_input(
    sound: fx.Signal, opened: Opened
) -> None:
    class Backwards(fx.Module):
        backwards = fx.Switch(False, doc="Whether the sound is reversed.")

        def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
            return x.flip(-1) if self.backwards else x

        def forward_block(self, x: torch.Tensor, state: Any, sample_rate: float) -> tuple[torch.Tensor, Any]:
            if self.backwards:
                raise fx.FxlabError("Backwards cannot stream.")
            return x, state

    for last, values in ((Backwards(), {"1.backwards": True}), (fx.Resample(RATE), {"1.rate": 16_000})):
        module = fx.Delay(delay_ms=100.0) | last
        page = opened(module, sound)
        page.send_values(dry=True)
        page.settle()
        seq = page.send_values(position=7.5, playing=True, **values)
        page.settle()
        y = module(sound)
        expected = convert_rate(y.samples, y.sample_rate, RATE)
        torch.testing.assert_close(page.sound(seq).float(), expected, rtol=0, atol=TOLERANCE)
