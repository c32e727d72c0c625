"""Modules with controls as PyTorch modules: copies, devices, batches, `vmap`, and combinations."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch

import fxlab as fx
from fxlab.module.parameters.control import Control

RATE = 44_100
MODULES = {
    "biquad": lambda: fx.LowPass(cutoff=fx.LFO(300.0, 200.0, 4000.0), q=fx.Ramp(0.7, 4.0, 0.01)),
    "state variable": lambda: fx.StateVariable(cutoff=fx.LFO(300.0, 200.0, 4000.0, "square"), q=fx.LFO(90.0, 1.0, 5.0)),
    "saturating ladder": lambda: fx.Ladder(cutoff=fx.LFO(300.0, 200.0, 4000.0), saturation="tanh"),
    "comb": lambda: fx.Comb(delay_ms=1.0, gain=fx.LFO(300.0, 0.1, 0.5), kind="feedback"),
    "taps": lambda: fx.WindowedSinc(cutoff=fx.LFO(300.0, 200.0, 4000.0), taps=31),
    "bank": lambda: fx.MelBank(bands=4, low=fx.LFO(300.0, 50.0, 90.0)),
    "random": lambda: fx.Gain(fx.LFO(900.0, -20.0, 0.0, "smooth random", seed=7)),
    "tempo": lambda: fx.Tremolo(rate_hz=fx.LFO(1.0, 3.0, 9.0, clock="tempo", tempo_bpm=9000.0, note="1/8.")),
    "automation": lambda: fx.HighPass(cutoff=fx.Automation([0.0, 0.005, 0.01], [100.0, 3000.0, 500.0])),
    "follower": lambda: fx.LowPass(cutoff=fx.Follower(low=200.0, high=4000.0, gain_db=6.0)),
    "audio rate": lambda: fx.LowPass(cutoff=fx.LFO(3000.0, 200.0, 4000.0, hop=1)),
    "two hops": lambda: fx.LowPass(cutoff=fx.LFO(300.0, 200.0, 4000.0, hop=7), q=fx.LFO(90.0, 1.0, 4.0, hop=5)),
    "chain": lambda: fx.HighPass(fx.LFO(9.0, 20.0, 80.0)) | fx.Peak() | fx.LowPass(fx.LFO(300.0, 200.0, 4000.0)),
    "sum": lambda: fx.HighPass(fx.LFO(90.0, 20.0, 80.0)) + fx.LowPass(fx.LFO(300.0, 200.0, 4000.0)),
    "mix": lambda: fx.Mix(fx.LowPass(fx.LFO(300.0, 200.0, 4000.0)) | fx.Gain(), mix=fx.LFO(90.0, 0.0, 1.0)),
}
pytestmark = pytest.mark.filterwarnings("error")


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(8))


def saved_and_loaded(module: fx.Module) -> fx.Module:
    file = io.BytesIO()
    torch.save(module, file)
    return torch.load(io.BytesIO(file.getvalue()), weights_only=False)


def with_its_state(module: fx.Module) -> fx.Module:
    """Return a copy with other values of the controls, into which the state of `module` is loaded."""
    other = copy.deepcopy(module)
    for part in other.modules():
        if isinstance(part, Control):
            for name, value in part.values().items():
                setattr(part, name, value * 0.5)
    other.load_state_dict(module.state_dict())
    return other


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.deepcopy,
        lambda module: pickle.loads(pickle.dumps(module)),
        saved_and_loaded,
        with_its_state,
        lambda module: eval(repr(module), {**vars(fx), "torch": torch}),
        lambda module: fx.Module.from_dict(module.to_dict()),
    ],
    ids=["deepcopy", "pickle", "torch.save", "state_dict", "repr", "to_dict"],
)
@pytest.mark.parametrize("name", MODULES)
def test_a_copy_moves_in_the_same_way(name, duplicate):
    module, x = MODULES[name](), noise(2, 300)
    copied = duplicate(module)
    assert repr(copied) == repr(module)
    torch.testing.assert_close(copied(x, RATE), module(x, RATE), rtol=0, atol=0)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 7, 512])
@pytest.mark.parametrize("name", MODULES)
def test_blocks_of_any_size_equal_one_call(name, size):
    module, x = MODULES[name](), noise(2, 600 if size > 1 else 150)
    y, stream = module(x, RATE), module.stream(RATE)
    blocks = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
    torch.testing.assert_close(blocks, y, rtol=0, atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MODULES if name != "comb"])  # a comb does not run on meta
def test_it_moves_to_another_device_and_takes_float32(name):
    module, x = MODULES[name](), noise(2, 200)
    single = module(x.float(), RATE)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), module(x, RATE), rtol=0, atol=2e-5)
    assert module.to("meta")(x.to("meta"), RATE).shape == x.shape
    assert all(value.is_meta for part in module.modules() for value in part.buffers())


def each(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


PER_EXAMPLE = {
    "biquad": lambda v: fx.LowPass(cutoff=fx.LFO(v, v, 4000.0, phase=v), q=fx.Ramp(0.7, v / 100, 0.01)),
    "state variable": lambda v: fx.StateVariable(cutoff=fx.LFO(v, v, 4000.0)),
    "taps": lambda v: fx.WindowedSinc(cutoff=fx.LFO(v, v, 4000.0), taps=31),
    "gain": lambda v: fx.Gain(fx.LFO(v, -v / 9, 0.0, "smooth random", phase=v)),
    "tremolo": lambda v: fx.Tremolo(rate_hz=fx.LFO(v, 2.0, v / 10)),
    "automation": lambda v: fx.LowPass(cutoff=fx.Automation([0.0, 0.005], torch.stack([v, 9 * v], -1))),
    "follower": lambda v: fx.LowPass(cutoff=fx.Follower(v / 99, v, v, 9 * v)),
    "chain": lambda v: fx.Gain(fx.LFO(v, -v / 9, 0.0)) | fx.LowPass(fx.LFO(v, v, 4000.0)) | fx.HighPass(),
    "mix": lambda v: fx.Mix(fx.LowPass(fx.LFO(v, v, 4000.0)), mix=fx.LFO(v, 0.0, 1.0)),
}


@pytest.mark.parametrize("name", PER_EXAMPLE)
def test_each_example_may_have_a_control_of_its_own(name):
    values, x = each(100.0, 217.0, 330.0), noise(3, 2, 200)
    y = PER_EXAMPLE[name](values)(x, RATE)
    alone = [PER_EXAMPLE[name](value)(row, RATE) for value, row in zip(values, x, strict=True)]
    torch.testing.assert_close(y, torch.stack(alone), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", PER_EXAMPLE)
def test_vmap_maps_over_the_values_of_a_control(name):
    values, x = each(100.0, 217.0, 330.0), noise(2, 200)
    mapped = torch.func.vmap(lambda value: PER_EXAMPLE[name](value)(x, RATE))(values)
    torch.testing.assert_close(mapped, torch.stack([PER_EXAMPLE[name](v)(x, RATE) for v in values]), rtol=0, atol=1e-10)


def test_one_control_moves_two_modules_and_a_copy_keeps_it_shared():
    lfo, x = fx.LFO(300.0, 200.0, 400.0), noise(2, 300)
    pair = fx.LowPass(cutoff=lfo) | fx.HighPass(cutoff=lfo)
    apart = fx.LowPass(cutoff=fx.LFO(300.0, 200.0, 400.0)) | fx.HighPass(cutoff=fx.LFO(300.0, 200.0, 400.0))
    torch.testing.assert_close(pair(x, RATE), apart(x, RATE), rtol=0, atol=0)
    copied = copy.deepcopy(pair)
    copied[0].cutoff.rate_hz = 90.0
    assert copied[1].cutoff.rate_hz == 90.0
    assert lfo.rate_hz == 300.0


def test_the_response_is_that_of_time_0_also_after_the_control_has_changed():
    module = fx.LowPass(cutoff=fx.LFO(1.0, 100.0, 1600.0))
    for low, middle in ((100.0, 400.0), (400.0, 800.0)):
        module.cutoff.low = low
        torch.testing.assert_close(module.sos(RATE), fx.LowPass(cutoff=middle).sos(RATE), rtol=1e-12, atol=0)
        assert module.state_dict()["cutoff.low"] == low


def test_a_learned_rate_is_a_parameter_of_the_module_and_can_be_learned():
    x, wanted = noise(1, 2000), fx.Gain(fx.LFO(30.0, -20.0, 0.0))
    module = fx.Gain(fx.LFO(torch.nn.Parameter(each(33.0)[0]), -20.0, 0.0))
    assert [name for name, _ in module.named_parameters()] == ["gain_db.rate_hz"]
    optimizer = torch.optim.Adam(module.parameters(), lr=0.3)
    for _ in range(60):
        optimizer.zero_grad()
        (module(x, RATE) - wanted(x, RATE)).square().mean().backward()
        optimizer.step()
    assert module.gain_db.rate_hz.item() == pytest.approx(30.0, abs=0.2)
