"""The operator that stands for a recursion in a recorded graph: values and gradients of a plain call, any length."""

import pytest
import scipy.signal as ss
import torch

from fxlab.engine import lfilter, sosfilt, ssfilt
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE
from tests.support.signals import noise

SOS = torch.tensor(ss.butter(4, 1000, fs=RATE, output="sos"))
B, A = (torch.tensor(c) for c in ss.butter(3, 5000, fs=RATE))
SYSTEM = torch.tensor([[0.5, 0.1, 1.0], [-0.1, 0.4, 0.5], [1.0, 2.0, 0.3]], dtype=torch.float64)

# The function, its coefficients, and the shape of its state.
CASES = {
    "sosfilt": (sosfilt, (SOS,), (2, 2)),
    "lfilter of order 2": (lfilter, tuple(map(torch.tensor, ss.butter(2, 5000, fs=RATE))), (2,)),
    "lfilter of order 3": (lfilter, (B, A), (3,)),
    "ssfilt": (ssfilt, (SYSTEM,), (2,)),
}


def exported(name, x, *, with_state=True):
    function, coefficients, shape = CASES[name]

    class Filter(torch.nn.Module):
        def forward(self, x, state, *coefficients):
            return function(x, *coefficients, state if with_state else None)

    state = noise(*x.shape[:-1], *shape, seed=4)
    time = {x.ndim - 1: torch.export.Dim.DYNAMIC}
    shapes = (time, None, tuple(None for _ in coefficients))
    program = torch.export.export(Filter(), (x, state, *coefficients), dynamic_shapes=shapes)
    return program.module(), state


@pytest.mark.parametrize("name", CASES)
def test_an_exported_program_filters_any_length(name):
    program, state = exported(name, noise(2, 100))
    function, coefficients, _ = CASES[name]
    for time in (7, 100, 5003):
        x = noise(2, time, seed=time)
        for ours, plain in zip(program(x, state, *coefficients), function(x, *coefficients, state), strict=True):
            assert torch.equal(ours, plain)


@pytest.mark.parametrize("name", CASES)
def test_an_exported_program_has_the_gradients_of_a_plain_call(name):
    program, state = exported(name, noise(2, 100))
    function, coefficients, _ = CASES[name]
    leaves = [
        noise(2, 333).requires_grad_(),
        state.requires_grad_(),
        *(c.clone().requires_grad_() for c in coefficients),
    ]
    x, state, *coefficients = leaves
    weights = noise(2, 333, seed=5)

    def gradients(y, last):
        return torch.autograd.grad((y * weights).sum() + last.square().sum(), leaves)

    expected = gradients(*function(x, *coefficients, state))
    torch.testing.assert_close(gradients(*program(x, state, *coefficients)), expected, rtol=1e-9, atol=1e-9)


def test_the_state_begins_with_zeros():
    program, state = exported("sosfilt", noise(2, 100), with_state=False)
    x = noise(2, 300)
    assert torch.equal(program(x, state, SOS)[0], sosfilt(x, SOS)[0])


def test_the_operator_in_vmap():
    x, state = noise(3, 2, 120), noise(3, 2, 2, 2, seed=2)
    sos = SOS.repeat(3, 1, 1)
    sos[:, 0, :3] *= torch.tensor([1.0, 0.5, 0.25]).reshape(3, 1)

    def run(x, sos, state):
        return torch.ops.fxlab.filter_signal(x, sos, state, "sections")

    for ours, plain in zip(torch.func.vmap(run)(x, sos, state), sosfilt(x, sos[:, None], state), strict=True):
        torch.testing.assert_close(ours, plain)


def test_batched_gradients_of_the_operator():
    leaves = x, sos, state = noise(2, 20), SOS.clone(), noise(2, 2, 2, seed=2)
    for leaf in leaves:
        leaf.requires_grad_()
    y, _ = torch.ops.fxlab.filter_signal(x, sos, state, "sections")
    directions = noise(3, 2, 20, seed=7)
    found = torch.autograd.grad(y, leaves, directions, is_grads_batched=True)
    for k, direction in enumerate(directions):
        one = torch.autograd.grad(sosfilt(x, sos, state)[0], leaves, direction)
        torch.testing.assert_close(tuple(part[k] for part in found), one)


def test_second_derivatives_of_a_recorded_graph_raise():
    program, state = exported("sosfilt", noise(2, 100))
    x = noise(2, 100).requires_grad_()
    (slope,) = torch.autograd.grad(program(x, state, SOS)[0].square().sum(), x, create_graph=True)
    with pytest.raises(EngineError, match="no second derivatives of recursive filters"):
        slope.square().sum().backward()


def test_the_operator_keeps_the_rules_of_pytorch():
    x, state = noise(2, 40).requires_grad_(), noise(2, 2, 2, seed=3).requires_grad_()
    arguments = (x, SOS.clone().requires_grad_(), state, "sections")
    torch.library.opcheck(torch.ops.fxlab.filter_signal, arguments)


def test_autocast_around_a_recorded_graph_does_not_lower_the_precision():
    program, state = exported("sosfilt", noise(2, 100).float(), with_state=False)
    x = noise(2, 3000).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = program(x, state, SOS)[0]
    assert torch.equal(y, sosfilt(x, SOS)[0])


def test_coefficients_that_are_not_finite_raise_when_the_graph_runs():
    program, state = exported("sosfilt", noise(2, 100))
    with pytest.raises(EngineError, match="a coefficient is not finite in section 1"):
        program(noise(2, 50), state, SOS * torch.tensor([[1.0], [torch.nan]]))
