"""Whole modules in `torch.compile`, `torch.export` and `torch.jit.trace`: the output of a plain call, at any length."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn

import fxlab as fx
from tests.support.specimens import DELAY_LINES, RATE, specimens

SPECIMENS = specimens()
IN_STEPS = {"AutoWah", "Flanger", "Phaser", "PitchShift", "Resample", "Speed", "TimeStretch"}
NOT_RECORDABLE = (
    IN_STEPS | DELAY_LINES | {"Comb", "FixedPoint", "Kaiser", "Limiter", "MovingAverage", "ZPK", "ZPK of two pairs"}
)
COMPILED = {
    "low-pass": lambda: fx.LowPass(1000.0),
    "ZeroPhase": lambda: fx.ZeroPhase(fx.Butterworth(1000.0, 3)),
    "nested": lambda: (
        fx.HighPass(90.0)
        | fx.Butterworth(1000.0, 4)
        | fx.Mix(fx.Sum(fx.GraphicEQ([6, -9, 3, 0, 12, -12, 1, 2, -3, 5]) | fx.FIR([0.5, 0.5]), fx.Gain(-3.0)), 0.3)
        | fx.Tremolo()
    ),
}
SAYS_WHY = r"cannot be part of a graph that PyTorch records.* (Record (fx\.|a call)|(Apply|Measure) .* outside the)"
SAYS_RANGE = r"LowPass: cutoff must be above 0 Hz and below half the sample rate \(24000 Hz\)"


def fast_or_slow(names, *fast: str):
    """Return the names, those that are not in `fast` with the mark `slow`."""
    return [name if name in fast else pytest.param(name, marks=pytest.mark.slow) for name in names]


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape)))


def compiled(module: nn.Module, **options) -> nn.Module:
    torch._dynamo.reset()
    return torch.compile(module, **({"fullgraph": True, "backend": "eager"} | options))


def exported(module: nn.Module, x: torch.Tensor) -> nn.Module:
    time = {x.ndim - 1: torch.export.Dim.DYNAMIC}
    return torch.export.export(module, (x, RATE), dynamic_shapes=(time, None), strict=False).module()


def traced(module: fx.Module, x: torch.Tensor) -> nn.Module:
    module.sample_rate = RATE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated, and values that became constants give warnings
        return torch.jit.trace(module, x, check_trace=False)


# -- torch.compile --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", fast_or_slow(COMPILED, "low-pass"))
def test_a_compiled_module_gives_the_same_output_without_a_graph_break(name):
    module = COMPILED[name]()
    run = compiled(module)
    for shape in ((2, 300), (2, 777)):
        assert torch.equal(run(noise(*shape), RATE), module(noise(*shape), RATE))


@pytest.mark.slow
def test_a_compiled_module_gives_the_same_gradients():
    gain_db = nn.Parameter(torch.tensor([-3.0, 6.0], dtype=torch.float64))
    module, x = fx.Gain(gain_db), noise(2, 3, 300).double().requires_grad_()
    run = compiled(module, backend="aot_eager")
    ours, plain = (torch.autograd.grad(f(x, RATE).square().sum(), [x, gain_db]) for f in (run, module))
    torch.testing.assert_close(ours, plain)


@pytest.mark.slow
def test_a_compiled_module_follows_its_parameters_and_the_sample_rate():
    module = fx.LowPass(1000.0) | fx.Gain(-3.0)
    run, x = compiled(module), noise(2, 100)
    for cutoff, rate in ((1000.0, 48_000.0), (3000.0, 48_000.0), (3000.0, 44_100.0), (500.0, 96_000)):
        module[0].cutoff = cutoff
        assert torch.equal(run(x, rate), module(x, rate))


@pytest.mark.slow
def test_values_are_checked_when_a_compiled_graph_runs():
    module, x = fx.LowPass(20_000.0), noise(1, 50)
    run = compiled(module)
    run(x, RATE)
    module.cutoff = 30_000.0
    with pytest.raises(RuntimeError, match=SAYS_RANGE):
        run(x, RATE)


class Breaking(fx.Module):
    """A user's module at which `torch.compile` breaks the graph."""

    depth = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        torch._dynamo.graph_break()
        return x * self.depth


@pytest.mark.slow
def test_a_graph_break_inside_a_module_changes_nothing():
    module = fx.LowPass(500.0) | Breaking()
    run, x = compiled(module, fullgraph=False), noise(2, 3, 100)
    for depth in (0.1, [0.2, 0.3], [0.4, 0.5]):
        module[1].depth = torch.tensor(depth)
        assert torch.equal(run(x, RATE), module(x, RATE))


@pytest.mark.slow
def test_what_cannot_be_compiled_says_so_and_runs_without_fullgraph():
    module, x = fx.Kaiser(1000.0), noise(2, 50)
    with pytest.raises(Exception, match=f"Kaiser {SAYS_WHY}"):
        compiled(module)(x, RATE)
    assert torch.equal(compiled(module, fullgraph=False)(x, RATE), module(x, RATE))


# -- torch.export and torch.jit.trace -------------------------------------------------------------------------------


def equals_a_plain_call_or_says_why_not(record, name, unable):
    module, x, longer = SPECIMENS[name](), noise(2, 60), noise(2, 431)
    if name in unable:
        with pytest.raises(fx.FxlabError, match=f"{type(module).__name__} {SAYS_WHY}"):
            record(module, x)
        return
    expected = [module(one, RATE) for one in (x, longer)]
    graph = record(module, x)
    for one, y in zip((x, longer), expected, strict=True):
        assert torch.equal(graph(one, RATE) if record is exported else graph(one), y)
    assert torch.equal(module(x, RATE), expected[0])  # the recording has left nothing behind


@pytest.mark.parametrize("name", fast_or_slow(SPECIMENS, "LowPass", "Mix of a Chain", "Kaiser"))
def test_an_exported_module_gives_the_same_output_at_any_length(name):
    equals_a_plain_call_or_says_why_not(exported, name, NOT_RECORDABLE)


@pytest.mark.parametrize("name", fast_or_slow(SPECIMENS, "LowPass", "Mix of a Chain", "FixedPoint"))
def test_a_traced_module_gives_the_same_output_at_any_length(name):
    equals_a_plain_call_or_says_why_not(traced, name, IN_STEPS | DELAY_LINES | {"FixedPoint"})


@pytest.mark.slow
def test_the_first_call_may_be_an_export():
    rate = 47_123.0  # at which no other test fills a cache
    module = fx.GraphicEQ(bands=31) | fx.WindowedSinc(1000.0, taps=37, window="parzen") | fx.Bessel(2000.0, 7)
    x = noise(1, 80)
    program = torch.export.export(module, (x, rate), strict=False).module()
    assert torch.equal(program(x, rate), module(x, rate))


def test_an_exported_module_is_saved_and_loaded(tmp_path):
    module, x = fx.LowPass(1000.0) | fx.FIR([0.5, 0.5]), noise(2, 100)
    program = torch.export.export(module, (x, RATE), dynamic_shapes=({1: torch.export.Dim.DYNAMIC}, None))
    torch.export.save(program, tmp_path / "chain.pt2")
    loaded = torch.export.load(tmp_path / "chain.pt2").module()
    assert torch.equal(loaded(noise(2, 555), RATE), module(noise(2, 555), RATE))


def test_values_are_checked_when_an_exported_program_runs():
    x = noise(1, 50)
    program = exported(fx.LowPass(20_000.0), x)
    program(x, RATE)
    program.cutoff.fill_(30_000.0)
    with pytest.raises(RuntimeError, match=SAYS_RANGE):
        program(x, RATE)


def test_the_parameters_of_a_traced_module_stay_adjustable():
    x = noise(2, 200)
    graph = traced(fx.LowPass(1000.0), x)
    graph.cutoff.fill_(4000.0)
    assert torch.equal(graph(x), fx.LowPass(4000.0)(x, RATE))


def test_a_module_that_moves_cannot_be_recorded():
    module, x = fx.LowPass(fx.LFO(2.0, 300.0, 900.0)), noise(1, 50)
    with pytest.raises(fx.FxlabError, match=r"LowPass cannot be part of a graph .*: cutoff moves with time"):
        exported(module, x)
    frozen = module.frozen_at(0.1)
    assert torch.equal(exported(frozen, x)(x, RATE), frozen(x, RATE))


def test_zero_phase_filtering_of_given_sections_cannot_be_exported_with_padding():
    sections = fx.SOS([[0.5, 0.0, 0.0, 1.0, -0.5, 0.0]])
    x = noise(1, 50)
    with pytest.raises(fx.FxlabError, match=r"ZeroPhase cannot be part of a graph .* the SOS. Give it a pad_length"):
        exported(fx.ZeroPhase(sections), x)
    module = fx.ZeroPhase(sections, padding="none")
    assert torch.equal(exported(module, x)(x, RATE), module(x, RATE))
