"""ZeroPhase against SciPy's `sosfiltfilt` and `filtfilt`."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from scipy import signal
from torch import Tensor

import fxlab as fx

RATE = 48_000
FILTERS = {
    "butterworth": fx.Butterworth(1000.0, 5),
    "high-pass": fx.Butterworth(300.0, 4, "highpass"),
    "band": fx.Chebyshev1((300.0, 3400.0), 3, "bandpass"),
    "stop": fx.Elliptic((900.0, 1500.0), 4, "bandstop"),
    "bessel": fx.Bessel(8000.0, 3),
    "one pole": fx.OnePole(50.0),
    "two zeros less": fx.PreEmphasis(),
    "chain": fx.HighPass(200.0) | fx.OnePole(4000.0) | fx.Peak(900.0, 6.0),
}


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Return noise with an offset, so that the padding affects the ends."""
    return 0.7 + torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def sosfiltfilt(module: fx.LTI, x: Tensor, padding: str = "odd", padlen: int | None = None) -> np.ndarray:
    kind = None if padding == "none" else padding
    return signal.sosfiltfilt(module.sos(RATE).detach().numpy(), x.detach().numpy(), padtype=kind, padlen=padlen)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("padding", ["odd", "even", "constant", "none"])
def test_matches_sosfiltfilt(name, padding):
    module, x = FILTERS[name], noise(2, 700)
    y = fx.ZeroPhase(module, padding)(x, RATE)
    np.testing.assert_allclose(y, sosfiltfilt(module, x, padding), rtol=0, atol=1e-9)


@pytest.mark.parametrize("padding", ["odd", "even", "constant"])
def test_matches_filtfilt(padding):
    b, a = signal.butter(3, 1000.0, fs=RATE)
    y = fx.ZeroPhase(fx.Butterworth(1000.0, 3), padding)(noise(500), RATE)
    np.testing.assert_allclose(y, signal.filtfilt(b, a, noise(500).numpy(), padtype=padding), rtol=0, atol=1e-9)


@pytest.mark.parametrize("time", [1, 2, 5, 15, 16, 17])
def test_padding_of_a_short_input_is_limited_to_its_length(time):
    x = noise(2, time)
    for padding in ("odd", "even", "constant"):
        y = fx.ZeroPhase(FILTERS["butterworth"], padding)(x, RATE)
        expected = sosfiltfilt(FILTERS["butterworth"], x, padding, min(18, time - 1))
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-9)
    assert fx.ZeroPhase(fx.LowPass())(x[..., :0], RATE).shape == (2, 0)


@pytest.mark.parametrize(
    "module",
    [fx.LowPass(500.0) + fx.HighPass(3000.0), fx.Mix(fx.Peak(gain_db=9.0), 0.4), fx.Ladder(900.0, 3.0)],
    ids=repr,
)
def test_linear_modules_match_sosfiltfilt(module):
    x = noise(1, 9000)
    y = fx.ZeroPhase(module)(x, RATE)
    np.testing.assert_allclose(y, sosfiltfilt(module, x), rtol=0, atol=1e-7)


@pytest.mark.parametrize("padding", ["odd", "even", "constant"])
@pytest.mark.parametrize("length", [1, 17, 150, 699])
def test_own_pad_length_matches_sosfiltfilt(padding, length):
    module, x = FILTERS["butterworth"], noise(2, 700)
    y = fx.ZeroPhase(module, padding, pad_length=length)(x, RATE)
    np.testing.assert_allclose(y, sosfiltfilt(module, x, padding, length), rtol=0, atol=1e-9)
    with pytest.raises(fx.SignalError, match=f"pad_length is {length} samples, and the signal has {length}; it must"):
        fx.ZeroPhase(module, padding, pad_length=length)(x[..., :length], RATE)
    for unextended in ("none", "gustafsson"):
        fx.ZeroPhase(module, unextended, pad_length=length)(x[..., :length], RATE)  # the length belongs to extensions


def minimal(module: fx.LTI) -> list[np.ndarray]:
    """Return numerator and denominator without the zeros at the end that first-order sections give."""
    b, a = (c.numpy() for c in module.ba(RATE))
    while b[-1] == a[-1] == 0:
        b, a = b[:-1], a[:-1]
    return [b, a]


@pytest.mark.parametrize("time", [60, 700])
@pytest.mark.parametrize(
    "module",
    [
        fx.Bessel(8000.0, 3), fx.OnePole(50.0), fx.PreEmphasis(), fx.Notch(3000.0), fx.AllPass(1000.0),
        fx.FIR([0.1, 0.3, 0.4, 0.2]), fx.FIR([1.0, *[0.0] * 9, 0.5]), fx.WindowedSinc(2000.0, 21),
        fx.Peak(900.0, 0.0), fx.OnePole(4000.0) | fx.Peak(900.0, 6.0),
    ],
    ids=repr,
)  # fmt: skip
def test_gustafssons_method_matches_filtfilt(module, time):
    x = noise(2, time)
    y = fx.ZeroPhase(module, "gustafsson")(x, RATE)
    expected = signal.filtfilt(*minimal(module), x.numpy(), method="gust")
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("name", "tolerance"), [("butterworth", 1e-7), ("high-pass", 1e-5), ("band", 1e-4)])
def test_gustafssons_method_matches_filtfilt_of_polynomials_as_far_as_they_are_accurate(name, tolerance):
    """Compared with 60 digits, SciPy's polynomials are off by these orders, and the sections by 1e-12."""
    x = noise(1, 200)
    y = fx.ZeroPhase(FILTERS[name], "gustafsson")(x, RATE)
    expected = signal.filtfilt(*minimal(FILTERS[name]), x.numpy(), method="gust")
    np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance)


def test_gustafssons_method_of_a_long_signal_corrects_only_its_ends():
    x, module = noise(1, 9000), fx.Butterworth(2000.0, 3)
    assert 2 * module.memory(RATE, tolerance=1e-16) < 9000
    y = fx.ZeroPhase(module, "gustafsson")(x, RATE)
    np.testing.assert_allclose(y, signal.filtfilt(*minimal(module), x.numpy(), method="gust"), rtol=0, atol=1e-10)


def test_gustafssons_method_is_the_same_in_both_directions_of_time():
    x = noise(2, 300)
    zero_phase = fx.ZeroPhase(fx.Butterworth(900.0, 4), "gustafsson")
    torch.testing.assert_close(zero_phase(x.flip(-1), RATE).flip(-1), zero_phase(x, RATE), rtol=0, atol=1e-10)


def test_gustafssons_method_has_gradients_batches_and_dtypes():
    def run(x: Tensor, cutoff: Tensor, gain_db: Tensor) -> Tensor:
        return fx.ZeroPhase(fx.LowPass(1000 * cutoff) | fx.Peak(gain_db=gain_db), "gustafsson")(x, RATE)

    leaves = [noise(2, 1, 60), torch.tensor([2.0, 7.0]).double(), torch.tensor(4.0).double()]
    assert torch.autograd.gradcheck(run, [leaf.requires_grad_() for leaf in leaves], fast_mode=True)
    x = noise(3, 2, 100)
    cutoff = torch.tensor([500.0, 2000.0, 9000.0], dtype=torch.float64)
    y = fx.ZeroPhase(fx.HighPass(cutoff), "gustafsson")(x, RATE)
    for row, value in enumerate(cutoff.tolist()):
        one = fx.ZeroPhase(fx.HighPass(value), "gustafsson")
        torch.testing.assert_close(y[row], one(x[row], RATE), rtol=0, atol=1e-11)
    single = one(x.float(), RATE)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), one(x, RATE), rtol=0, atol=1e-5)
    assert one(x[..., :0], RATE).shape == (3, 2, 0)
    assert one(x[..., :1], RATE).isfinite().all()


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (fx.SOS([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]]), "does not decay, so no initial states make both directions agree"),
        (fx.SOS([[1.0, 0.0, 0.0, 1.0, -1.1, 0.0]]), "does not decay"),
        (fx.Comb(), r"has 48 states; Gustafsson's method takes 32 of such a filter\. Choose padding='odd'"),
        (fx.ZeroPhase(fx.LowPass()), "has no second-order sections: it needs future samples"),
    ],
    ids=["integrator", "unstable", "comb", "nested"],
)
def test_filters_without_gustafssons_initial_states_raise(module, message):
    with pytest.raises(fx.FxlabError, match=message):
        fx.ZeroPhase(module, "gustafsson")(noise(1, 200), RATE)


def test_symmetric_input_stays_symmetric_and_a_tone_is_not_delayed():
    zero_phase = fx.ZeroPhase(fx.Butterworth(1000.0, 4))
    x = torch.zeros(1, 4001, dtype=torch.float64)
    x[0, 2000] = 1.0
    y = zero_phase(x, RATE)
    torch.testing.assert_close(y, y.flip(-1), rtol=0, atol=1e-12)
    torch.testing.assert_close(zero_phase.impulse_response(RATE, duration=2001 / RATE), y[0], rtol=0, atol=1e-12)
    tone = torch.sin(2 * torch.pi * 1000.0 / RATE * torch.arange(9600, dtype=torch.float64))
    torch.testing.assert_close(zero_phase(tone, RATE)[3000:6000], 0.5 * tone[3000:6000], rtol=0, atol=1e-9)


def test_response_roots_and_noise_gain():
    once, hertz = fx.Chebyshev1(1000.0, 5), torch.linspace(0, RATE / 2, 200, dtype=torch.float64)
    zero_phase = fx.ZeroPhase(once)
    torch.testing.assert_close(zero_phase.response(hertz, RATE).real, once.response(hertz, RATE).abs() ** 2)
    for zero in (
        zero_phase.response(hertz, RATE).imag,
        zero_phase.phase(hertz, RATE),
        zero_phase.group_delay(hertz, RATE),
    ):
        assert not zero.any()
    assert not zero_phase.phase_delay(hertz, RATE).any()
    poles, own = zero_phase.poles(RATE), once.poles(RATE)
    torch.testing.assert_close(poles[:5], own)
    assert sorted(np.abs(1 / own.numpy())) == pytest.approx(sorted(np.abs(poles[5:].numpy())))
    assert zero_phase.zeros(RATE).tolist() == pytest.approx([-1.0] * 10)
    assert zero_phase.margin(RATE) == once.margin(RATE)
    energy = zero_phase.impulse_response(RATE, duration=0.1).square().sum()
    torch.testing.assert_close(zero_phase.noise_gain(RATE), energy)
    assert zero_phase.is_stable(RATE)
    assert (zero_phase | fx.LowPass()).is_stable(RATE)
    assert (zero_phase + fx.LowPass()).is_stable(RATE)
    assert fx.ZeroPhase(fx.Weighting("A")).zeros(RATE).isfinite().all()


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda zero_phase: zero_phase.sos(RATE), "needs future samples, and sections run forwards"),
        (lambda zero_phase: zero_phase.ba(RATE), "needs future samples"),
        (lambda zero_phase: zero_phase.export("c", RATE), "needs future samples"),
        (lambda zero_phase: zero_phase.stream(RATE)(noise(1, 9)), "cannot stream: .* also filters backwards"),
        (lambda zero_phase: (zero_phase | fx.LowPass()).stream(RATE)(noise(1, 9)), "ZeroPhase cannot stream"),
        (
            lambda zero_phase: (zero_phase | fx.LowPass()).impulse_response(RATE),
            "half of the response to an impulse",
        ),
        (lambda zero_phase: fx.ZeroPhase(fx.wrap(torch.tanh)), "is not linear and time-invariant"),
        (lambda zero_phase: fx.ZeroPhase(fx.Ladder(saturation="tanh")), "is not linear and time-invariant"),
        (lambda zero_phase: fx.ZeroPhase(fx.LowPass(), "mirror"), "padding is 'mirror'; it must be one of 'odd'"),
        (lambda zero_phase: fx.ZeroPhase(fx.DeEmphasis(1 - 1e-17))(noise(9), RATE), "coefficient is"),
        (lambda zero_phase: fx.ZeroPhase(fx.LowPass(30_000.0))(noise(9), RATE), "LowPass: cutoff is 30000 Hz"),
        (lambda zero_phase: zero_phase.impulse_response(RATE, duration=-1.0), "duration is -1.0"),
    ],
)
def test_invalid_uses_raise(run, message):
    with pytest.raises(fx.FxlabError, match=message):
        run(fx.ZeroPhase(fx.LowPass()))


def test_a_filter_with_a_pole_at_0_hz_raises():
    class Sum(fx.Recursive):
        def design(self, sample_rate: float) -> Tensor:
            return torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]], dtype=torch.float64)

    with pytest.raises(fx.ParameterError, match="has a pole at 0 Hz, so it never settles"):
        fx.ZeroPhase(Sum())(noise(9), RATE)


@pytest.mark.slow
def test_gradients_by_input_and_filter_parameters():
    def run(x: Tensor, cutoff: Tensor, gain_db: Tensor) -> Tensor:
        return fx.ZeroPhase(fx.LowPass(1000 * cutoff) + fx.Peak(gain_db=gain_db))(x, RATE)

    leaves = [noise(2, 1, 20), torch.tensor([0.5, 7.0]).double(), torch.tensor(4.0).double()]
    assert torch.autograd.gradcheck(run, [leaf.requires_grad_() for leaf in leaves])


def test_batch_equals_loop_over_examples_and_dtypes():
    x = noise(3, 2, 300)
    for shape in ((3,), (3, 2), (1, 2)):
        cutoff = 300.0 * 20 ** torch.rand(shape, dtype=torch.float64)
        zero_phase = fx.ZeroPhase(fx.HighPass(cutoff) | fx.LowPass(9000.0))
        y, wide = zero_phase(x, RATE), (cutoff if cutoff.ndim == 2 else cutoff[:, None]).expand(3, 2)
        for row in range(3):
            for channel in range(2):
                single = fx.ZeroPhase(fx.HighPass(wide[row, channel].item()) | fx.LowPass(9000.0))
                torch.testing.assert_close(y[row, channel], single(x[row, channel], RATE), rtol=0, atol=1e-11)
    zero_phase = fx.ZeroPhase(fx.Butterworth(20.0, 8, "highpass"))
    exact = zero_phase(x, RATE)
    torch.testing.assert_close(zero_phase(x.float(), RATE).double(), exact, rtol=0, atol=1e-5)
    assert zero_phase(x.half(), RATE).dtype == torch.float16


def test_repr_and_dict_include_the_filter():
    zero_phase = fx.ZeroPhase(fx.LowPass(300.0) | fx.ZeroPhase(fx.Peak(), "even"), padding="constant", sample_rate=RATE)
    assert repr(zero_phase) == (
        "ZeroPhase(LowPass(cutoff=300.0) | ZeroPhase(Peak(), padding='even'), padding='constant', sample_rate=48000.0)"
    )
    back = fx.Module.from_dict(zero_phase.to_dict())
    assert repr(back) == repr(zero_phase)
    x = noise(1, 200)
    assert torch.equal(back(x), zero_phase(x))
    assert torch.equal(copy.deepcopy(zero_phase)(x), zero_phase(x))
    with pytest.raises(fx.ParameterError, match="a ZeroPhase is described without its 'module'"):
        fx.Module.from_dict({"type": "ZeroPhase", "params": {"padding": "odd"}})
