"""Short signals on the CPU, which are filtered with a few NumPy products."""

import numpy as np
import pytest
import scipy.signal as ss
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.engine import sosfilt
from fxlab.engine.recursion.rows import medium_signals, short_signals
from fxlab.engine.recursion.rows.short_signals import MAX_TIME, filter_short_signal
from fxlab.engine.recursion.sosfilt import SECTIONS
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE, TORTURE, error_db, reference, stable_sections
from tests.support.signals import noise

FOURTH = torch.tensor(ss.butter(4, 900, fs=RATE, output="sos"))


@pytest.fixture
def only_short(monkeypatch):
    """Fail where a signal is not filtered as a short one."""

    def fail(*_):
        raise AssertionError("the general way was gone")

    monkeypatch.setattr("fxlab.engine.recursion.sosfilt.filter_signal", fail)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(stable_sections(), st.integers(1, MAX_TIME), st.integers(1, 3), st.integers(0, 2**31))
def test_random_designs_and_lengths(sos, time, rows, seed):
    x = noise(rows, time, seed=seed)
    _, first = reference(noise(rows, 500, seed=seed + 1), sos)
    expected, last = reference(x, sos, first)
    y, state = filter_short_signal(SECTIONS, x, torch.tensor(sos), torch.tensor(first))
    # Near the unit circle both methods lose up to five digits, and a cascade may attenuate states below their errors.
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-10 * np.abs(expected).max(initial=1e-6))
    np.testing.assert_allclose(state, last, rtol=0, atol=1e-10 * np.abs(last).max(initial=1e-6))


@pytest.mark.parametrize("name", TORTURE)
@pytest.mark.parametrize("block", [1, 63, 64, 100, 128, 512, 4096])
def test_a_stream_of_blocks(only_short, name, block):
    if len(TORTURE[name]) * 2 > short_signals.MAX_STATES:
        pytest.skip("more states than a short signal's filter may have")
    sos = torch.tensor(TORTURE[name])
    x = noise(2, 12 * block)
    expected, last = reference(x, TORTURE[name])
    state, parts = None, []
    for part in x.split(block, -1):
        y, state = sosfilt(part, sos, state)
        parts.append(y)
    assert error_db(torch.cat(parts, -1), expected) < -165.0
    assert error_db(state, last) < -150.0


def test_a_change_of_the_coefficients_in_place_is_followed(only_short):
    values = FOURTH.numpy().copy()
    shared = torch.from_numpy(values)  # a change of the array leaves the tensor's version as it is
    x = noise(300)
    for gain in (1.0, 2.0, 3.0):
        values[0, :3] = gain * FOURTH[0, :3].numpy()
        np.testing.assert_allclose(sosfilt(x, shared)[0], gain * sosfilt(x, FOURTH)[0], rtol=1e-12, atol=1e-14)
    shared.mul_(torch.tensor([0.5, 0.5, 0.5, 1.0, 1.0, 1.0]))
    np.testing.assert_allclose(sosfilt(x, shared)[0], 0.75 * sosfilt(x, FOURTH)[0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", [(50,), (1, 50), (2, 3, 50), (50, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shapes_dtypes_and_strides(only_short, shape, dtype):
    x = noise(*shape).to(dtype)
    y, state = sosfilt(x, FOURTH)
    assert (y.shape, y.dtype, state.shape, state.dtype) == (x.shape, dtype, (*shape[:-1], 2, 2), torch.float64)
    strided = torch.stack([x, x], -1)[..., 0]
    assert torch.equal(sosfilt(strided, FOURTH, state)[0], sosfilt(x, FOURTH, state)[0])
    y += 1.0  # the output shares no memory with the input
    assert torch.equal(x, strided)


def test_what_is_special_goes_the_general_way():
    x, state = noise(2, 100), torch.zeros(2, 2, 2, dtype=torch.float64)
    assert filter_short_signal(SECTIONS, x, FOURTH, state) is not None
    special = [
        (x.clone().requires_grad_(), FOURTH, state),
        (x, FOURTH.clone().requires_grad_(), state),
        (x, FOURTH, state.clone().requires_grad_()),
        (x, FOURTH.expand(2, -1, -1), state),  # a filter for each row
        (x.to(torch.bfloat16), FOURTH, state),
        (x, FOURTH.float(), state),  # coefficients less precise than the signal
        (x, FOURTH, state[:1]),  # broadcast
        (x, FOURTH, state.float()),
        (noise(2, MAX_TIME + 1), FOURTH, state),
        (x[:, :0], FOURTH, state),
        (x, FOURTH[:0], None),
        (torch.nn.Parameter(x), FOURTH, state),
        (x.to("meta"), FOURTH, state),
        ([1.0, 2.0], FOURTH, None),
        (torch.complex(x, x).conj().imag, FOURTH, state),
    ]
    for arguments in special:
        assert filter_short_signal(SECTIONS, *arguments) is None
    with torch.no_grad():
        y, _ = sosfilt(special[0][0], FOURTH, state)
    torch.testing.assert_close(y, sosfilt(x, FOURTH, state)[0])
    conjugate = special[-1][0]  # -x, which PyTorch marks as negative without changing the memory
    torch.testing.assert_close(sosfilt(conjugate, FOURTH, state)[0], -sosfilt(x, FOURTH, state)[0])


def test_invalid_coefficients_raise_the_usual_error():
    sos = FOURTH.clone()
    sos[1, 3] = 0.0
    with pytest.raises(EngineError, match="a0 is 0 in section 1"):
        sosfilt(noise(64), sos)


def test_many_short_rows_run_in_parts(only_short):
    x = noise(200, 700).float()
    y, state = sosfilt(x, FOURTH)
    one, last = sosfilt(x[123], FOURTH)
    assert torch.equal(y[123], one)
    assert torch.equal(state[123], last)


@pytest.mark.parametrize("sections", [1, 2, 4, 9, 14])
@pytest.mark.parametrize("time", [MAX_TIME + 1, 128 * 200, medium_signals.MAX_TIME])
def test_medium_signals(only_short, sections, time):
    sos = ss.butter(2 * sections, 3000, fs=RATE, output="sos")
    x = noise(2, time).float()
    x[1] = x[0]
    first = 0.1 * torch.ones(2, sections, 2, dtype=torch.float64)
    expected, last = reference(x.double(), sos, first.numpy())
    y, state = sosfilt(x, torch.tensor(sos), first)
    assert error_db(y, expected) < -120.0
    assert error_db(state, last) < -110.0
    assert torch.equal(y[0], y[1])
    assert torch.equal(y[0], sosfilt(x[0], torch.tensor(sos), first[0])[0])


def test_medium_rows_have_the_same_bits_for_any_number_of_threads(only_short):
    x, threads = noise(5, 150_000).float(), torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        several = sosfilt(x, FOURTH)
        torch.set_num_threads(1)
        for one, other in zip(sosfilt(x, FOURTH), several, strict=True):
            assert torch.equal(one, other)
    finally:
        torch.set_num_threads(threads)
