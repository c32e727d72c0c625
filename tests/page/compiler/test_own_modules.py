"""A teacher's own modules: what compiles, and what the error says about the rest."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.engine.torch_support import known_values
from fxlab.module import StatefulModule
from fxlab.page.compiler import compile_module, recorder
from tests.support.page_programs import RATE, error_db, run_programs, values_of


class Fuzz(fx.Module):
    drive = fx.Param(4.0, low=1.0, high=20.0)

    def forward(self, x, sample_rate):
        return torch.tanh(self.drive * x) / torch.tanh(self.drive)

    def forward_block(self, x, state, sample_rate):
        return self.forward(x, sample_rate), None


class Echo(StatefulModule):
    level = fx.Param(0.5, low=0.0, high=1.0)

    def state_shape(self, sample_rate):
        return (1000,)

    def forward_block(self, x, state, sample_rate):
        line = torch.cat([state, x], -1)
        return x + self.level * line[..., : x.shape[-1]], line[..., x.shape[-1] :]


class Eigen(fx.Module):
    size = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        matrix = self.size * torch.ones(2, 2, dtype=torch.float64)
        return x * torch.linalg.eigvals(matrix).real.sum()


class Branch(fx.Module):
    def forward(self, x, sample_rate):
        return -x if x.mean() > 0 else x


def test_own_modules_sound_as_in_torch(tmp_path):
    x = torch.randn(2, 1500, dtype=torch.float64)
    modules = [Fuzz(drive=7.0), Echo(level=0.25)]
    jobs = [
        {
            "program": compile_module(type(m)(), RATE, 2, live=True).javascript,
            "runs": [{"values": values_of(m), "input": x}],
        }
        for m in modules
    ]
    for module, result in zip(modules, run_programs(jobs, tmp_path), strict=True):
        assert "error" not in result, result["error"]
        assert error_db(result["runs"][0]["output"], module(x, RATE)) < -140


def lfo(shape="sine", **more):
    return fx.LFO(rate_hz=40.0, low=300.0, high=3000.0, shape=shape, **more)


MOVING = {
    "sine": lambda: fx.LowPass(cutoff=lfo()),
    "random": lambda: fx.StateVariable(cutoff=lfo("sample and hold", seed=4)),
    "smooth random": lambda: fx.Gain(gain_db=fx.LFO(rate_hz=40.0, low=-6.0, high=3.0, shape="smooth random")),
    "ramp": lambda: fx.Butterworth(cutoff=fx.Ramp(500.0, 4000.0, 0.02), order=3),
    "automation": lambda: fx.Ladder(cutoff=fx.Automation([0.0, 0.01, 0.03], [300.0, 4000.0, 500.0])),
    "follower": lambda: fx.Peak(gain_db=fx.Follower(low=0.0, high=12.0)),
    "delay": lambda: fx.Delay(delay_ms=fx.LFO(rate_hz=20.0, low=5.0, high=7.0)),
    "taps": lambda: fx.WindowedSinc(cutoff=lfo(), taps=101, window="kaiser"),
    "many taps": lambda: fx.WindowedSinc(cutoff=lfo(), taps=801),
    "in a chain": lambda: fx.HighPass() | fx.LowPass(cutoff=lfo("triangle")),
}


def test_moving_parameters_sound_as_in_torch_also_after_a_move_of_their_control(tmp_path):
    x = torch.randn(1, 2000, dtype=torch.float64)
    jobs, modules = [], []
    for make in MOVING.values():
        first, moved = make(), make()
        for path, owner, declaration in moved.walk():
            if path.endswith((".high", ".rate_hz", ".end", ".release_ms")):
                setattr(owner, declaration.name, 0.8 * getattr(owner, declaration.name))
        modules.append([first, moved])
        program = compile_module(first, RATE, 1, live=True, variants=False)
        assert not [why for why in program.fixed.values() if "too many variants" not in why]
        jobs.append(
            {"program": program.javascript, "runs": [{"values": values_of(m), "input": x} for m in (first, moved)]}
        )
    for name, pair, result in zip(MOVING, modules, run_programs(jobs, tmp_path), strict=True):
        assert "error" not in result, (name, result["error"])
        for module, run in zip(pair, result["runs"], strict=True):
            assert error_db(run["output"], module(x, RATE)) < -140, name


def test_the_error_names_the_operation_and_the_line():
    with pytest.raises(fx.CompileError, match=r"test_own_modules.py, line \d+ \(return x \* torch.linalg.eigvals.*eig"):
        compile_module(Eigen(), RATE, 1, frames=100, live=False)


def test_a_branch_on_the_sound_is_an_error_at_its_line():
    with pytest.raises(fx.CompileError, match=r"test_own_modules.py, line \d+ \(return -x if x.mean\(\) > 0"):
        compile_module(Branch(), RATE, 1, frames=100, live=False)


def with_code(code):
    """Return a module whose output is `code(x)`."""

    class Own(fx.Module):
        def forward(self, x, sample_rate):
            return code(x)

    return Own()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (lambda x: x + torch.rand(x.shape), "draws random numbers (rand), and a page would repeat the same ones"),
        (lambda x: x + torch.randn_like(x), "draws random numbers (randn_like)"),
        (lambda x: torch.conv1d(x, torch.ones(1, 1, 5)), "operands of torch.float32 and torch.float64"),
        (lambda x: torch.from_numpy(np.tanh(x.numpy())), "Use functions of PyTorch in place of those of NumPy"),
        (lambda x: x.index_put((x < 0,), torch.zeros(())), "Use torch.where in place of an assignment to x[mask]"),
        (lambda x: None, "Own returns None; it must return a tensor (channels, time)"),
    ],
    ids=["random", "random like the sound", "types", "NumPy", "mask", "no tensor"],
)
def test_the_error_says_what_to_write(code, said):
    with pytest.raises(fx.CompileError, match=re.escape(said)):
        compile_module(with_code(code), RATE, 1, frames=100, live=False)


class Loop(fx.Module):
    level = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        y = x
        for n in range(1, x.shape[-1]):
            y = y + self.level * y[..., n : n + 1] * x
        return y


def test_a_loop_over_samples_is_an_error_at_the_line_of_the_loop(monkeypatch):
    monkeypatch.setattr(recorder, "MAX_STATEMENTS", 200)
    said = r"test_own_modules.py, line \d+ \(for n in range\(1, x.shape\[-1\]\):\): .*more than 200 op.*fallback="
    with pytest.raises(fx.CompileError, match=said):
        compile_module(Loop(), RATE, 1, frames=100, live=False)


class Shortcut(fx.Module):
    """Skips its filter at a gain of 0 dB, as code with a check of values would do."""

    gain_db = fx.Param(0.0, low=-12.0, high=12.0)

    def forward(self, x, sample_rate):
        if not known_values.any_true(self.gain_db != 0.0):
            return x
        return x * 10 ** (self.gain_db / 20)


def test_a_choice_by_a_value_holds_or_is_refused(tmp_path):
    """A program is valid for the values with which the module runs the same operations; others are an error."""
    x = torch.randn(1, 100, dtype=torch.float64)
    first, moved = Shortcut(gain_db=3.0), Shortcut(gain_db=-6.0)
    program = compile_module(first, RATE, 1, frames=100, live=False).javascript
    runs = [{"values": values_of(module), "input": x} for module in (first, moved)]
    refused = [{"values": {"gain_db": 0.0}, "input": x}]
    done, error = run_programs([{"program": program, "runs": part} for part in (runs, refused)], tmp_path)
    for module, run in zip((first, moved), done["runs"], strict=True):
        assert error_db(run["output"], module(x, RATE)) < -140
    assert "no program for these values of gain_db (test_own_modules.py:" in error["error"]


class Volume(fx.Module):
    """Reads the product of its parameters."""

    width, height, depth, scale, level = (fx.Param(0.5, low=0.0, high=1.0) for _ in range(5))

    def forward(self, x, sample_rate):
        return x * float(self.width * self.height * self.depth * self.scale * self.level)


def test_parameters_that_are_read_together_have_one_order():
    """Each build of a page gives the same text."""
    program = compile_module(Volume(), RATE, 1, frames=100, live=False)
    assert list(program.fixed) == ["depth", "height", "level", "scale", "width"]


def test_the_level_of_a_single_tap_moves(tmp_path):
    """A level of 1 needs no product, which must not make it a constant."""
    x = torch.randn(2, 3000, dtype=torch.float64)
    modules = [fx.Delay(delay_ms=20.0, taps=[level]) for level in (1.0, 0.5, -0.25)]
    jobs = [
        {
            "program": compile_module(first, RATE, 2, live=True, variants=False).javascript,
            "runs": [{"values": values_of(module), "input": x} for module in modules],
        }
        for first in modules[:2]
    ]
    for result in run_programs(jobs, tmp_path):
        assert "error" not in result, result["error"]
        for module, run in zip(modules, result["runs"], strict=True):
            assert error_db(run["output"], module(x, RATE)) < -140


def test_a_chain_that_has_run_is_compiled_with_its_parameters():
    """Its kept sections would be constants of the program."""
    chain = fx.LowPass() | fx.HighPass()
    x = torch.randn(2, 128, dtype=torch.float64)
    for _ in range(3):
        chain(x, RATE)
    program = compile_module(chain, RATE, 2, live=True, variants=False)
    assert {"0.cutoff", "1.cutoff"} <= set(re.findall(r'engine.number\(values, "([^"]+)"', program.javascript))


def test_whole_numbers_of_a_delay_jump():
    """A delay time that moves through fractions would read samples that are not there, and give NaN."""
    program = compile_module(fx.Delay(), RATE, 1, live=True).javascript
    assert 'steps: ["' in program
    assert "steps: []" not in program
