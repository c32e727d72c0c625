"""Filters by their numbers, against SciPy: sections, transfer function, roots, taps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import fxlab as fx

RATE = 44_100.0
HERTZ = np.linspace(0.0, RATE / 2, 301)
X = np.random.default_rng(1).standard_normal((2, 500))
SOUND = torch.from_numpy(X)


def same(ours: torch.Tensor, theirs: np.ndarray, size: float = 1e-9) -> None:
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=size, atol=size * max(1.0, float(np.abs(theirs).max())))


@pytest.mark.parametrize("order", [1, 2, 5, 8])
def test_the_same_filter_in_every_form(order):
    design = {"N": order, "rp": 1.0, "rs": 50.0, "Wn": 0.3}
    sos, (b, a), zpk = (signal.ellip(**design, output=form) for form in ("sos", "ba", "zpk"))
    expected, response = signal.sosfilt(sos, X), signal.sosfreqz(sos, HERTZ, fs=RATE)[1]
    for made in (fx.SOS(sos), fx.TransferFunction(b, a), fx.ZPK(*zpk)):
        same(made(SOUND, sample_rate=RATE), expected, 1e-7)
        same(made.response(HERTZ, RATE), response, 1e-7)
        for form in (made.sos(RATE).numpy(), signal.tf2sos(*(c.numpy() for c in made.ba(RATE)))):
            same(made.response(HERTZ, RATE), signal.sosfreqz(form, HERTZ, fs=RATE)[1], 1e-6)
        for found, theirs in zip((made.zeros(RATE), made.poles(RATE)), zpk[:2], strict=True):
            away = found[found.abs() > 1e-9]  # SciPy's sections have a pole and a zero at the origin, apart
            same(torch.sort(away.abs()).values, np.sort(np.abs(theirs)), 1e-5)
        assert made.is_stable(RATE)
        heard = HERTZ[np.abs(response) > 1e-2]  # beside a zero SciPy's delay is rounding
        same(made.group_delay(heard, RATE), signal.group_delay((b, a), heard, fs=RATE)[1], 1e-4)


def test_unnormalized_sections_and_unstable_ones_run_as_they_are():
    sos = np.array([[2.0, 1.0, 0.0, 4.0, -4.4, 0.0]])
    made = fx.SOS(sos)
    assert not made.is_stable(RATE)
    same(made(SOUND[:, :50], sample_rate=RATE), signal.sosfilt(sos / 4.0, X[:, :50]))
    assert "unstable" in made._repr_mimebundle_(include={"text/html"})[0]["text/html"].lower()
    assert made.sos(RATE)[0, 3] == 1
    assert fx.TransferFunction([1.0], [1.0, -1.1]).margin(RATE).item() == pytest.approx(-0.1)


@pytest.mark.parametrize("taps", [1, 2, 7, 64, 257, 1500])
def test_taps_are_scipys_lfilter_in_sound_and_answers(taps):
    h = np.random.default_rng(taps).standard_normal(taps)
    made = fx.FIR(h)
    same(made(SOUND, sample_rate=RATE), signal.lfilter(h, [1.0], X))
    same(made.response(HERTZ, RATE), signal.freqz(h, worN=HERTZ, fs=RATE)[1])
    delay = signal.group_delay((h, [1.0]), HERTZ[1:-1], fs=RATE)[1]
    same(made.group_delay(HERTZ[1:-1], RATE), delay, 1e-5)
    assert made.noise_gain(RATE).item() == pytest.approx(np.sum(h**2))
    same(made.impulse_response(RATE), h)
    assert made.is_stable(RATE)
    assert made.margin(RATE) == 1
    dense = np.linspace(0, RATE / 2, 400_001)
    course = np.unwrap(np.angle(np.fft.rfft(h, 800_000)))[::1000]
    ours = made.phase(dense[::1000], RATE).numpy()
    turn = 2 * np.pi * np.round((ours - course)[0] / (2 * np.pi))  # half a turn up and half a turn down are one
    np.testing.assert_allclose(ours, course + turn, atol=1e-6, rtol=0)
    b, a = made.ba(RATE)
    same(b, h)
    assert a.tolist() == [1.0]
    if taps <= 64:
        assert len(made.zeros(RATE)) == taps - 1
        same(made.response(HERTZ, RATE), signal.sosfreqz(made.sos(RATE).numpy(), HERTZ, fs=RATE)[1], 1e-7)
    elif taps > 257:
        with pytest.raises(fx.FxlabError, match="FIR: its order is 1499, and roots are computed up to order 256"):
            made.zeros(RATE)


def test_a_symmetric_filter_delays_everything_alike():
    h = signal.firwin(65, 0.3)
    made = fx.FIR(h)
    torch.testing.assert_close(made.group_delay([0.0, 1000.0, 5000.0, 20_000.0], RATE), torch.full((4,), 32.0).double())
    torch.testing.assert_close(made.phase_delay([100.0, 3000.0], RATE), torch.full((2,), 32.0).double())


def test_a_delay_is_a_delay_in_every_form():
    for made in (
        fx.FIR([0.0, 0.0, 0.0, 1.0]),
        fx.TransferFunction([0.0, 0.0, 0.0, 1.0]),
        fx.ZPK([], [0.0, 0.0, 0.0]),
        fx.SOS([[0.0, 0.0, 1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]]),
    ):
        torch.testing.assert_close(made(SOUND, sample_rate=RATE)[:, 3:], SOUND[:, :-3])
        torch.testing.assert_close(made.phase_delay([100.0, 9000.0, 22_000.0], RATE), torch.full((3,), 3.0).double())
        assert not made.zeros(RATE)[~made.zeros(RATE).isnan()].numel()
        assert made.sos(RATE).shape[-2] == 2


@settings(max_examples=25)
@given(taps=st.integers(1, 3000), cuts=st.lists(st.integers(0, 700), max_size=5), learning=st.booleans())
def test_blocks_equal_one_call_with_and_without_gradient(taps, cuts, learning):
    made = fx.FIR(torch.randn(taps, dtype=torch.float64).requires_grad_(learning))
    x = torch.randn(2, 700, dtype=torch.float64)
    stream, edges = made.stream(RATE), [0, *sorted(cuts), 700]
    y = torch.cat([*(stream(x[:, a:b]) for a, b in itertools.pairwise(edges)), stream.flush()], -1)
    whole = made(x, sample_rate=RATE)
    torch.testing.assert_close(y, whole, atol=1e-9 * taps, rtol=1e-9)
    assert y.requires_grad == learning


def test_taps_that_change_between_blocks_hear_the_same_past():
    x, first, second = torch.randn(1, 4000), torch.randn(2000), torch.randn(2000)
    made = fx.FIR(first)
    stream = made.stream(RATE)
    stream(x[:, :3000])
    made.taps = second
    y = stream(x[:, 3000:])
    torch.testing.assert_close(y, fx.FIR(second)(x, sample_rate=RATE)[:, 3000:], rtol=1e-4, atol=1e-3)
    made.taps = torch.randn(10)
    with pytest.raises(
        fx.SignalError,
        match=r"its taps changed from 2000 to 10, so the state .* start a new stream",
    ):
        stream(x)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (lambda: fx.SOS([[1.0, 0, 0, 1, 0, 0], [1.0, 0, 0, 0, 1, 0]]).sos(RATE), "SOS: a0 of section 1 is 0"),
        (lambda: fx.TransferFunction([1.0], [0.0, 1.0])(SOUND, sample_rate=RATE), r"TransferFunction: a\[0\] is 0"),
        (lambda: fx.ZPK([], [0.5 + 0.2j])(SOUND, sample_rate=RATE), "ZPK: of its poles 0.5\\+0.2j has no conjugate"),
        (lambda: fx.ZPK([1.0, 1.0], [0.5], sample_rate=RATE), "2 zeros and 1 poles.*Add 1 poles at 0"),
        (lambda: fx.FIR([1.0]).export("pascal", RATE), "format is 'pascal'"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()


def test_gradients_reach_coefficients_roots_and_taps():
    x = torch.randn(1, 20, dtype=torch.float64)
    sos = torch.tensor([[1.0, 0.2, 0.1, 1.0, -0.5, 0.3]], dtype=torch.float64, requires_grad=True)
    b, a = (torch.tensor(c, dtype=torch.float64, requires_grad=True) for c in ([1.0, 0.3], [1.0, -0.4, 0.2, 0.1]))
    for make, values in ((fx.SOS, (sos,)), (fx.TransferFunction, (b, a)), (fx.FIR, (b,))):
        assert torch.autograd.gradcheck(lambda *v, make=make: make(*v)(x, sample_rate=RATE), values)
        assert torch.autograd.gradcheck(
            lambda *v, make=make: torch.view_as_real(make(*v).response([0.0, 5000.0], RATE)), values
        )
    for what in ("zeros", "poles"):
        radius = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)

        def run(radius: torch.Tensor, what: str = what) -> torch.Tensor:
            root = torch.polar(radius, torch.tensor(0.5, dtype=torch.float64))
            pair = torch.stack([root, root.conj()]).resolve_conj()
            return fx.ZPK(**{"poles": [0.1, 0.2], what: pair})(x, sample_rate=RATE)

        assert torch.autograd.gradcheck(run, (radius,))


def test_taps_are_written_for_other_tools():
    made = fx.FIR([0.5, 0.25])
    assert "0.5,\n    0.25" in made.export("c", RATE)
    assert "0.25f,\n    0.5f" in made.export("cmsis", RATE)  # the last first
    scope: dict[str, object] = {"np": np}
    exec(made.export("numpy", RATE), scope)
    assert scope["fir"].tolist() == [0.5, 0.25]


def test_taps_that_are_rounding_stand_for_none():
    """A sinc's zero on the last tap: what is left of it is 1e-18, and its root far beyond any other."""
    made = fx.WindowedSinc(6000.0, taps=25)
    assert 0 < abs(made.kernel(RATE * 0 + 48_000.0)[0].item()) < 1e-17
    chain = made | fx.LowPass(20_000.0)
    for asked in (made, chain, fx.Mix(made, mix=0.5)):
        sections = signal.sosfreqz(asked.sos(48_000).numpy(), HERTZ, fs=48_000)[1]
        same(asked.response(HERTZ, 48_000), sections, 1e-7)
    heard = chain.impulse_response(48_000, duration=0.1).square().sum()
    torch.testing.assert_close(chain.noise_gain(48_000), heard, rtol=1e-9, atol=0)


def test_what_a_long_stage_delays_is_heard_to_its_end():
    late = fx.FIR([0.0] * 300 + [1.0])
    for made in (late | fx.LowPass(9000.0), fx.Mix(late, mix=0.5), late + fx.Peak()):
        assert len(made.impulse_response(RATE)) > 300
    long = fx.FIR(np.hanning(401)) | fx.LowPass(2000.0)
    f = [100.0, 3000.0]
    torch.testing.assert_close(long.phase(f, RATE), sum(stage.phase(f, RATE) for stage in long))
    heard = long.impulse_response(RATE, duration=0.5).square().sum()
    torch.testing.assert_close(long.noise_gain(RATE), heard, rtol=1e-6, atol=0)


@pytest.mark.parametrize("taps", [[0.1, 0.2, -0.3], [1.0, -1.0], list(np.diff(np.hanning(500)))])
def test_on_a_zero_the_phase_is_its_limit(taps):
    made = fx.FIR(taps)
    at, near = made.phase([0.0, 1e-3], RATE).tolist()
    assert at == pytest.approx(near, abs=1e-4)
    assert made.magnitude_db(0.0, RATE).item() == -np.inf
