"""First states: those of SciPy's functions of the same name, and outputs that start as if they had always run."""

import numpy as np
import pytest
import scipy.signal as ss
import torch

from fxlab.engine import lfilter, lfilter_zi, lfiltic, sosfilt, sosfilt_zi, ssfilt, ssfilt_zi
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE
from tests.support.signals import noise

DESIGNS = {
    "low-pass": {"N": 4, "Wn": 1000.0},
    "odd low-pass": {"N": 5, "Wn": 3000.0},
    "high-pass": {"N": 3, "Wn": 2000.0, "btype": "highpass"},
    "band-pass": {"N": 2, "Wn": (2000.0, 6000.0), "btype": "bandpass"},
    "band-stop": {"N": 2, "Wn": (2000.0, 6000.0), "btype": "bandstop"},
}
POLYNOMIALS = [
    ([0.3, 0.2], [2.0, -0.5, 0.3, 0.1]),
    ([1.0, 2.0, 3.0, 4.0], [1.0, 0.5]),
    ([0.5], [1.0, -0.9]),
    ([1.0, -1.0], [1.0]),
    ([2.0], [4.0]),
]


def tensor(values):
    return torch.tensor(np.asarray(values, np.float64))


def pairs(count):
    return torch.ones(count, 2, dtype=torch.float64)


@pytest.mark.parametrize("name", DESIGNS)
def test_the_steady_states_equal_scipys(name):
    sos = ss.butter(fs=RATE, output="sos", **DESIGNS[name])
    b, a = ss.butter(fs=RATE, output="ba", **DESIGNS[name])
    expected = torch.tensor(ss.sosfilt_zi(sos))
    torch.testing.assert_close(sosfilt_zi(tensor(sos)), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(sosfilt_zi(3 * tensor(sos)), expected, rtol=1e-12, atol=1e-12)  # with any a0
    torch.testing.assert_close(lfilter_zi(tensor(b), tensor(a)), tensor(ss.lfilter_zi(b, a)), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("b", "a"), POLYNOMIALS)
def test_lfilter_zi_and_lfiltic_equal_scipys_for_other_lengths_and_leading_coefficients(b, a):
    if max(len(b), len(a)) > 1:
        expected = tensor(ss.lfilter_zi(b, a))
        torch.testing.assert_close(lfilter_zi(tensor(b), tensor(a)), expected, rtol=1e-12, atol=1e-12)
    for y, x in (([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]), ([1.5], [0.5, 2.0]), ([], [1.0]), ([1.0, 2.0], None)):
        expected = tensor(ss.lfiltic(b, a, y, x))
        found = lfiltic(tensor(b), tensor(a), tensor(y), None if x is None else tensor(x))
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", DESIGNS)
def test_the_output_starts_as_if_the_first_sample_had_always_been_there(name):
    sos = tensor(ss.butter(fs=RATE, output="sos", **DESIGNS[name]))
    x = noise(3, 500)
    y, _ = sosfilt(x, sos, x[..., :1, None] * sosfilt_zi(sos))
    # Long before the start the input is constant, so that the transient has decayed.
    before = x[:, :1].expand(3, 20_000)
    expected, _ = sosfilt(torch.cat([before, x], -1), sos)
    torch.testing.assert_close(y, expected[:, 20_000:], rtol=1e-9, atol=1e-9)


def test_a_cascade_of_a_batch_of_filters():
    designs = torch.stack([tensor(ss.butter(4, hertz, fs=RATE, output="sos")) for hertz in (500, 5000)])[:, None]
    x = torch.full((2, 3, 50), 0.25, dtype=torch.float64)
    y, _ = sosfilt(x, designs, 0.25 * sosfilt_zi(designs))
    torch.testing.assert_close(y, x, rtol=1e-10, atol=1e-10)


def test_scipys_states_are_used_as_they_are_or_with_the_sections_moved():
    sos = ss.butter(4, 1000, fs=RATE, output="sos")
    x = noise(2, 3, 100)
    y, state = sosfilt(x[0, 0], torch.tensor(sos), torch.tensor(ss.sosfilt_zi(sos)))
    y_scipy, zf = ss.sosfilt(sos, x[0, 0].numpy(), zi=ss.sosfilt_zi(sos))
    torch.testing.assert_close(y, torch.tensor(y_scipy), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(state, torch.tensor(zf), rtol=1e-10, atol=1e-10)
    zi = np.random.default_rng(1).standard_normal((2, 2, 3, 2))  # (sections, ..., 2)
    y_scipy, zf = ss.sosfilt(sos, x.numpy(), zi=zi)
    y, state = sosfilt(x, torch.tensor(sos), torch.tensor(zi).movedim(0, -2))
    torch.testing.assert_close(y, torch.tensor(y_scipy), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(state.movedim(-2, 0), torch.tensor(zf), rtol=1e-10, atol=1e-10)
    zi = torch.zeros(2, 4, 2, dtype=torch.float64)
    with pytest.raises(EngineError, match=r"SciPy puts the sections first: write state.movedim\(0, -2\)"):
        sosfilt(noise(4, 10), torch.tensor(sos), zi)
    b, a = ss.butter(3, 5000, fs=RATE)
    y_scipy, zf = ss.lfilter(b, a, x.numpy(), zi=np.ones((2, 3, 3)))
    y, state = lfilter(x, torch.tensor(b), torch.tensor(a), torch.ones(2, 3, 3, dtype=torch.float64))
    torch.testing.assert_close(y, torch.tensor(y_scipy), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(state, torch.tensor(zf), rtol=1e-10, atol=1e-10)


def test_lfiltic_continues_a_signal():
    b, a = tensor([0.3, 0.2, 0.1]), tensor([1.0, -0.5, 0.3, 0.1])
    x = noise(2, 40)
    y, state = lfilter(x, b, a)
    latest_first = lfiltic(b, a, y[:, :25].flip(-1), x[:, :25].flip(-1))
    torch.testing.assert_close(lfilter(x[:, 25:], b, a, latest_first)[0], y[:, 25:], rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(lfiltic(b, a, y.flip(-1), x.flip(-1)), state, rtol=1e-10, atol=1e-10)


def test_the_state_of_a_state_space():
    system = tensor([[0.5, 0.1, 1.0], [-0.1, 0.4, 0.5], [1.0, 2.0, 0.3]])
    level = 2.0
    x = torch.full((30,), level, dtype=torch.float64)
    y, state = ssfilt(x, system, level * ssfilt_zi(system))
    torch.testing.assert_close(y, y[:1].expand(30), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(state, level * ssfilt_zi(system), rtol=1e-12, atol=1e-12)


def test_gradients():
    sos = tensor(ss.butter(4, 1000, fs=RATE, output="sos")).requires_grad_()
    b, a = (tensor(c).requires_grad_() for c in ss.butter(3, 5000, fs=RATE))
    system = tensor([[0.5, 0.1, 1.0], [-0.1, 0.4, 0.5], [1.0, 2.0, 0.3]]).requires_grad_()
    y, x = noise(2, 3).requires_grad_(), noise(2, 3, seed=2).requires_grad_()
    assert torch.autograd.gradcheck(sosfilt_zi, sos)
    assert torch.autograd.gradcheck(lfilter_zi, (b, a))
    assert torch.autograd.gradcheck(lfiltic, (b, a, y, x))
    assert torch.autograd.gradcheck(ssfilt_zi, system)


def test_a_pole_at_0_hz_has_no_steady_state_unless_no_constant_reaches_it():
    integrator, blocker = [1.0, 0.0, 0.0, 1.0, -1.0, 0.0], [1.0, -1.0, 0.0, 1.0, -0.5, 0.0]
    with pytest.raises(EngineError, match=r"sosfilt_zi: section 1 has a pole at z = 1 \(0 Hz\).* start from zeros"):
        sosfilt_zi(tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0], integrator]))
    assert torch.equal(sosfilt_zi(tensor([blocker, integrator]))[1], torch.zeros(2, dtype=torch.float64))
    with pytest.raises(EngineError, match="lfilter_zi: the filter has a pole at z = 1"):
        lfilter_zi(tensor([1.0]), tensor([1.0, -1.5, 0.5]))
    with pytest.raises(EngineError, match="lfilter_zi: the filter has a pole at z = 1"):
        lfilter_zi(tensor([1.0]), tensor(np.poly([1.0, 0.9, 0.7, 0.3])))  # which sums to a rounding error
    with pytest.raises(EngineError, match="ssfilt_zi: the system has a pole at z = 1"):
        ssfilt_zi(tensor([[1.0, 1.0], [1.0, 0.0]]))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: lfilter_zi(tensor([1.0]), tensor([0.0, 1.0])), r"lfilter_zi: a\[0\] is 0"),
        (lambda: lfilter_zi(tensor([np.nan]), tensor([1.0, 0.5])), "lfilter_zi: a coefficient of b or a is not finite"),
        (lambda: lfilter_zi([1.0], tensor([1.0])), r"lfilter_zi: b is list; it must be a real tensor \(..., coeff"),
        (lambda: lfilter_zi(pairs(2), pairs(3)), "the dimensions before the last do not broadcast"),
        (lambda: lfiltic(tensor([1.0]), tensor([1.0, 0.5]), [1.0]), "lfiltic: y is list"),
        (lambda: lfiltic(pairs(2), pairs(2), pairs(3)), r"lfiltic: y of shape \(3, 2\) does not broadcast"),
        (lambda: sosfilt_zi(torch.ones(6)), "sosfilt_zi: sos has the shape"),
        (lambda: ssfilt_zi(torch.ones(3, 2)), r"ssfilt_zi: system is of shape \(3, 2\)"),
    ],
)
def test_wrong_arguments_raise(call, says):
    with pytest.raises(EngineError, match=says):
        call()


def test_steady_states_in_vmap():
    sos = torch.stack([tensor(ss.butter(4, hertz, fs=RATE, output="sos")) for hertz in (500, 5000)])
    torch.testing.assert_close(torch.func.vmap(sosfilt_zi)(sos), sosfilt_zi(sos))
    b, a = torch.ones(2, 1, dtype=torch.float64), tensor([[1.0, -0.5], [1.0, 0.25]])
    torch.testing.assert_close(torch.func.vmap(lfilter_zi)(b, a), lfilter_zi(b, a))
