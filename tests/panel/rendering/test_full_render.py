"""The complete render: what is to be played next comes first."""

import torch

import fxlab as fx
from fxlab.panel.rendering.full_render import FullRender
from fxlab.panel.rendering.renderer import Renderer

RATE = 8000


def render(module: fx.Module, urgent_stop: int) -> tuple[list[int], torch.Tensor, torch.Tensor]:
    """Return the frames that are done after each step, the output, and that of one call."""
    sound = fx.noise(duration=12.0, sample_rate=RATE, seed=1)
    full = FullRender(Renderer(module, sound, "cpu"), urgent_stop)
    done = []
    while not full.finished:
        full.advance()
        done.append(full.frames_done)
    return done, full.read(0, full.frames_done), module(sound).samples


def test_a_block_ends_where_the_next_sound_does():
    for module in (fx.Delay(delay_ms=50.0), fx.Chorus() | fx.Distortion(oversample=4)):
        done, found, expected = render(module, 5 * RATE)
        assert [round(frames / RATE) for frames in done] == [2, 4, 5, 7, 9, 11, 12]
        assert done[2] >= 5 * RATE, "the latency of the oversampling is included"
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_the_end_of_the_sound_is_not_rendered_apart():
    assert len(render(fx.Delay(delay_ms=50.0), 0)[0]) == len(render(fx.Delay(delay_ms=50.0), 11 * RATE)[0]) == 6


def test_what_cannot_stream_is_rendered_in_one_call():
    assert len(render(fx.Normalize(), 6 * RATE)[0]) == 1
