"""Every continuous parameter of every public module either moves, with the right result, or says why it cannot."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.errors import ParameterError
from tests.support.specimens import DELAY_LINES, QUIET_INPUT, RATE, all_params, public_classes, specimens, value_at

SPECIMENS, CLASSES = specimens(), public_classes()
BLOCKS = (1, 22, 0, 73)
SAMPLES = sum(BLOCKS)
HOP = 16
# These read a value for every sample, or crossfade, so that a stream whose parameter changes every 16 samples differs.
NOT_IN_STEPS = (
    "BitCrush",
    "DeEsser",
    "Overdrive",
    "TransientShaper",
    "WaveShaper",
    "AutoPan",
    "AutoWah",
    "Chorus",
    "Comb",
    "Compressor",
    "ConvolutionReverb",
    "DCOffset",
    "Differentiator",
    "Distortion",
    "Equiripple",
    "Expander",
    "Flanger",
    "Gain",
    "Gate",
    "Kaiser",
    "LeastSquares",
    "Limiter",
    "MidSide",
    "Mix",
    "Pan",
    "Phaser",
    "RingModulator",
    "Tremolo",
    "Vibrato",
    "WindowedSinc",
    "StereoWidth",
    *DELAY_LINES,
)
NO_EFFECT_YET = {("Comb", "gain"), ("Gate", "hysteresis_db"), ("Gate", "threshold_db")}
NO_EFFECT_YET |= {("Delay", "delay_ms"), ("Delay", "feedback"), ("Reverb", "width")}
NO_EFFECT_YET |= {("DeEsser", "knee_db"), ("Expander", "knee_db"), ("Expander", "range_db")}
NO_EFFECT_YET |= {("Chorus", name) for name in ("rate_hz", "depth", "delay_ms", "stereo_phase")}
NO_EFFECT_YET |= {("Flanger", "feedback"), ("Flanger", "stereo_phase")}


def control(declaration: fx.Param) -> fx.LFO:
    """Return an LFO in the middle of the slider, fast enough to move within a few samples."""
    return fx.LFO(300.0, value_at(declaration, 0.3), value_at(declaration, 0.6), phase=40.0)


def movable() -> list[tuple[str, str]]:
    return [(name, param) for name, param in all_params() if param not in CLASSES[name].fixed_parameters]


def noise() -> torch.Tensor:
    return torch.randn(2, SAMPLES, dtype=torch.float64, generator=torch.Generator().manual_seed(5))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "param"), movable())
def test_a_moving_parameter_has_an_effect_and_streams(name, param):
    declaration, x = CLASSES[name].declarations[param], noise()
    x *= QUIET_INPUT.get(name, 1.0)
    others = {"gain_db": 6.0} if "gain_db" in CLASSES[name].declarations and param != "gain_db" else {}
    module = SPECIMENS[name](**{param: control(declaration)}, **others)
    y, stream = module(x, sample_rate=RATE), module.stream(RATE)
    blocks = torch.cat([*(stream(block) for block in x.split(BLOCKS, -1)), stream.flush()], -1)
    torch.testing.assert_close(blocks, y, rtol=0, atol=1e-10)
    first = control(declaration).evaluate(torch.zeros(1), RATE, declaration.scale).item()
    # The echo of a comb comes later, a gate stays closed, and the level is outside the knee and the range.
    if (name, param) not in NO_EFFECT_YET:
        assert not torch.allclose(
            SPECIMENS[name](**{param: first}, **others)(x, sample_rate=RATE), y, rtol=0, atol=1e-9
        )


@pytest.mark.parametrize(("name", "param"), [pair for pair in movable() if pair[0] not in NOT_IN_STEPS])
def test_a_moving_filter_equals_a_stream_whose_parameter_changes_at_every_step(name, param):
    declaration, x = CLASSES[name].declarations[param], noise()
    values = control(declaration).evaluate(torch.arange(0, SAMPLES, HOP), RATE, declaration.scale).tolist()
    constant = SPECIMENS[name](**{param: values[0]})
    stream, outputs = constant.stream(RATE), []
    for value, block in zip(values, x.split(HOP, -1), strict=True):
        setattr(constant, param, value)
        outputs.append(stream(block))
    y = SPECIMENS[name](**{param: control(declaration)})(x, sample_rate=RATE)
    torch.testing.assert_close(y, torch.cat(outputs, -1), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "param"), [pair for pair in all_params() if pair[1] in CLASSES[pair[0]].fixed_parameters]
)
def test_a_parameter_that_cannot_move_says_why(name, param):
    with pytest.raises(ParameterError, match=rf"{name}: {param} cannot be LFO\(.*, since it cannot move: \w.*\."):
        SPECIMENS[name](**{param: control(CLASSES[name].declarations[param])})


@pytest.mark.parametrize("around", [fx.ZeroPhase, fx.FixedPoint])
def test_modules_whose_parts_cannot_move_say_why(around):
    with pytest.raises(ParameterError, match=r"module\.cutoff is LFO\(.*but its parts cannot move"):
        around(fx.LowPass(cutoff=fx.LFO(1.0, 200.0, 4000.0)))(noise(), sample_rate=RATE)
