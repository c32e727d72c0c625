"""The static curve and its derivatives, which are written by hand, against formulas that PyTorch differentiates."""

import pytest
import torch

import fxlab as fx
from fxlab.effects.dynamics import level_curve
from fxlab.effects.dynamics.level_curve import Curve, curve_reduction_db

COMPRESSOR, HARD, EXPANDER = (-20.0, 0.75, 6.0, None), (-20.0, 0.75, 0.0, None), (-30.0, 2.0, 6.0, 20.0)


def derivatives(values, is_below, link_dim, is_power, key):
    """Return the reduction, and the first and second derivatives of a sum over it for the key and each value."""
    curve = [None if v is None else torch.tensor([[v], [0.9 * v]], dtype=key.dtype, requires_grad=True) for v in values]
    leaves = [key, *(v for v in curve if v is not None)]
    y = curve_reduction_db(key, Curve(*curve, is_below=is_below), link_dim, is_power)
    loss = (y.square() * torch.linspace(0.1, 1.0, y.shape[-1], dtype=key.dtype)).sum()
    plain = torch.autograd.grad(loss, leaves, retain_graph=True)
    first = torch.autograd.grad(loss, leaves, create_graph=True)
    second = torch.autograd.grad(sum(each.square().sum() for each in first), leaves)
    return y, plain, first, second


def assert_equal_derivatives(found, expected):
    """Compare with a tolerance relative to the largest value, since the level is a difference near the knee's edge."""
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-9 * float(other.detach().abs().max()) + 1e-12)


@pytest.mark.parametrize(("link_dim", "is_power"), [(None, False), (-2, False), (-2, True)])
@pytest.mark.parametrize(("values", "is_below"), [(COMPRESSOR, False), (HARD, False), (EXPANDER, True)])
def test_derivatives_are_those_of_the_formula(values, is_below, link_dim, is_power, monkeypatch):
    generator = torch.Generator().manual_seed(0)
    key = 0.3 * torch.randn(2, 20_000, dtype=torch.float64, generator=generator)
    key = key.abs() if is_power else key
    key[:, 100:200] = 0.0
    key[1, 300:400] = key[0, 300:400]  # two loudest channels
    key.requires_grad_()
    found = derivatives(values, is_below, link_dim, is_power, key)
    assert_equal_derivatives(found[1], found[2])
    monkeypatch.setattr(level_curve, "is_plain_tensor", lambda _: False)
    expected = derivatives(values, is_below, link_dim, is_power, key)
    torch.testing.assert_close(found[0], expected[0], rtol=0, atol=1e-12)
    assert_equal_derivatives(found[1], expected[1])
    assert_equal_derivatives(found[3], expected[3])


@pytest.mark.parametrize("effect", [fx.Compressor, fx.Expander, fx.DeEsser, fx.MultibandCompressor])
def test_a_batch_of_parameters_and_one_after_the_other_have_the_same_gradients(effect):
    x = 0.3 * torch.randn(3, 2, 400, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    per_example = (3, 1) if effect is fx.MultibandCompressor else (3,)
    ratio = torch.tensor([2.0, 3.0, 4.0], dtype=torch.float64).reshape(per_example).requires_grad_()
    batch = torch.autograd.grad(effect(ratio=ratio)(x, sample_rate=8000 * 3).square().sum(), ratio)[0]
    for number in range(3):
        one = ratio[number].detach().requires_grad_()
        alone = effect(ratio=one)(x[number], sample_rate=8000 * 3).square().sum()
        torch.testing.assert_close(torch.autograd.grad(alone, one)[0], batch[number])


def test_a_compressor_with_a_curve_of_its_own_uses_it():
    class Halving(fx.Compressor):
        def static_reduction_db(self, level):
            return torch.full_like(level, 6.0)

    x = torch.ones(1, 10, dtype=torch.float64)
    found = Halving(attack_ms=0.0).gain_reduction_db(x, sample_rate=48_000)
    torch.testing.assert_close(found, torch.full_like(x, 6.0))
