"""Time-varying sections against SciPy's `sosfilt`, called for each hop with the state after the last."""

import numpy as np
import pytest
import scipy.signal as ss
import torch

from fxlab.engine import sosfilt, sosfilt_varying
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE, error_db
from tests.support.signals import noise

ONE = torch.tensor(ss.butter(2, 1000, fs=RATE, output="sos"))


def sweep(frames, sections=2, lead=()):
    """Return the frames of a low-pass whose cutoff swings over two octaves."""
    phase = np.arange(frames) * 3.0 / max(frames, 1) + np.arange(int(np.prod(lead)))[:, None]
    corners = 2000.0 * 2.0 ** np.sin(2 * np.pi * phase)
    filters = [ss.butter(2 * sections, c, fs=RATE, output="sos") for c in corners.flat]
    return np.array(filters).reshape(*lead, frames, sections, 6)


def hop_by_hop(x, frames, hop, zi):
    parts, state = [], np.moveaxis(zi, -2, 0)
    for k, sos in enumerate(frames):
        y, state = ss.sosfilt(sos, x[..., k * hop : (k + 1) * hop], zi=state)
        parts.append(y)
    return np.concatenate(parts, -1), np.moveaxis(state, 0, -2)


@pytest.mark.slow
@pytest.mark.parametrize("sections", [1, 3])
@pytest.mark.parametrize("hop", [1, 2, 7, 16, 17, 64, 100, 127, 500, 3000])
def test_hop_by_hop(hop, sections):
    x = noise(2, 2013)
    frames = sweep(-(-2013 // hop), sections)
    first = noise(2, sections, 2, seed=1).numpy() * 1e-2
    expected, last = hop_by_hop(x.numpy(), frames, hop, first)
    y, state = sosfilt_varying(x, torch.tensor(frames), hop, torch.tensor(first))
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-11 * np.abs(expected).max())
    np.testing.assert_allclose(state, last, rtol=0, atol=1e-11 * np.abs(last).max())


@pytest.mark.slow
@pytest.mark.parametrize("hop", [64, 100])
def test_float32_over_many_tiles(hop):
    x = noise(4, 150_000).float()
    frames = sweep(-(-150_000 // hop))
    expected, last = hop_by_hop(x.double().numpy(), frames, hop, np.zeros((4, 2, 2)))
    y, state = sosfilt_varying(x, torch.tensor(frames), hop)
    assert y.dtype == torch.float32
    assert error_db(y, expected) < -110.0
    assert error_db(state, last) < -110.0


@pytest.mark.parametrize(
    ("lead", "filters_shape"), [((2,), (2,)), ((3, 2), (3, 1)), ((), (2,)), ((2,), (1,)), ((2, 2), (2,))]
)
def test_a_sweep_for_each_row(lead, filters_shape):
    x = noise(*lead, 900)
    frames = sweep(15, 2, filters_shape)
    y, state = sosfilt_varying(x, torch.tensor(frames), 64)
    shape = np.broadcast_shapes(lead, filters_shape)
    assert y.shape == (*shape, 900)
    assert state.shape == (*shape, 2, 2)
    rows, filters = np.broadcast_to(x.numpy(), (*shape, 900)), np.broadcast_to(frames, (*shape, 15, 2, 6)).copy()
    for index in np.ndindex(*shape):
        expected, last = hop_by_hop(rows[index], filters[index], 64, np.zeros((2, 2)))
        np.testing.assert_allclose(y[index], expected, atol=1e-11)
        np.testing.assert_allclose(state[index], last, atol=1e-11)


def test_constant_coefficients_equal_sosfilt():
    x = noise(2, 5000)
    constant = ONE.expand(79, 1, 6)
    torch.testing.assert_close(sosfilt_varying(x, constant, 64)[0], sosfilt(x, ONE)[0], rtol=0, atol=1e-12)
    line = ONE.expand(80, 1, 6)
    torch.testing.assert_close(
        sosfilt_varying(x, line, 64, interpolate=True)[0], sosfilt(x, ONE)[0], rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("hop", [16, 64, 100])
def test_interpolation_is_linear(hop):
    x = noise(2, 10 * hop)
    frames = sweep(11)
    steps = next(s for s in range(max(1, hop // 16), 0, -1) if hop % s == 0)
    position = (np.arange(10 * steps) + 0.5) / steps
    index = np.floor(position).astype(int)
    weight = (position - index)[:, None, None]
    held = frames[index] * (1 - weight) + frames[index + 1] * weight
    expected, _ = hop_by_hop(x.numpy(), held, hop // steps, np.zeros((2, 2, 2)))
    y, _ = sosfilt_varying(x, torch.tensor(frames), hop, interpolate=True)
    np.testing.assert_allclose(y, expected, atol=1e-11)


@pytest.mark.parametrize("interpolate", [False, True])
def test_blocks_that_end_on_a_hop_equal_one_shot(interpolate):
    x, frames = noise(2, 64 * 20), torch.tensor(sweep(20 + interpolate))
    one_shot, last = sosfilt_varying(x, frames, 64, interpolate=interpolate)
    state, parts = None, []
    for first, end in ((0, 3), (3, 4), (4, 20)):
        part = frames[first : end + interpolate]
        y, state = sosfilt_varying(x[:, first * 64 : end * 64], part, 64, state, interpolate=interpolate)
        parts.append(y)
    torch.testing.assert_close(torch.cat(parts, -1), one_shot, rtol=0, atol=1e-12)
    torch.testing.assert_close(state, last, rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("hop", "interpolate"), [(16, False), (13, False), (24, True)])
@pytest.mark.parametrize("filters_shape", [(), (2,)])
def test_gradients(hop, interpolate, filters_shape):
    frames = torch.tensor(sweep(-(-70 // hop) + interpolate, 2, filters_shape)).requires_grad_()
    x, state = noise(2, 70).requires_grad_(), noise(2, 2, 2, seed=1).requires_grad_()

    def function(x, frames, state):
        return sosfilt_varying(x, frames, hop, state, interpolate=interpolate)

    assert torch.autograd.gradcheck(function, (x, frames, state), fast_mode=True)
    assert torch.autograd.gradgradcheck(function, (x, frames, state), fast_mode=True)


def test_empty_signal_and_no_sections():
    y, state = sosfilt_varying(noise(2, 0), torch.zeros(0, 1, 6).double(), 64)
    assert y.shape == (2, 0)
    assert state.shape == (2, 1, 2)
    x = noise(2, 10)
    torch.testing.assert_close(sosfilt_varying(x, torch.zeros(2, 0, 6).double(), 5)[0], x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((noise(100), ONE, 64), r"frames, sections, 6.*use sosfilt"),
        ((noise(100), ONE.expand(3, 1, 6), 64), "3 frames; 100 samples in hops of 64 need 2, one for each hop"),
        ((noise(100), ONE.expand(2, 1, 6), 0), "hop_length is 0"),
        ((noise(100), ONE.expand(2, 1, 6), 2.0), "hop_length is 2.0"),
        ((noise(1), ONE.expand(1, 1, 6), True), "hop_length is True"),
        ((noise(3, 100), ONE.expand(4, 2, 1, 6), 64), "do not broadcast"),
        ((noise(100), ONE.expand(2, 1, 6) * torch.nan, 64), "not finite"),
        ((noise(100), ONE.expand(2, 1, 6), 64, noise(2, 2)), r"\(1, 2\)"),
    ],
)
def test_invalid_arguments_raise(arguments, message):
    with pytest.raises(EngineError, match=message):
        sosfilt_varying(*arguments)


def test_interpolation_needs_a_last_frame():
    with pytest.raises(EngineError, match="need 3, one for each hop and one at the end of the last"):
        sosfilt_varying(noise(100), ONE.expand(2, 1, 6), 64, interpolate=True)
