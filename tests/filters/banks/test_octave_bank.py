"""OctaveBank: the centers, edges and class 1 limits of IEC 61260, and the sum of the powers of the bands."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0
G = 10**0.3
# Relative attenuation in dB of class 1 at the breakpoints, in octaves from the center: IEC 61260:1995, ANSI S1.11-2004.
# The limits of IEC 61260-1:2014 are nowhere stricter.
CLASS_1 = [
    (0, -0.3, 0.3),
    (1 / 8, -0.3, 0.4),
    (1 / 4, -0.3, 0.6),
    (3 / 8, -0.3, 1.3),
    (0.49999999, -0.3, 5.0),
    (1 / 2, 2.0, np.inf),
    (1, 17.5, np.inf),
    (2, 42.0, np.inf),
    (3, 61.0, np.inf),
    (4, 70.0, np.inf),
]
OCTAVES = [31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000]


def test_centers_and_edges_match_the_standard():
    bank = fx.OctaveBank(low=31.5, high=16_000)
    exact = [
        31.623,
        63.096,
        125.89,
        251.19,
        501.19,
        1000.0,
        1995.3,
        3981.1,
        7943.3,
        15_849.0,
    ]  # as the standard has them
    np.testing.assert_allclose(bank.centers(RATE).numpy(), exact, rtol=3e-5)
    assert bank.names(RATE) == [
        "31.5 Hz",
        *(f"{f} Hz" for f in (63, 125, 250, 500)),
        *(f"{k} kHz" for k in (1, 2, 4, 8, 16)),
    ]
    np.testing.assert_allclose(bank.edges(RATE)[5].numpy(), [707.95, 1412.54], rtol=1e-5)
    thirds = fx.OctaveBank(3, 20, 20_000)
    np.testing.assert_allclose(thirds.centers(RATE).numpy(), 10 ** (np.arange(13, 44) / 10), rtol=1e-12)
    assert thirds.names(RATE)[:5] == ["20 Hz", "25 Hz", "31.5 Hz", "40 Hz", "50 Hz"]
    assert thirds.names(RATE)[-4:] == ["10 kHz", "12.5 kHz", "16 kHz", "20 kHz"]
    np.testing.assert_allclose(thirds.edges(RATE)[17].numpy(), [891.25, 1122.02], rtol=1e-5)


@pytest.mark.parametrize("fraction", [2, 6, 12])
def test_for_even_fractions_two_bands_meet_at_1_khz(fraction):
    edges = fx.OctaveBank(fraction, 100, 4000).edges(RATE)
    assert (edges - 1000.0).abs().min().item() < 1e-9
    torch.testing.assert_close(edges[1:, 0], edges[:-1, 1])
    torch.testing.assert_close(edges[:, 1] / edges[:, 0], torch.full_like(edges[:, 0], G ** (1 / fraction)))


@pytest.mark.parametrize("fraction", [1, 3])
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 96_000.0])
def test_order_three_meets_class_1_up_to_a_fifth_of_the_sample_rate(fraction, rate):
    bank = fx.OctaveBank(fraction, 31.5)
    checked = 0
    for number, (center, (_, top)) in enumerate(
        zip(bank.centers(rate).tolist(), bank.edges(rate).tolist(), strict=True)
    ):
        if top > rate / 5:
            continue
        for octaves, least, most in CLASS_1:
            # The breakpoints of a fractional-octave band are those of the octave band, scaled to its width.
            ratio = 1 + (G ** (1 / (2 * fraction)) - 1) / (G**0.5 - 1) * (G**octaves - 1)
            for f in (center * ratio, center / ratio):
                if f < rate / 2:
                    level = bank.band_responses(f, rate)[number].abs().item()
                    assert least - 1e-6 <= -20 * np.log10(max(level, 1e-15)) <= most, (center, octaves, f)
                    checked += 1
    assert checked > 100


@pytest.mark.parametrize(("fraction", "least", "most"), [(1, -0.1, 0.5), (3, -0.3, 0.7)])
def test_powers_of_the_bands_sum_to_the_power_of_the_input(fraction, least, most):
    bank = fx.OctaveBank(fraction)
    f = torch.logspace(1.6, 3.9, 3000, dtype=torch.float64)
    power = 10 * bank.band_responses(f, RATE).abs().square().sum(0).log10()
    assert least < power.min() < power.max() < most
    edges = bank.edges(RATE)[1:-1].flatten()
    np.testing.assert_allclose(
        bank.band_responses(edges, RATE).abs().square().topk(2, 0)[0].sum(0).numpy(), 1.0, atol=1e-9
    )


@pytest.mark.parametrize("fraction", [1, 3])
def test_sum_of_bands_is_within_3_db_of_the_input(fraction):
    f = torch.logspace(1.6, 3.9, 3000, dtype=torch.float64)
    assert fx.OctaveBank(fraction).magnitude_db(f, RATE).abs().max() < 3.0


@pytest.mark.parametrize("order", [1, 3, 6])
def test_each_band_matches_scipys_butterworth(order):
    bank = fx.OctaveBank(order=order, high=16_000)
    f = np.geomspace(10, 23_900, 300)
    for actual, edges in zip(bank.band_responses(f, RATE).numpy(), bank.edges(RATE).tolist(), strict=True):
        sos = signal.butter(order, edges, "bandpass", fs=RATE, output="sos")
        np.testing.assert_allclose(actual, signal.freqz_sos(sos, worN=f, fs=RATE)[1], atol=1e-9)


def analog_bands(bank, hertz, rate):
    """Return the responses of the bands from the analog Butterworth band-pass at prewarped frequencies."""
    low, high = (np.tan(np.pi * edge / rate)[:, None] for edge in bank.edges(rate).numpy().T)
    warped = np.tan(np.pi * hertz / rate)
    b, a = signal.butter(bank.order, 1, analog=True)
    s = 1j * (warped**2 - low * high) / (warped * (high - low))
    return np.polyval(b, s) / np.polyval(a, s)


@pytest.mark.parametrize(("rate", "tolerance"), [(1000.0, 1e-9), (48_000.0, 2e-6), (192_000.0, 4e-5)])
@pytest.mark.parametrize("fraction", [1, 3, 12])
def test_bands_from_half_a_hertz_on_are_accurate_at_audio_rates(fraction, rate, tolerance):
    bank = fx.OctaveBank(fraction, low=0.5)
    hertz = np.geomspace(0.05, min(20_000.0, rate / 2.1), 200)
    found = bank.band_responses(hertz, rate).numpy()
    assert np.abs(found - analog_bands(bank, hertz, rate)).max() < tolerance
    assert bank.is_stable(rate)


def test_centers_from_half_a_hertz_on_are_those_of_the_standard():
    """ISO 266 and IEC 61260: nominal frequencies, and the exact ones, 1000 times 10 to the power of k / 10."""
    bank = fx.OctaveBank(3, low=0.5, high=25)
    nominal = (0.5, 0.63, 0.8, 1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8, 10, 12.5, 16, 20, 25)
    assert bank.names(RATE) == [f"{value:g} Hz" for value in nominal]
    np.testing.assert_allclose(bank.centers(RATE).numpy(), 10 ** (np.arange(-3, 15) / 10), rtol=1e-12)
    assert fx.OctaveBank(low=0.5, high=16).names(RATE) == ["0.5 Hz", "1 Hz", "2 Hz", "4 Hz", "8 Hz", "16 Hz"]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 2e-5)])
def test_the_sound_of_low_bands_equals_scipys_in_extended_precision(dtype, tolerance):
    bank, rate = fx.OctaveBank(3, low=0.5, high=2), 48_000.0
    time = torch.arange(int(10 * rate), dtype=torch.float64) / rate
    x = (0.5 * torch.sin(2 * torch.pi * 0.8 * time) + 0.1 * torch.randn_like(time))[None].to(dtype)
    bands = bank.split(x, rate)[0].double().numpy()
    for band, one in ((0, bands[0]), (2, bands[2])):
        sos = bank.filters(rate)[band].sos(rate).numpy().astype(np.longdouble)
        expected = signal.sosfilt(sos, x[0].numpy().astype(np.longdouble)).astype(float)
        np.testing.assert_allclose(one, expected, rtol=0, atol=tolerance * np.abs(expected).max())


@pytest.mark.slow
@pytest.mark.parametrize(("bank", "rate", "tolerance"), [
    (fx.OctaveBank(1, low=0.5), 48_000.0, 1e-6),
    (fx.OctaveBank(3, low=0.5), 48_000.0, 1e-6),
    (fx.OctaveBank(3, low=0.5, order=6), 192_000.0, 2e-5),
    (fx.OctaveBank(12, low=100), 96_000.0, 1e-8),
    (fx.OctaveBank(3, order=9, gains_db=[12.0]), 48_000.0, 1e-8),
    (fx.OctaveBank(gains_db=[0.0, -300.0, 24.0, -60.0, 0.0, 6.0, -6.0, 0.0, 40.0, 0.0]), 48_000.0, 1e-8),
    (fx.LogFilterBank(low=1.0, bands=20), 192_000.0, 2e-6),
], ids=repr)  # fmt: skip
def test_sections_and_noise_gain_of_low_narrow_and_many_bands_are_those_of_the_sum(bank, rate, tolerance):
    """The poles lie within 1e-5 of z = 1, where the eigenvalues of a state space have no correct digit."""
    hertz = np.geomspace(0.05, rate / 2.1, 400)
    expected = bank.response(hertz, rate).numpy()
    _, found = signal.freqz_sos(bank.sos(rate).numpy(), worN=hertz, fs=rate)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * np.abs(expected).max())
    if bank.order == 3 and rate == 48_000.0:
        impulse = torch.zeros(1, int(20 * rate), dtype=torch.float64)
        impulse[0, 0] = 1.0
        energy = bank(impulse, rate).square().sum()
        torch.testing.assert_close(bank.noise_gain(rate), energy, rtol=1e-6, atol=0)


def test_zeros_and_noise_gain_have_gradients_and_batches():
    gains = torch.tensor([1.0, 2.0, 3.0, 0.5], dtype=torch.float64, requires_grad=True)

    def analysis(gains_db):
        bank = fx.OctaveBank(low=1000, high=8000, gains_db=gains_db)
        return torch.view_as_real(bank.zeros(RATE)), bank.noise_gain(RATE)

    assert torch.autograd.gradcheck(analysis, gains)
    batch = fx.OctaveBank(low=1000, high=8000, gains_db=torch.randn(3, 4, dtype=torch.float64))
    assert batch.zeros(RATE).shape == (3, 24)
    for number, row in enumerate(batch.gains_db):
        one = fx.OctaveBank(low=1000, high=8000, gains_db=row)
        torch.testing.assert_close(batch.noise_gain(RATE)[number], one.noise_gain(RATE), rtol=1e-12, atol=0)


def test_levels_db_of_white_noise_and_tone():
    """White noise has twice the power in each higher octave."""
    levels = fx.OctaveBank().levels_db(fx.noise(duration=10.0, color="white", sample_rate=48_000, seed=1))[0]
    np.testing.assert_allclose(levels.diff()[2:].numpy(), 10 * np.log10(G), atol=0.7)
    tone = fx.OctaveBank().levels_db(fx.sine(1000.0, duration=1.0, sample_rate=48_000))[0]
    assert tone.argmax() == 5


def test_default_high_is_the_highest_band_below_half_the_sample_rate():
    bank = fx.OctaveBank()
    tops = {48_000: "16 kHz", 44_100: "8 kHz", 22_050: "4 kHz", 192_000: "16 kHz", 8000: "2 kHz"}
    assert {rate: bank.names(rate)[-1] for rate in tops} == tops
    assert fx.OctaveBank(3).names(44_100)[-1] == "16 kHz"
    assert fx.OctaveBank(3).names(192_000)[-1] == "20 kHz"


def test_sections_have_the_response_of_the_sum():
    """There are 54 poles and 54 zeros, some within 1e-3 of z = 1, but the sections are still exact."""
    f = np.geomspace(5, 23_900, 500)
    bank = fx.OctaveBank()
    _, expected = signal.freqz_sos(bank.sos(RATE).numpy(), worN=f, fs=RATE)
    np.testing.assert_allclose(bank.response(f, RATE).numpy(), expected, atol=1e-8)


def test_numbers_and_names_select_the_same_band():
    assert fx.OctaveBank(low=63, high=1000).low == fx.OctaveBank(low="63 Hz").low == "63 Hz"
    assert fx.OctaveBank(low=40).centers(RATE)[0].item() == pytest.approx(31.62, abs=0.01)  # the octave it lies in
    assert repr(fx.OctaveBank(3, low=31.5, high=1000)) == "OctaveBank(fraction=3, high='1 kHz')"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: fx.OctaveBank(high=16_000, sample_rate=44_100),
            "which contains 16 kHz, reaches up to 22387 Hz; at a sample",
        ),
        (lambda: fx.OctaveBank(high=16_000, sample_rate=44_100), "choose high='highest', or a signal with a higher"),
        (
            lambda: fx.OctaveBank(low=1000, high=500, sample_rate=RATE),
            "low is 1 kHz and high 500 Hz; low must not lie above high; exchange them",
        ),
        (
            lambda: fx.OctaveBank(low=4000, sample_rate=8000),
            "its lowest band, which contains 4 kHz, reaches up to 5623 Hz",
        ),
        (lambda: fx.OctaveBank(low=123), "low is 123; it must be one of '0.5 Hz'"),
        (lambda: fx.OctaveBank(low=True), "low is True; it must be one of"),
        (lambda: fx.OctaveBank(fraction=25), "fraction is 25"),
        (lambda: fx.OctaveBank(gains_db=[1.0, 2.0], sample_rate=RATE), "2 values, but there are 10 bands"),
    ],
)
def test_invalid_parameters_raise(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()
