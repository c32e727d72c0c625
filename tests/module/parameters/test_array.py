"""`ArrayParam`: accepted and rejected values, `repr`, and that arrays are stored and saved like other parameters."""

from __future__ import annotations

import copy
import json
import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn

import fxlab as fx
from tests.support.specimens import eval_repr, same_modules

RATE = 48_000.0

FACTORIES = {
    "FIR": lambda: fx.FIR([0.1, 0.3, 0.0, 0.4, -0.2]),
    "FIR for each example": lambda: fx.FIR(torch.randn(2, 3, 4, dtype=torch.float64)),
    "SOS": lambda: fx.SOS(fx.Elliptic(2000.0, 5).sos(RATE)),
    "TransferFunction": lambda: fx.TransferFunction(b=[0.1, 0.0, -0.1], a=[2.0, -1.7, 0.8]),
    "ZPK": lambda: fx.ZPK([1.0, -1.0], [0.9 + 0.2j, 0.9 - 0.2j, 0.3], 0.05),
}


@pytest.mark.parametrize("name", FACTORIES)
def test_dictionaries_copies_reprs_and_states_keep_the_values(name):
    module = FACTORIES[name]()
    for restored in (
        fx.Module.from_dict(json.loads(json.dumps(module.to_dict()))),
        copy.deepcopy(module),
        pickle.loads(pickle.dumps(module)),
        eval_repr(repr(module)),
    ):
        assert same_modules(restored, module)
    fresh = type(module)()
    fresh.load_state_dict(module.state_dict())
    assert same_modules(fresh, module)
    for method in ("half", "double"):
        assert same_modules(getattr(copy.deepcopy(module), method)(), module)


def test_lists_arrays_and_tensors_are_equivalent():
    taps = [0.25, 0.5, 0.25]
    for given in (taps, tuple(taps), np.array(taps), np.array(taps, np.float32), torch.tensor(taps)):
        assert fx.FIR(given).taps.tolist() == taps
        assert fx.FIR(taps=given).taps.tolist() == taps
    assert fx.FIR([1, 2]).taps.dtype == torch.float64
    assert fx.ZPK(poles=[0.5]).p.dtype == torch.complex128
    assert fx.ZPK(zeros=np.array([]), poles=torch.tensor([0.5])).p.tolist() == [0.5 + 0j]


def test_the_callers_array_and_the_modules_value_are_independent():
    array = torch.tensor([1.0, 2.0], dtype=torch.float64)
    module = fx.FIR(array)
    array[0] = 5.0
    assert module.taps.tolist() == [1.0, 2.0]


def test_a_learned_array_stays_the_same_object_and_can_be_optimized():
    taps = nn.Parameter(torch.tensor([1.0, 0.0, 0.0]))
    module = fx.FIR(taps)
    assert module.taps is taps
    assert [name for name, _ in module.named_parameters()] == ["taps"]
    x = torch.randn(1, 64)
    target = fx.FIR([0.2, 0.5, -0.3])(x, sample_rate=RATE)
    optimizer = torch.optim.LBFGS(module.parameters(), max_iter=30)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        error = (module(x, sample_rate=RATE) - target).square().sum()
        error.backward()
        return error

    optimizer.step(loss)
    torch.testing.assert_close(taps.detach(), torch.tensor([0.2, 0.5, -0.3]), rtol=0, atol=1e-3)
    assert repr(module).startswith("FIR(taps=torch.nn.Parameter(torch.tensor([")


def test_an_array_may_differ_by_example_and_channel():
    taps = torch.randn(3, 2, 5, dtype=torch.float64)
    x = torch.randn(3, 2, 40, dtype=torch.float64)
    y = fx.FIR(taps)(x, sample_rate=RATE)
    for example in range(3):
        for channel in range(2):
            alone = fx.FIR(taps[example, channel])(x[example, channel], sample_rate=RATE)
            torch.testing.assert_close(y[example, channel], alone)
    by_example = fx.FIR(taps[:, 0])(x, sample_rate=RATE)
    torch.testing.assert_close(by_example[1, 1], fx.FIR(taps[1, 0])(x[1, 1], sample_rate=RATE))
    assert fx.FIR(taps).response([100.0, 200.0], RATE).shape == (3, 2, 2)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: fx.FIR([]), r"FIR: taps is empty, of shape \(0,\); give at least one of its taps"),
        (lambda: fx.ArrayParam([], shape=("taps",)), "ArrayParam: default is empty"),
        (lambda: fx.ArrayParam(["x"], shape=("taps",)), r"ArrayParam: default must be an array of numbers \(taps,\)"),
        (lambda: fx.FIR(0.5), r"FIR: taps has shape \(\); it must be \(taps,\), with \(batch,\)"),
        (lambda: fx.FIR([1.0, math.nan]), "FIR: taps is nan; it must be a finite number"),
        (lambda: fx.FIR("loud"), r"FIR: taps must be an array of numbers \(taps,\), not 'loud'"),
        (lambda: fx.FIR([[1.0], [1.0, 2.0]]), "FIR: taps must be an array of numbers"),
        (lambda: fx.FIR([1j]), "FIR: taps must be an array of numbers"),
        (lambda: fx.FIR(None), "FIR: taps must be an array of numbers"),
        (lambda: fx.FIR([torch.tensor(1.0, requires_grad=True)]), r"torch\.stack"),
        (lambda: fx.FIR(torch.zeros(2, 2, 2, 2)), r"FIR: taps has shape \(2, 2, 2, 2\)"),
        (lambda: fx.SOS([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), r"SOS: sos has shape \(6,\); it must be \(sections, 6\)"),
        (lambda: fx.SOS(torch.ones(2, 5)), r"shape \(2, 5\); it must be \(sections, 6\)"),
        (lambda: fx.FIR(tap=[1.0]), "FIR has no parameter 'tap'; it has taps, sample_rate. Did you mean 'taps'"),
        (lambda: fx.ZPK(zero=[1.0]), "Did you mean 'zeros'"),
    ],
)
def test_the_message_for_an_invalid_array_names_the_parameter(make, says):
    with pytest.raises(fx.ParameterError, match=says):
        make()


def test_a_batch_that_does_not_match_the_input_is_rejected():
    with pytest.raises(
        fx.ParameterError, match=r"FIR: taps has shape \(3, 4\), whose batch dimensions \(3,\) do not align"
    ):
        fx.FIR(torch.ones(3, 4))(torch.zeros(2, 1, 9), sample_rate=RATE)


def test_repr_and_card_of_a_long_array_contain_its_size_only():
    assert repr(fx.FIR(torch.ones(2047))) == "FIR(taps=<2047 taps>)"
    assert repr(fx.FIR(torch.ones(2, 100))) == "FIR(taps=<2 × 100 taps>)"
    page = fx.FIR(torch.ones(300))._repr_mimebundle_(include={"text/html"})[0]["text/html"]
    assert "300\u00a0taps" in page


def test_a_users_class_may_declare_an_array():
    class Levels(fx.Module):
        levels = fx.ArrayParam([0.0, 1.0], shape=("levels",), doc="Levels, of which the mean is applied.")

        def forward(self, x, sample_rate):
            return x * self.levels.mean(-1, keepdim=True).to(x)

    assert Levels([1.0, 3.0])(torch.ones(1, 4), sample_rate=RATE).tolist() == [[2.0] * 4]
    two = Levels([[1.0, 3.0], [0.0, 0.0]])
    assert two(torch.ones(2, 1, 3), sample_rate=RATE)[:, 0, 0].tolist() == [2.0, 0.0]
