"""A teacher's own modules: what compiles, and what the error says about the rest."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.module import StatefulModule
from fxlab.page.compiler import compile_module
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
    modules = [Fuzz(drive=7.0), Echo(level=0.25), fx.LowPass(cutoff=fx.LFO(rate_hz=40.0, low=300.0, high=3000.0))]
    jobs = [
        {
            "program": compile_module(type(m)() if type(m) is not fx.LowPass else m, RATE, 2, live=True).javascript,
            "runs": [{"values": values_of(m), "input": x}],
        }
        for m in modules
    ]
    for module, result in zip(modules, run_programs(jobs, tmp_path), strict=True):
        assert "error" not in result, result["error"]
        assert error_db(result["runs"][0]["output"], module(x, RATE)) < -140


def test_the_error_names_the_operation_and_the_line():
    with pytest.raises(fx.CompileError, match=r"test_own_modules.py, line \d+ \(return x \* torch.linalg.eigvals.*eig"):
        compile_module(Eigen(), RATE, 1, frames=100, live=False)


def test_a_branch_on_the_sound_is_an_error_at_its_line():
    with pytest.raises(fx.CompileError, match=r"test_own_modules.py, line \d+ \(return -x if x.mean\(\) > 0"):
        compile_module(Branch(), RATE, 1, frames=100, live=False)
