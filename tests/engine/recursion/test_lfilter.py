"""`lfilter` against SciPy's."""

import numpy as np
import pytest
import scipy.signal as ss
import torch

from fxlab.engine import lfilter
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE, error_db
from tests.support.signals import noise

DESIGNS = {
    "gain": ([0.7], [2.0]),
    "gain and delay": ([0.0, 1.5], [1.0]),
    "one pole": ([0.1], [1.0, -0.9]),
    "leaky difference": ([1.0, -1.0], [1.0, -0.995]),
    "biquad at 5 Hz": ss.butter(2, 5, fs=RATE),
    "third order": ss.butter(3, 2000, fs=RATE),
    "elliptic": ss.ellip(6, 1, 60, 3000, fs=RATE),
    "band-pass of order 8": ss.butter(4, [2000, 8000], "bandpass", fs=RATE),
    "FIR of 40 taps": (ss.firwin(40, 0.3), [1.0]),
    "300 taps over two poles": (ss.firwin(300, 0.3), [2.0, -1.2, 0.8]),
    "more poles than zeros": ([1.0, 0.5], np.poly([0.9, -0.8, 0.5 + 0.5j, 0.5 - 0.5j]).real),
    "comb of 30": ([1.0], [1.0, *[0.0] * 29, -0.7]),
}


def coefficients(name):
    return tuple(np.asarray(part, dtype=float) for part in DESIGNS[name])


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("time", [1, 5, 100, 5000])
def test_against_scipy(name, time):
    b, a = coefficients(name)
    order = max(len(b), len(a)) - 1
    x, first = noise(2, time), noise(2, order, seed=1)
    if order:
        expected, last = ss.lfilter(b, a, x, zi=first.numpy())
    else:
        expected, last = ss.lfilter(b, a, x), np.zeros((2, 0))
    y, state = lfilter(x, torch.tensor(b), torch.tensor(a), first)
    assert state.shape == last.shape
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    if order:
        np.testing.assert_allclose(state, last, rtol=0, atol=1e-9 * np.abs(last).max())


@pytest.mark.parametrize("name", DESIGNS)
def test_accuracy_over_a_second(name):
    b, a = coefficients(name)
    x = noise(2, RATE)
    expected = ss.lfilter(b, a, x)
    y, _ = lfilter(x, torch.tensor(b), torch.tensor(a))
    assert error_db(y, expected) < -165.0
    single, _ = lfilter(x.float(), torch.tensor(b), torch.tensor(a))
    assert single.dtype == torch.float32
    assert error_db(single, ss.lfilter(b, a, x.float().double())) < -100.0


@pytest.mark.parametrize("radius", [0.9, 0.999])
def test_more_accurate_than_scipy(radius):
    """Filter with poles close to z = 1, and compare with long double if that is wider than float64."""
    if np.finfo(np.longdouble).eps > 1e-18:
        pytest.skip("long double is float64 on this machine")
    b, a = ss.zpk2tf([-1.0] * 4, radius * np.exp(1j * np.array([0.2, -0.2, 0.1, -0.1])), 1e-3)
    x = noise(1500)
    truth, state = np.zeros(1500, np.longdouble), np.zeros(5, np.longdouble)
    for i, sample in enumerate(x.numpy()):
        truth[i] = b[0] * sample + state[0]
        state[:-1] = state[1:] + b[1:].astype(np.longdouble) * sample - a[1:].astype(np.longdouble) * truth[i]
    ours, _ = lfilter(x, torch.tensor(b), torch.tensor(a))
    truth = truth.astype(np.float64)
    assert error_db(ours, truth) < error_db(ss.lfilter(b, a, x), truth) - 20.0


@pytest.mark.parametrize("name", ["one pole", "elliptic", "300 taps over two poles", "FIR of 40 taps", "gain"])
def test_blocks_equal_one_shot(name):
    b, a = (torch.tensor(part) for part in coefficients(name))
    x = noise(3, 3000)
    one_shot, last = lfilter(x, b, a)
    state, parts = None, []
    for part in x.split([1, 700, 0, 64, 2235], -1):
        y, state = lfilter(part, b, a, state)
        parts.append(y)
    torch.testing.assert_close(torch.cat(parts, -1), one_shot, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(state, last, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("order", [3, 8, 17])
def test_coefficients_whose_shifted_form_overflows(order):
    a = np.array([1.0, *1e110 * np.random.default_rng(order).standard_normal(order)])
    y, _ = lfilter(torch.ones(3, dtype=torch.float64), torch.ones(1, dtype=torch.float64), torch.from_numpy(a))
    np.testing.assert_allclose(y.numpy(), ss.lfilter([1.0], a, np.ones(3)), rtol=1e-9)


def test_a_filter_for_each_row():
    b = torch.tensor(np.stack([ss.butter(4, c, fs=RATE)[0] for c in (1000, 2000, 4000)]))
    a = torch.tensor(np.stack([ss.butter(4, c, fs=RATE)[1] for c in (1000, 2000, 4000)]))
    x = noise(2, 1, 800)
    y, state = lfilter(x, b, a)
    assert y.shape == (2, 3, 800)
    assert state.shape == (2, 3, 4)
    for i in range(2):
        for j in range(3):
            np.testing.assert_allclose(y[i, j], ss.lfilter(b[j], a[j], x[i, 0]), atol=1e-11)


def test_starts_from_scipys_steady_state():
    b, a = coefficients("elliptic")
    zi = torch.tensor(ss.lfilter_zi(b, a))
    y, _ = lfilter(torch.ones(500, dtype=torch.float64), torch.tensor(b), torch.tensor(a), zi)
    np.testing.assert_allclose(y, b.sum() / a.sum(), rtol=1e-9)


DIFFERENTIATED = ["gain", "one pole", "third order", "300 taps over two poles", "more poles than zeros"]


@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_gradients(name):
    b, a = (torch.tensor(part).requires_grad_() for part in coefficients(name))
    order = max(len(b), len(a)) - 1
    x, state = noise(2, 45).requires_grad_(), noise(2, order, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lfilter, (x, b, a, state), fast_mode=True)
    if order < 10:
        assert torch.autograd.gradgradcheck(lfilter, (x, b, a, state), fast_mode=True)


def test_transforms():
    b, a = (torch.tensor(part) for part in coefficients("elliptic"))
    x = noise(3, 300)
    expected = lfilter(x, b, a)[0]
    torch.testing.assert_close(torch.func.vmap(lambda x: lfilter(x, b, a)[0])(x), expected, rtol=0, atol=1e-5)
    slope = torch.func.grad(lambda a: lfilter(x, b, a)[0].square().sum())(a)
    leaf = a.clone().requires_grad_()
    lfilter(x, b, leaf)[0].square().sum().backward()
    torch.testing.assert_close(slope, leaf.grad, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((noise(9), torch.ones(0).double(), torch.ones(2).double()), r"b is \(0,\)"),
        ((noise(9), [1.0], torch.ones(2).double()), "b is list"),
        ((noise(9), torch.ones(2).double(), torch.tensor([0.0, 1.0]).double()), r"a\[0\] is 0"),
        ((noise(9), torch.tensor([torch.nan]).double(), torch.ones(2).double()), "not finite"),
        ((noise(9), torch.ones(2), torch.ones(2).double()), "b is torch.float32"),
        ((noise(2, 9), torch.ones(3, 2).double(), torch.ones(2).double()), "do not broadcast"),
        ((noise(9), torch.ones(2).double(), torch.ones(2).double(), noise(3)), r"state has the shape \(3,\).*\(1,\)"),
        ((torch.arange(9), torch.ones(2), torch.ones(2)), "int64"),
    ],
)
def test_invalid_arguments_raise(arguments, message):
    with pytest.raises(EngineError, match=message):
        lfilter(*arguments)
