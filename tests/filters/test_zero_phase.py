"""Forwards and backwards against SciPy's `sosfiltfilt` and `filtfilt`."""

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
    """With an offset, so that the ends matter."""
    return 0.7 + torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def scipys(module: fx.LTI, x: Tensor, padding: str = "odd", padlen: int | None = None) -> np.ndarray:
    kind = None if padding == "none" else padding
    return signal.sosfiltfilt(module.sos(RATE).detach().numpy(), x.detach().numpy(), padtype=kind, padlen=padlen)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("padding", ["odd", "even", "constant", "none"])
def test_scipys_sosfiltfilt(name, padding):
    module, x = FILTERS[name], noise(2, 700)
    y = fx.ZeroPhase(module, padding)(x, RATE)
    np.testing.assert_allclose(y, scipys(module, x, padding), rtol=0, atol=1e-9)


@pytest.mark.parametrize("padding", ["odd", "even", "constant"])
def test_scipys_filtfilt(padding):
    b, a = signal.butter(3, 1000.0, fs=RATE)
    y = fx.ZeroPhase(fx.Butterworth(1000.0, 3), padding)(noise(500), RATE)
    np.testing.assert_allclose(y, signal.filtfilt(b, a, noise(500).numpy(), padtype=padding), rtol=0, atol=1e-9)


@pytest.mark.parametrize("time", [1, 2, 5, 15, 16, 17])
def test_a_sound_shorter_than_the_padding_is_padded_as_far_as_it_reaches(time):
    x = noise(2, time)
    for padding in ("odd", "even", "constant"):
        y = fx.ZeroPhase(FILTERS["butterworth"], padding)(x, RATE)
        expected = scipys(FILTERS["butterworth"], x, padding, min(18, time - 1))
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-9)
    assert fx.ZeroPhase(fx.LowPass())(x[..., :0], RATE).shape == (2, 0)


@pytest.mark.parametrize(
    "module",
    [fx.LowPass(500.0) + fx.HighPass(3000.0), fx.Mix(fx.Peak(gain_db=9.0), 0.4), fx.Ladder(900.0, 3.0)],
    ids=repr,
)
def test_any_linear_module(module):
    x = noise(1, 9000)
    y = fx.ZeroPhase(module)(x, RATE)
    np.testing.assert_allclose(y, scipys(module, x), rtol=0, atol=1e-7)


def test_a_symmetric_sound_stays_one_and_a_tone_is_not_delayed():
    made = fx.ZeroPhase(fx.Butterworth(1000.0, 4))
    x = torch.zeros(1, 4001, dtype=torch.float64)
    x[0, 2000] = 1.0
    y = made(x, RATE)
    torch.testing.assert_close(y, y.flip(-1), rtol=0, atol=1e-12)
    torch.testing.assert_close(made.impulse_response(RATE, duration=2001 / RATE), y[0], rtol=0, atol=1e-12)
    tone = torch.sin(2 * torch.pi * 1000.0 / RATE * torch.arange(9600, dtype=torch.float64))
    torch.testing.assert_close(made(tone, RATE)[3000:6000], 0.5 * tone[3000:6000], rtol=0, atol=1e-9)


def test_what_it_answers():
    once, hertz = fx.Chebyshev1(1000.0, 5), torch.linspace(0, RATE / 2, 200, dtype=torch.float64)
    made = fx.ZeroPhase(once)
    torch.testing.assert_close(made.response(hertz, RATE).real, once.response(hertz, RATE).abs() ** 2)
    for zero in (made.response(hertz, RATE).imag, made.phase(hertz, RATE), made.group_delay(hertz, RATE)):
        assert not zero.any()
    assert not made.phase_delay(hertz, RATE).any()
    poles, own = made.poles(RATE), once.poles(RATE)
    torch.testing.assert_close(poles[:5], own)
    assert sorted(np.abs(1 / own.numpy())) == pytest.approx(sorted(np.abs(poles[5:].numpy())))
    assert made.zeros(RATE).tolist() == pytest.approx([-1.0] * 10)
    assert made.margin(RATE) == once.margin(RATE)
    energy = made.impulse_response(RATE, duration=0.1).square().sum()
    torch.testing.assert_close(made.noise_gain(RATE), energy)
    assert made.is_stable(RATE)
    assert (made | fx.LowPass()).is_stable(RATE)
    assert (made + fx.LowPass()).is_stable(RATE)
    assert fx.ZeroPhase(fx.Weighting("A")).zeros(RATE).isfinite().all()


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (lambda made: made.sos(RATE), "needs future samples, and sections run forwards"),
        (lambda made: made.ba(RATE), "needs future samples"),
        (lambda made: made.export("c", RATE), "needs future samples"),
        (lambda made: made.stream(RATE)(noise(1, 9)), "cannot stream: .* also filters backwards"),
        (lambda made: (made | fx.LowPass()).stream(RATE)(noise(1, 9)), "ZeroPhase cannot stream"),
        (
            lambda made: (made | fx.LowPass()).impulse_response(RATE),
            "half of the response to an impulse",
        ),
        (lambda made: fx.ZeroPhase(fx.wrap(torch.tanh)), "is not linear and time-invariant"),
        (lambda made: fx.ZeroPhase(fx.Ladder(saturation="tanh")), "is not linear and time-invariant"),
        (lambda made: fx.ZeroPhase(fx.LowPass(), "mirror"), "padding is 'mirror'; allowed is one of 'odd'"),
        (lambda made: fx.ZeroPhase(fx.DeEmphasis(1 - 1e-17))(noise(9), RATE), "coefficient is"),
        (lambda made: fx.ZeroPhase(fx.LowPass(30_000.0))(noise(9), RATE), "LowPass: cutoff is 30000 Hz"),
        (lambda made: made.impulse_response(RATE, duration=-1.0), "duration is -1.0"),
    ],
)
def test_what_is_refused(run, says):
    with pytest.raises(fx.FxlabError, match=says):
        run(fx.ZeroPhase(fx.LowPass()))


def test_a_filter_that_never_settles_is_refused():
    class Sum(fx.Recursive):
        def design(self, sample_rate: float) -> Tensor:
            return torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]], dtype=torch.float64)

    with pytest.raises(fx.ParameterError, match="has a pole at 0 Hz, so it never settles"):
        fx.ZeroPhase(Sum())(noise(9), RATE)


def test_gradients_to_the_sound_and_the_filter():
    def run(x: Tensor, cutoff: Tensor, gain_db: Tensor) -> Tensor:
        return fx.ZeroPhase(fx.LowPass(1000 * cutoff) + fx.Peak(gain_db=gain_db))(x, RATE)

    leaves = [noise(2, 1, 20), torch.tensor([0.5, 7.0]).double(), torch.tensor(4.0).double()]
    assert torch.autograd.gradcheck(run, [leaf.requires_grad_() for leaf in leaves])


def test_examples_apart_and_any_float():
    x = noise(3, 2, 300)
    for shape in ((3,), (3, 2), (1, 2)):
        cutoff = 300.0 * 20 ** torch.rand(shape, dtype=torch.float64)
        made = fx.ZeroPhase(fx.HighPass(cutoff) | fx.LowPass(9000.0))
        y, wide = made(x, RATE), (cutoff if cutoff.ndim == 2 else cutoff[:, None]).expand(3, 2)
        for row in range(3):
            for channel in range(2):
                alone = fx.ZeroPhase(fx.HighPass(wide[row, channel].item()) | fx.LowPass(9000.0))
                torch.testing.assert_close(y[row, channel], alone(x[row, channel], RATE), rtol=0, atol=1e-11)
    made = fx.ZeroPhase(fx.Butterworth(20.0, 8, "highpass"))
    exact = made(x, RATE)
    torch.testing.assert_close(made(x.float(), RATE).double(), exact, rtol=0, atol=1e-5)
    assert made(x.half(), RATE).dtype == torch.float16


def test_it_is_written_down_with_its_filter():
    made = fx.ZeroPhase(fx.LowPass(300.0) | fx.ZeroPhase(fx.Peak(), "even"), padding="constant", sample_rate=RATE)
    assert repr(made) == (
        "ZeroPhase(LowPass(cutoff=300.0) | ZeroPhase(Peak(), padding='even'), padding='constant', sample_rate=48000.0)"
    )
    back = fx.Module.from_dict(made.to_dict())
    assert repr(back) == repr(made)
    x = noise(1, 200)
    assert torch.equal(back(x), made(x))
    assert torch.equal(copy.deepcopy(made)(x), made(x))
    with pytest.raises(fx.ParameterError, match="a ZeroPhase is described without its 'module'"):
        fx.Module.from_dict({"type": "ZeroPhase", "params": {"padding": "odd"}})
