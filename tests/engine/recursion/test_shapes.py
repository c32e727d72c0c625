"""Shapes, lengths and dtypes of `sosfilt`, and the errors that it raises."""

import numpy as np
import pytest
import scipy.signal as ss
import torch

from fxlab.engine import sosfilt
from fxlab.engine.torch_support import precision
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE, TORTURE, error_db, reference
from tests.support.signals import noise

SOS = ss.butter(5, 1000, fs=RATE, output="sos")


@pytest.mark.parametrize("sections", [1, 3, 10, 20])
@pytest.mark.parametrize("time", [0, 1, 2, 31, 32, 33, 63, 64, 127, 128, 255, 511, 512, 513, 1000, 8191, 8192, 70_001])
def test_every_length(time, sections):
    sos = np.concatenate([SOS] * 7)[:sections]
    x = noise(2, time)
    _, first = reference(noise(2, 300, seed=1), sos)
    expected, last = reference(x, sos, first)
    y, state = sosfilt(x, torch.tensor(sos), torch.tensor(first))
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(state, last, rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", [(100,), (1, 100), (3, 100), (2, 3, 100), (2, 0, 100), (70, 5, 40)])
def test_leading_dimensions_of_the_signal(shape):
    x = noise(*shape)
    y, state = sosfilt(x, torch.tensor(SOS))
    assert y.shape == x.shape
    assert state.shape == (*shape[:-1], 3, 2)
    if x.numel():
        np.testing.assert_allclose(y, ss.sosfilt(SOS, x), atol=1e-12)


@pytest.mark.parametrize(
    ("lead", "filters_shape"),
    [
        ((), (4,)),
        ((4,), (4,)),
        ((4, 2), (4, 1)),
        ((4, 2), (2,)),
        ((4, 1), (4, 2)),
        ((3, 1, 2), (4, 1)),
        ((2,), (1, 1)),
    ],
)
@pytest.mark.parametrize("time", [50, 3000])
def test_a_filter_for_each_row(lead, filters_shape, time):
    rng = np.random.default_rng(0)
    corners = rng.uniform(100, 10_000, filters_shape)
    sos = np.stack([ss.butter(4, c, fs=RATE, output="sos") for c in corners.flat]).reshape(*filters_shape, 2, 6)
    x = noise(*lead, time)
    shape = np.broadcast_shapes(lead, filters_shape)
    _, first = reference(noise(*shape, 200, seed=3), SOS[:2])
    y, state = sosfilt(x, torch.tensor(sos), torch.tensor(first))
    assert y.shape == (*shape, time)
    assert state.shape == (*shape, 2, 2)
    rows, filters = np.broadcast_to(x.numpy(), (*shape, time)).copy(), np.broadcast_to(sos, (*shape, 2, 6)).copy()
    for index in np.ndindex(*shape):
        expected, last = ss.sosfilt(filters[index], rows[index], zi=first[index])
        np.testing.assert_allclose(y[index], expected, atol=1e-12)
        np.testing.assert_allclose(state[index], last, atol=1e-12)


def test_many_rows_with_a_filter_each_in_float32():
    corners = np.geomspace(30, 15_000, 150)
    sos = np.stack([ss.butter(4, c, "highpass", fs=RATE, output="sos") for c in corners])
    x = noise(150, 20_000).float()
    y, _ = sosfilt(x, torch.tensor(sos))
    expected = np.stack([ss.sosfilt(s, row) for s, row in zip(sos, x.double().numpy(), strict=True)])
    assert error_db(y, expected) < -120.0


@pytest.mark.parametrize("state_lead", [(), (1,), (3,), (2, 1)])
def test_the_state_broadcasts(state_lead):
    first = noise(*state_lead, 3, 2)
    x = noise(2, 3, 90)
    y, _ = sosfilt(x, torch.tensor(SOS), first)
    full = np.broadcast_to(first.numpy(), (2, 3, 3, 2))
    np.testing.assert_allclose(y, reference(x, SOS, full)[0], atol=1e-12)


def test_signals_that_are_not_contiguous():
    x = noise(300, 4)
    y, _ = sosfilt(x.T, torch.tensor(SOS))
    np.testing.assert_allclose(y, ss.sosfilt(SOS, x.T), atol=1e-12)
    strided = noise(4, 600)[:, ::2]
    np.testing.assert_allclose(sosfilt(strided, torch.tensor(SOS))[0], ss.sosfilt(SOS, strided), atol=1e-12)


@pytest.mark.parametrize("time", [100, 9000])
def test_coefficients_that_pytorch_marks_as_negative(time):
    x, sos = noise(2, time).float(), torch.tensor(SOS)
    marked = torch.complex(sos, -sos).conj().imag  # the same numbers, whose negatives are in the memory
    np.testing.assert_allclose(sosfilt(x, marked)[0], ss.sosfilt(SOS, x.double()), atol=1e-5)
    np.testing.assert_allclose(sosfilt(x, marked.requires_grad_())[0].detach(), ss.sosfilt(SOS, x.double()), atol=1e-5)


def test_a0_that_is_not_one():
    x = noise(400)
    scaled = torch.tensor(SOS) * torch.tensor([[2.0], [-0.5], [3.0]])
    torch.testing.assert_close(sosfilt(x, scaled)[0], sosfilt(x, torch.tensor(SOS))[0])


def test_first_order_sections_gains_delays_and_no_sections():
    x = noise(700)
    delay, silence = [0, 1, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0]
    for row in ([0.5, 0.5, 0, 1, -0.9, 0], [3, 0, 0, 1, 0, 0], delay, [0, 0, 1, 1, 0.5, 0], silence):
        sos = np.array([row], dtype=float)
        np.testing.assert_allclose(sosfilt(x, torch.tensor(sos))[0], ss.sosfilt(sos, x), atol=1e-13)
    y, state = sosfilt(x, torch.zeros(0, 6).double())
    torch.testing.assert_close(y, x)
    assert state.shape == (0, 2)


@pytest.mark.parametrize(("dtype", "limit"), [(torch.bfloat16, -45.0), (torch.float16, -60.0)])
def test_half_precision_computes_in_float32(dtype, limit):
    sos = TORTURE["8th-order high-pass at 20 Hz"]
    x = noise(2, 20_000).to(dtype)
    y, _ = sosfilt(x, torch.tensor(sos))
    assert y.dtype == dtype
    # The error is the rounding of the output itself.
    assert error_db(y.double(), reference(x, sos)[0]) < limit


def test_float32_sections_with_a_float32_signal():
    x = noise(1000).float()
    y, state = sosfilt(x, torch.tensor(SOS).float())
    assert y.dtype == torch.float32
    assert state.dtype == torch.float64
    rounded = SOS.astype(np.float32).astype(np.float64)
    assert error_db(y, ss.sosfilt(rounded, x.double())) < -120.0


def test_inputs_are_not_modified():
    x, sos, state = noise(2, 900), torch.tensor(SOS), noise(2, 3, 2)
    copies = x.clone(), sos.clone(), state.clone()
    sosfilt(x, sos, state)
    for value, copy in zip((x, sos, state), copies, strict=True):
        assert torch.equal(value, copy)


def test_output_without_sections_is_a_new_tensor():
    x = noise(10)
    y, _ = sosfilt(x, torch.zeros(0, 6).double())
    y.zero_()
    assert x.abs().sum() > 0


INVALID_CALLS = {
    "signal not a tensor": (lambda: sosfilt([1.0], torch.tensor(SOS)), "x is a list"),
    "signal without time": (lambda: sosfilt(torch.tensor(1.0), torch.tensor(SOS)), "no dimensions"),
    "signal of integers": (lambda: sosfilt(torch.arange(9), torch.tensor(SOS)), r"int64.*float"),
    "complex signal": (lambda: sosfilt(torch.ones(9) + 0j, torch.tensor(SOS)), "complex64"),
    "sections not a tensor": (lambda: sosfilt(noise(9), SOS), "sos is a ndarray"),
    "five coefficients": (lambda: sosfilt(noise(9), torch.ones(2, 5)), r"\(2, 5\).*sections, 6"),
    "one dimension": (lambda: sosfilt(noise(9), torch.ones(6)), r"\(6,\).*sections, 6"),
    "not a number": (lambda: sosfilt(noise(9), torch.tensor([[1, 0, 0, 1, float("nan"), 0]]).double()), "section 0"),
    "infinite": (lambda: sosfilt(noise(9), torch.tensor([[float("inf"), 0, 0, 1, 0, 0]]).double()), "not finite"),
    "zero a0": (lambda: sosfilt(noise(9), torch.tensor([[1.0, 0, 0, 0, 0, 0]]).double()), "a0 is 0 in section 0"),
    "batches that differ": (
        lambda: sosfilt(noise(3, 9), torch.tensor(SOS).expand(4, 3, 6)),
        "do not broadcast",
    ),
    "lower precision": (lambda: sosfilt(noise(9), torch.tensor(SOS).float()), "float32 and x is torch.float64"),
    "another device": (lambda: sosfilt(noise(9), torch.empty(1, 6, device="meta")), "meta"),
    "state of other sections": (lambda: sosfilt(noise(9), torch.tensor(SOS), noise(2, 2)), r"\(2, 2\).*\(3, 2\)"),
    "state of other rows": (lambda: sosfilt(noise(2, 9), torch.tensor(SOS), noise(5, 3, 2)), r"\(2, 3, 2\)"),
    "state not a tensor": (lambda: sosfilt(noise(9), torch.tensor(SOS), np.zeros((3, 2))), "state is a ndarray"),
    "state of lower precision": (
        lambda: sosfilt(noise(9), torch.tensor(SOS), torch.zeros(3, 2)),
        "state is torch.float32",
    ),
}


@pytest.mark.parametrize("name", INVALID_CALLS)
def test_errors_name_the_value_and_what_is_allowed(name):
    call, message = INVALID_CALLS[name]
    with pytest.raises(EngineError, match=message):
        call()


@pytest.mark.parametrize(("time", "sections"), [(0, 3), (4, 0)])
def test_the_state_of_nothing_to_filter_is_where_float64_is(monkeypatch, time, sections):
    monkeypatch.setattr(precision, "DEVICES_WITHOUT_FLOAT64", {"meta"})  # in place of MPS, which is not here
    x, sos = torch.zeros(2, time, device="meta"), torch.tensor(SOS)[:sections]
    _, state = sosfilt(x, sos)
    assert state.device.type == "cpu"
    assert state.shape == (2, sections, 2)
