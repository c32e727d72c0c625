"""Modules whose state is a position: what they compute with it follows the sound or is an error, and is no constant."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.module import StatefulModule
from fxlab.page.compiler import compile_module
from tests.support.page_programs import RATE, error_db, run_programs

BLOCK = 128


def with_code(code):
    """Return a module whose output is the input times `code(position)`."""

    class Own(StatefulModule):
        def forward_block(self, x, state, sample_rate):
            position = 0 if state is None else state
            return x * code(position), position + x.shape[-1]

    return Own()


CALCULATED = {
    "abs": lambda p: abs(p - 300),
    "plus": lambda p: +p,
    "round": lambda p: round(p) + math.floor(p) + math.ceil(p) + math.trunc(p),
    "divmod": lambda p: divmod(p, 100)[0] + 3 * divmod(p, 100)[1],
    "divmod of a number": lambda p: divmod(100_000, p + 1)[0] + 3 * divmod(100_000, p + 1)[1],
    "power": lambda p: p**2 + pow(p, 2, 7),
    "negative power": lambda p: (p + 1) ** -1,
    "power of a number": lambda p: 1.001**p,
    "quotient of a number": lambda p: 3 / (p + 1) + 3.0 / (p + 1),
    "floor of a quotient of a number": lambda p: 100_000 // (p + 1),
    "remainder of a number": lambda p: 100_000 % (p + 1),
    "float first": lambda p: 2.0 * p + (0.5 + p) - (0.5 - p),
    "sine": lambda p: torch.sin(torch.as_tensor(0.01 * p)),
    "shifts": lambda p: (p >> 5) + (p << 2) + (p >> 9),
    "lowest bits": lambda p: (p & 1) + (p & 255) + (255 & p),
    "complement": lambda p: ~p,
    "sum": lambda p: sum([p, p]),
    "type": lambda p: 2.0 if isinstance(p, int) else 1.0,
    "functions of torch": lambda p: (
        torch.as_tensor(p) + torch.tensor(p) + torch.full((1,), 2) * torch.as_tensor(p).mul(p)
    ),
}


def test_a_calculation_with_a_position_sounds_as_in_torch(tmp_path):
    x = torch.randn(1, 5 * BLOCK, dtype=torch.float64)
    modules = [with_code(code) for code in CALCULATED.values()]
    jobs = [
        {"program": compile_module(module, RATE, 1, live=True).javascript, "runs": [{"values": {}, "input": x}]}
        for module in modules
    ]
    for name, module, result in zip(CALCULATED, modules, run_programs(jobs, tmp_path), strict=True):
        assert "error" not in result, (name, result["error"])
        state, parts = None, []
        for block in x.split(BLOCK, -1):
            part, state = module.forward_block(block, state, RATE)
            parts.append(part)
        assert error_db(result["runs"][0]["output"], torch.cat(parts, -1)) < -100, name  # float32 in some operations


READ = {
    "int": int,
    "float": float,
    "complex": lambda p: abs(complex(p)),
    "range": lambda p: len(range(p)),
    "index": lambda p: [0.5, *[1.0] * 1_000_000][p],
    "slice": lambda p: torch.arange(1e6, dtype=torch.float64)[p : p + 1],
    "text": lambda p: float(f"{p}") + float(str(p)),
    "math": math.sin,
    "tens": lambda p: round(p, -1),
    "key": lambda p: {1: 2.0}.get(p, 3.0),
}


@pytest.mark.parametrize("code", READ.values(), ids=READ)
def test_reading_the_value_of_a_position_is_an_error(code):
    said = r"test_clock\.py, line \d+ .*reads the value of the position in the sound.*torch\.as_tensor\(position\)"
    with pytest.raises(fx.CompileError, match=said):
        compile_module(with_code(code), RATE, 1, live=True)


CHOSEN = {
    "above": lambda p: 2.0 if p > 3 else 1.0,
    "float first": lambda p: 2.0 if 3.0 < p else 1.0,  # noqa: SIM300
    "equal": lambda p: 2.0 if p == 3 else 1.0,
    "maximum": lambda p: max(p, 3),
    "bool": lambda p: 2.0 if p else 1.0,
}


@pytest.mark.parametrize("code", CHOSEN.values(), ids=CHOSEN)
def test_a_choice_by_a_position_is_an_error(code):
    with pytest.raises(fx.CompileError, match=re.escape("chooses by the position in the sound. Use torch.where")):
        compile_module(with_code(code), RATE, 1, live=True)


def test_numpy_has_no_value_of_a_position():
    with pytest.raises(TypeError):
        compile_module(with_code(lambda p: torch.from_numpy(np.arange(p, p + 1))), RATE, 1, live=True)
