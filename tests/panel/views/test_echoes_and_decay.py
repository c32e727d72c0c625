"""The views of echoes and reverberation: which modules have them, and what they draw."""

from __future__ import annotations

import math

import pytest
import torch

import fxlab as fx
from fxlab.effects.common.ringing import Ringing, tail_choice
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.views import view_tabs

RATE = 44_100


class OneEcho(Ringing):
    """A teacher's own effect: the sound once more after 50 ms."""

    tail = tail_choice()

    def process_block(self, x, state, sample_rate):
        line = x.new_zeros(*x.shape[:-1], self.decay_samples(sample_rate)) if state is None else state
        joined = torch.cat([line, x], -1)
        return x + 0.25 * joined[..., : x.shape[-1]], joined[..., x.shape[-1] :]

    def decay_samples(self, sample_rate):
        return round(0.05 * sample_rate)


class Silence(fx.Module):
    def forward(self, x, sample_rate):
        return 0 * x


def draw(module: fx.Module, view: str, channels: int = 1) -> tuple[dict, dict]:
    return Renderer(module, fx.Signal(torch.zeros(channels, RATE), RATE), "cpu").draw_view(view)


@pytest.mark.parametrize(
    ("make", "offered"),
    [
        (fx.Delay, True),
        (fx.Room, True),
        (OneEcho, True),
        (lambda: fx.Gain(6.0) | fx.Mix(fx.Reverb()), True),
        (lambda: fx.Send(fx.Delay()), True),
        (fx.LowPass, False),
        (fx.Compressor, False),
        (lambda: fx.Chain(fx.Reverb(), fx.Gain(), bypassed=[0]), False),
    ],
)
def test_what_rings_has_the_views(make, offered):
    names = [tab["name"] for tab in view_tabs(make())]
    assert ("echoes" in names, "decay" in names) == (offered, offered)


def test_the_echoes_have_the_times_and_levels_of_the_delay():
    fields, drawn = draw(fx.Delay(delay_ms=100.0, feedback=-0.5, mix=0.5), "echoes")
    times, values = drawn["time1"], drawn["value1"]
    torch.testing.assert_close(times, 100.0 * torch.arange(len(times), dtype=torch.float64))
    expected = [0.5] + [0.5 * (-0.5) ** n for n in range(len(values) - 1)]
    torch.testing.assert_close(values, torch.tensor(expected, dtype=torch.float64))
    torch.testing.assert_close(drawn["level1"], 20 * values.abs().log10())
    assert len(values) == 1 + math.ceil(60 / 6.02), "down to −60 dB"
    assert fields["x"]["high"] >= times[-1]


def test_ping_pong_has_stems_of_both_sides():
    fields, drawn = draw(fx.Delay(delay_ms=100.0, feedback=0.5, mix=1.0, ping_pong=True), "echoes", 2)
    assert [line["label"] for line in fields["forms"][0]["lines"]] == ["Left", "Right"]
    torch.testing.assert_close(drawn["time1"][:3], torch.tensor([100.0, 300.0, 500.0], dtype=torch.float64))
    torch.testing.assert_close(drawn["time2"][:3], torch.tensor([200.0, 400.0, 600.0], dtype=torch.float64))


def test_an_effect_of_ones_own_has_its_echo():
    _, drawn = draw(OneEcho(), "echoes")
    assert drawn["time1"].tolist() == [0.0, 50.0]
    assert drawn["value1"].tolist() == [1.0, 0.25]
    fields, _ = draw(OneEcho(), "decay")
    assert "no RT60" in fields["note"]


def seconds(fields: dict) -> float:
    amount, unit = fields["forms"][0]["lines"][1]["label"].removeprefix("RT60 ").split()
    return float(amount) * {"s": 1.0, "ms": 1e-3}[unit]


def test_the_decay_of_an_echo_is_that_of_its_feedback():
    fields, drawn = draw(fx.Delay(delay_ms=100.0, feedback=0.5), "decay")
    assert seconds(fields) == pytest.approx(-3 * 0.1 / math.log10(0.5), abs=0.005)
    time, line = drawn["line_time"], drawn["line"]
    assert float((line[1] - line[0]) / (time[1] - time[0])) == pytest.approx(-6.0206 / 100, rel=1e-3)


@pytest.mark.parametrize("decay_s", [0.5, 3.0])
def test_the_rt60_of_a_reverb_is_its_decay_time(decay_s):
    fields, _ = draw(fx.Reverb(decay_s=decay_s, damping=0.0, mix=0.1), "decay")
    assert seconds(fields) == pytest.approx(decay_s, rel=0.05)


def test_the_octaves_of_a_network_have_the_decay_times_of_its_bands():
    network = fx.FeedbackDelayNetwork(decay_s=1.0, low_decay_s=2.0, high_decay_s=0.5, low_cutoff=200.0, mix=1.0)
    fields, drawn = draw(network, "decay")
    times = dict(zip(drawn["center"].round().int().tolist(), drawn["seconds"].tolist(), strict=True))
    assert times[63] == pytest.approx(2.0, rel=0.15)
    assert times[1000] == pytest.approx(1.0, rel=0.15)
    assert times[7943] == pytest.approx(0.5, rel=0.15)
    assert fields["forms"][1]["y"]["high"] > max(times.values())


def test_what_does_not_sound_on_says_so():
    assert "no echo" in draw(fx.Delay(mix=0.0) | fx.Invert() | Silence(), "echoes")[0]["error"]
    assert "Nothing decays" in draw(fx.Delay(mix=0.0), "decay")[0]["error"]
