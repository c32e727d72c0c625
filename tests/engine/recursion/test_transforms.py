"""`sosfilt` gives the same results inside PyTorch's transforms as outside."""

import pytest
import scipy.signal as ss
import torch

from fxlab.engine import sosfilt
from tests.support.recursion_designs import RATE
from tests.support.signals import noise

SOS = torch.tensor(ss.butter(4, 1000, fs=RATE, output="sos"))


def output(x, sos):
    return sosfilt(x, sos)[0]


def loss(sos, x):
    return output(x, sos).square().sum()


def gradient(x, sos):
    leaf = sos.clone().requires_grad_()
    return torch.autograd.grad(loss(leaf, x), leaf)[0]


def test_vmap_over_signals_over_filters_and_over_both():
    x = noise(3, 700)
    expected = output(x, SOS)
    torch.testing.assert_close(torch.func.vmap(output, (0, None))(x, SOS), expected)
    torch.testing.assert_close(torch.func.vmap(output, (None, 0))(x, SOS.expand(2, 2, 6))[1], expected)
    torch.testing.assert_close(torch.func.vmap(output)(x, SOS.expand(3, 2, 6)), expected)


def test_grad_and_per_example_gradients():
    x = noise(3, 700)
    torch.testing.assert_close(torch.func.grad(loss)(SOS, x), gradient(x, SOS), rtol=1e-8, atol=1e-3)
    per_example = torch.func.vmap(torch.func.grad(loss), (None, 0))(SOS, x)
    torch.testing.assert_close(per_example[2], gradient(x[2], SOS), rtol=1e-8, atol=1e-3)


def test_jacobians_forwards_and_backwards_agree():
    x = noise(60)
    forwards = torch.func.jacfwd(lambda sos: output(x, sos))(SOS)
    backwards = torch.func.jacrev(lambda sos: output(x, sos))(SOS)
    torch.testing.assert_close(forwards, backwards)


def test_forward_mode():
    x = noise(300)
    direction = noise(2, 6, seed=2) * 1e-3
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(SOS, direction)
        tangent = torch.autograd.forward_ad.unpack_dual(output(x, dual)).tangent
    step = 1e-6
    slope = (output(x, SOS + step * direction) - output(x, SOS - step * direction)) / (2 * step)
    torch.testing.assert_close(tangent, slope, rtol=1e-5, atol=1e-5)


def test_compile_without_graph_break():
    x = noise(2, 700)
    compiled = torch.compile(output, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x, SOS), output(x, SOS))
    leaf = SOS.clone().requires_grad_()
    compiled(x, leaf).square().sum().backward()
    torch.testing.assert_close(leaf.grad, gradient(x, SOS), rtol=1e-8, atol=1e-3)


def test_export():
    class Filter(torch.nn.Module):
        def forward(self, x, sos):
            return sosfilt(x, sos)

    x = noise(2, 700)
    y, state = torch.export.export(Filter(), (x, SOS)).module()(x, SOS)
    torch.testing.assert_close(y, output(x, SOS))
    torch.testing.assert_close(state, sosfilt(x, SOS)[1])


def test_shapes_on_the_meta_device():
    y, state = sosfilt(torch.empty(2, 100, device="meta"), SOS.to("meta"))
    assert y.shape == (2, 100)
    assert state.shape == (2, 2, 2)


def test_autocast_does_not_lower_the_precision():
    x = noise(2, 5000).float()
    leaf = SOS.clone().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = output(x, SOS)
        torch.autograd.backward(output(x, leaf).square().sum())
    torch.testing.assert_close(y, output(x, SOS))
    torch.testing.assert_close(leaf.grad, gradient(x, SOS))


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_matrices_cached_in_inference_serve_training(mode):
    x, sos = noise(2, 900).float(), SOS * 1.0000001
    with mode():
        expected = output(x, sos)
    leaf = x.clone().requires_grad_()
    y = output(leaf, sos)
    torch.testing.assert_close(y.detach(), expected, rtol=1e-5, atol=1e-6)
    y.sum().backward()
    assert torch.isfinite(leaf.grad).all()


def test_checkpointing():
    x = noise(2, 900).requires_grad_()
    y = torch.utils.checkpoint.checkpoint(output, x, SOS, use_reentrant=False)
    (found,) = torch.autograd.grad(y.square().sum(), x)
    (expected,) = torch.autograd.grad(output(x, SOS).square().sum(), x)
    torch.testing.assert_close(found, expected)
