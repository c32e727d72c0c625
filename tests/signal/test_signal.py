"""`Signal`: samples, sample rate, gradients, representations, and errors for invalid samples."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fxlab import hooks
from fxlab.errors import SignalError
from fxlab.signal import Signal

RATE = 8000


SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=30)


def test_mono_samples_become_one_channel():
    for samples in ([0.0, 0.5, -1.0], np.array([0.0, 0.5, -1.0], np.float32), torch.tensor([0.0, 0.5, -1.0])):
        signal = Signal(samples, RATE)
        assert signal.samples.shape == (1, 3)
        assert signal.samples.tolist() == [[0.0, 0.5, -1.0]]
        assert signal.dtype == torch.float32


def test_lists_take_the_default_dtype_and_arrays_keep_theirs():
    assert Signal([[0.1, 0.2], [0.3, 0.4]], RATE).dtype == torch.float32
    assert Signal(np.zeros((2, 5)), RATE).dtype == torch.float64
    assert Signal([np.zeros(5), np.zeros(5)], RATE).dtype == torch.float64
    assert Signal(torch.zeros(2, 5, dtype=torch.float64), RATE).dtype == torch.float64


def test_nothing_is_copied_detached_or_changed():
    samples = torch.randn(2, 100, requires_grad=True)
    signal = Signal(samples, RATE)
    assert signal.samples is samples
    array = np.linspace(-1, 1, 200).reshape(2, 100)
    before = array.copy()
    held = Signal(array, RATE)
    assert np.shares_memory(array, held.samples.numpy())
    (held * 2 + 1).mono().between(0, 0.005).numpy()[:] = 7
    np.testing.assert_array_equal(array, before)


def test_gradients_flow_through_every_operation():
    samples = torch.rand(2, 80, dtype=torch.float64) + 0.5
    gain = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def every_operation(x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        signal = Signal(x, RATE)
        return ((g * signal - signal / 3 + 2 / signal) * -signal).mono().between(0.001, 0.009).samples

    assert torch.autograd.gradcheck(every_operation, (samples.requires_grad_(), gain))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0)[::-1],
        np.broadcast_to(np.float64(0.5), (2, 4)),
        np.arange(6.0).astype(">f8"),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12.0)[::2],
    ],
)
def test_arrays_that_pytorch_cannot_share_are_copied(array, recwarn):
    np.testing.assert_array_equal(Signal(array, RATE).numpy(), np.atleast_2d(array))
    assert not recwarn.list


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        (np.zeros(4, np.int16), "32768"),
        (np.zeros(4, np.int32), "2\\*\\*31"),
        (np.zeros(4, np.uint8), "128"),
        (torch.zeros(4, dtype=torch.int16), "32768"),
        ([1, 0, 0], "1.0, not 1"),
        (np.zeros(4, bool), "bool"),
        (torch.zeros(4, dtype=torch.complex64), "samples.real"),
        (np.zeros(4, complex), "samples.real"),
        (np.zeros(4, np.longdouble), "float64"),
        (torch.zeros(0), "empty"),
        (torch.zeros(2, 0), "empty"),
        ([], "empty"),
        (np.zeros((0, 5)), "empty"),
        (torch.zeros(1, 2, 5), "3 dimensions"),
        (torch.zeros(()), "0 dimensions"),
        (torch.zeros(44100, 2), "samples.T"),
        ([[0.0, 1.0], [0.0]], "lengths differ"),
        ([torch.zeros(4), torch.zeros(4)], "torch.stack"),
        ("voice.wav", "fxlab.load"),
        (None, "None"),
        (0.5, "0.5"),
        ({"a": 1.0}, "dict"),
        (["a", "b"], "numbers"),
        (torch.zeros(2, 5).to_sparse(), "to_dense"),
        (torch.zeros(2, 5, device="meta"), "meta device"),
        (torch.zeros(2, 5).to(torch.float8_e4m3fn), "float8"),
    ],
)
def test_invalid_samples_raise_with_advice(samples, says):
    with pytest.raises(SignalError, match=says):
        Signal(samples, RATE)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
def test_samples_that_are_not_finite_are_counted_and_located(bad, dtype):
    samples = torch.zeros(2, 1000, dtype=dtype)
    samples[1, 7] = samples[1, 9] = bad
    with pytest.raises(SignalError, match=r"2 of 2000 .* channel 1 at sample 7"):
        Signal(samples, RATE)


@pytest.mark.parametrize(
    "rate", [0, -1, -44100.0, float("nan"), float("inf"), "44100", None, True, 1j, torch.tensor(8), 10**400]
)
def test_an_invalid_sample_rate_raises(rate):
    with pytest.raises(SignalError, match="sample_rate = "):
        Signal([0.0], rate)


@pytest.mark.parametrize("rate", [44100, 44100.0, np.int64(44100), np.float32(44100)])
def test_whole_rates_are_ints(rate):
    assert Signal([0.0], rate).sample_rate == 44100
    assert isinstance(Signal([0.0], rate).sample_rate, int)
    assert Signal([0.0], 44100 / 1.001).sample_rate == 44100 / 1.001


def test_one_sample_is_a_signal():
    signal = Signal([0.25], RATE)
    assert (signal.frames, signal.channels, signal.duration) == (1, 1, 1 / RATE)
    assert repr(signal) == "Signal(1 channel, 0.000125 s at 8000 Hz, peak -12.0 dBFS)"


def test_a_signal_is_frozen():
    signal = Signal([0.0], RATE)
    for name in ("samples", "sample_rate", "duration", "anything"):
        with pytest.raises(AttributeError, match="frozen"):
            setattr(signal, name, 1)
    with pytest.raises(AttributeError, match="frozen"):
        del signal._samples


def test_equality_is_identity():
    signal, twin = Signal([0.0], RATE), Signal([0.0], RATE)
    assert signal == signal
    assert signal != twin
    assert len({signal, twin}) == 2


@given(
    channels=st.integers(1, 5),
    frames=st.integers(1, 200),
    rate=st.floats(1.0, 400_000.0),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=60, deadline=None)
def test_between_is_a_slice_in_seconds(channels, frames, rate, ends):
    samples = torch.arange(float(channels * frames)).reshape(channels, frames)
    signal = Signal(samples, rate)
    start, stop = (end * signal.duration for end in sorted(ends))
    first, last = round(start * rate), round(stop * rate)
    if first == last:
        with pytest.raises(SignalError, match="contains no sample"):
            signal.between(start, stop)
    else:
        assert torch.equal(signal.between(start, stop).samples, samples[:, first:last])
    assert torch.equal(signal.between().samples, samples)
    assert torch.equal(signal.between(0, signal.duration).samples, samples)


@pytest.mark.parametrize(
    "part", [(-0.1, 0.5), (0.0, 1.1), (2.0, 3.0), (0.5, 0.2), (0.5, 0.5), (float("nan"), 1.0), ("0", 1.0)]
)
def test_an_invalid_range_raises(part):
    with pytest.raises(SignalError, match="between"):
        Signal(torch.zeros(RATE), RATE).between(*part)


def test_to_changes_type_and_device():
    signal = Signal(torch.rand(2, 9), RATE)
    assert signal.to("cpu").device.type == "cpu"
    assert signal.to(torch.float64).dtype == torch.float64
    assert signal.dtype == torch.float32
    with pytest.raises(SignalError, match="PCM_16"):
        signal.to(torch.int16)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_signal_on_a_gpu():
    signal = Signal(torch.rand(2, 9), RATE)
    moved = signal.to("cuda")
    assert moved.device.type == "cuda"
    assert repr(moved).endswith("cuda:0)")
    np.testing.assert_array_equal(moved.numpy(), signal.numpy())
    with pytest.raises(SignalError, match=r"\.to\('cpu'\)"):
        signal + moved


@given(hnp.arrays(np.float64, SHAPES, elements=st.floats(-1e3, 1e3)))
@settings(max_examples=50, deadline=None)
def test_numpy_returns_an_equal_copy(array):
    signal = Signal(array, RATE)
    back = signal.numpy()
    np.testing.assert_array_equal(back, array)
    back[:] = 5
    np.testing.assert_array_equal(signal.samples, array)


def test_numpy_of_a_signal_that_requires_grad_of_bfloat16_and_of_an_imaginary_part():
    assert Signal(torch.ones(3, requires_grad=True), RATE).numpy().tolist() == [[1.0, 1.0, 1.0]]
    assert Signal(torch.ones(3, dtype=torch.bfloat16), RATE).numpy().dtype == np.float32
    conjugate = torch.full((3,), 1 - 2j).conj()  # PyTorch marks its imaginary part as negative
    assert Signal(conjugate.imag, RATE).numpy().tolist() == [[2.0, 2.0, 2.0]]


@pytest.mark.parametrize(
    ("signal", "line"),
    [
        (Signal(torch.ones(2, 44100), 44100), "Signal(2 channels, 1 s at 44100 Hz, peak 0.0 dBFS)"),
        (Signal(torch.full((1, 4), 0.9999), 8000), "Signal(1 channel, 0.0005 s at 8000 Hz, peak 0.0 dBFS)"),
        (Signal(torch.zeros(1, 4), 8000), "Signal(1 channel, 0.0005 s at 8000 Hz, silent)"),
        (Signal(torch.full((1, 4), -2.0), 8000), "Signal(1 channel, 0.0005 s at 8000 Hz, peak 6.0 dBFS)"),
        (
            Signal(np.full(4, 0.1), 11025.5),
            "Signal(1 channel, 0.0003628 s at 11025.5 Hz, peak -20.0 dBFS, float64)",
        ),
    ],
)
def test_repr_is_one_line(signal, line):
    assert repr(signal) == line


def test_copies_and_pickles_are_equal():
    signal = Signal(torch.rand(2, 9), RATE)
    for twin in (copy.copy(signal), copy.deepcopy(signal), pickle.loads(pickle.dumps(signal))):
        assert torch.equal(twin.samples, signal.samples)
        assert twin.sample_rate == RATE


def test_without_a_display_the_bundle_is_the_repr(monkeypatch):
    signal = Signal([0.5], RATE)
    monkeypatch.setattr(hooks, "_TARGETS", {})
    assert signal._repr_mimebundle_() == ({"text/plain": repr(signal)}, {})
    hooks.register("signal_bundle", "a_package_that_is_not_there:bundle")
    assert signal._repr_mimebundle_(None, None) == ({"text/plain": repr(signal)}, {})


def test_a_registered_display_makes_the_bundle(monkeypatch):
    monkeypatch.setattr(hooks, "_TARGETS", {"signal_bundle": f"{__name__}:bundle"})
    bundle = Signal([0.5], RATE)._repr_mimebundle_({"text/plain"}, None)
    assert bundle == {"text/plain": "0.5 {'text/plain'} None"}


def bundle(signal, include, exclude):
    return {"text/plain": f"{signal.samples.item()} {include} {exclude}"}
