"""Tensors of lists with recorded numbers, which `torch.tensor` would make constants of, in silence."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from tests.page.compiler.test_clock import with_code as with_position
from tests.support.page_programs import RATE, error_db, run_programs, values_of

MAKERS = {
    "tensor": lambda g, x: torch.tensor([g, 1.0])[0],
    "nested": lambda g, x: torch.tensor([[1, g], (g * 2, 3)]).sum(),
    "dtype": lambda g, x: torch.tensor([3 * g], dtype=torch.float32)[0],
    "as_tensor": lambda g, x: torch.as_tensor([g, 1.0], dtype=torch.float32)[0],
    "asarray": lambda g, x: torch.asarray([1, g])[1],
    "new_tensor": lambda g, x: x.new_tensor([g, 1.0])[0],
    "data": lambda g, x: torch.tensor(data=[g, 1.0])[0],
    "of the sound": lambda g, x: torch.tensor([x.abs().max(), g]).prod(),
    "without recorded numbers": lambda g, x: g * torch.tensor([0.5, 2.0])[1],
}


def with_code(code):
    class Own(fx.Module):
        level = fx.Param(0.5, low=0.0, high=1.0)

        def forward(self, x, sample_rate):
            return x * code(self.level * 2, x)

    return Own


def test_numbers_in_a_list_follow_their_control(tmp_path):
    x = torch.randn(1, 100, dtype=torch.float64)
    classes = [with_code(code) for code in MAKERS.values()]
    moved = [own(level=0.85) for own in classes]
    jobs = [
        {
            "program": compile_module(own(), RATE, 1, frames=100, live=False).javascript,
            "runs": [{"values": values_of(module), "input": x}],
        }
        for own, module in zip(classes, moved, strict=True)
    ]
    for name, module, result in zip(MAKERS, moved, run_programs(jobs, tmp_path), strict=True):
        assert "error" not in result, (name, result["error"])
        assert error_db(result["runs"][0]["output"], module(x, RATE)) < -100, name  # float32 in some


def test_a_position_in_a_list_is_recorded():
    module = with_position(lambda p: torch.tensor([p, 1])[0])
    assert "128000" not in compile_module(module, RATE, 1, live=True).javascript  # its value during the trace


def test_a_comparison_of_recorded_tensors_fixes_their_control():
    own = with_code(lambda g, x: 1.0 if torch.allclose(torch.ones_like(g), g) else 0.5)
    assert list(compile_module(own(), RATE, 1, frames=100, live=False).fixed) == ["level"]
