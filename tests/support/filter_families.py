"""All families of filters with their references and errors: the rows of the table in docs/filters.md."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import signal
from torchaudio import functional as ta

import fxlab as fx
from tests.filters.test_weighting import TABLE, TABLE_468, TABLE_B, TABLE_D
from tests.filters.virtual_analog.test_state_variable import PROTOTYPES
from tests.support import filter_families_banks as families_of_bands
from tests.support import filter_families_fir as families_of_taps
from tests.support.filter_family import HERTZ, RATE, Error, Family, far, worst


def responses(pairs: Iterable[tuple[fx.Module, NDArray[np.float64]]]) -> float:
    """Compare modules with the responses of SciPy's sections at the same rate; return the largest error."""
    return worst(far(made.response(HERTZ, RATE), signal.sosfreqz(sos, HERTZ, fs=RATE)[1]) for made, sos in pairs)


def cookbook() -> float:
    """Compare with the impulse responses of torchaudio's biquads, and exact widths with SciPy's designs."""
    impulse = torch.zeros(1, 4000, dtype=torch.float64)
    impulse[0, 0] = 1e-3  # torchaudio clamps at 1

    def pairs() -> Iterable[tuple[fx.Module, torch.Tensor]]:
        for hertz, q in itertools.product((200.0, 5000.0), (0.3, 0.7071, 4.0)):
            at = (impulse, int(RATE), hertz)
            yield fx.LowPass(hertz, q), ta.lowpass_biquad(*at, q)
            yield fx.HighPass(hertz, q), ta.highpass_biquad(*at, q)
            yield fx.BandPass(hertz, q), ta.bandpass_biquad(*at, q)
            yield fx.BandPass(hertz, q, "skirt"), ta.bandpass_biquad(*at, q, const_skirt_gain=True)
            yield fx.Notch(hertz, q), ta.bandreject_biquad(*at, q)
            yield fx.AllPass(hertz, q), ta.allpass_biquad(*at, q)
            for gain in (-12.0, 6.0):
                yield fx.Peak(hertz, gain, q), ta.equalizer_biquad(impulse, int(RATE), hertz, gain, q)
                yield fx.LowShelf(hertz, gain, q), ta.bass_biquad(impulse, int(RATE), gain, hertz, q)
                yield fx.HighShelf(hertz, gain, q), ta.treble_biquad(impulse, int(RATE), gain, hertz, q)

    exact = ((fx.Notch, signal.iirnotch), (fx.BandPass, signal.iirpeak))
    sections = (
        far(kind(hertz, q, width="exact").sos(RATE)[0], np.concatenate(design(hertz, q, RATE)))
        for (kind, design), hertz, q in itertools.product(exact, (20.0, 15_000.0), (0.7, 30.0))
    )
    return max(worst(far(made(impulse, sample_rate=RATE), theirs) for made, theirs in pairs()), worst(sections))


def first_order() -> float:
    """Compare with SciPy's first-order Butterworth and torchaudio's emphasis."""
    butter = {kind: signal.butter(1, 900.0, kind, fs=RATE, output="sos") for kind in ("lowpass", "highpass")}
    x = torch.linspace(-0.1, 0.1, 500, dtype=torch.float64)[None]
    emphasis = [
        (fx.PreEmphasis(0.9)(x, sample_rate=RATE), ta.preemphasis(x, 0.9)),
        (fx.DeEmphasis(0.9)(x, sample_rate=RATE), ta.deemphasis(x, 0.9)),
    ]
    blocked = (fx.DCBlock(900.0), butter["highpass"])
    return max(
        responses([*((fx.OnePole(900.0, kind), sos) for kind, sos in butter.items()), blocked]),
        worst(far(ours, theirs) for ours, theirs in emphasis),
    )


def first_order_prototypes() -> float:
    """Compare with SciPy's bilinear transform of the analog all-pass and shelves."""

    def pairs() -> Iterable[tuple[fx.Module, NDArray[np.float64]]]:
        for cutoff, gain_db in itertools.product((30.0, 1000.0, 15_000.0), (-12.0, 6.0)):
            gain, scale = 10 ** (gain_db / 20), 1 / (2 * np.tan(np.pi * cutoff / RATE))
            root = np.sqrt(gain)
            for made, top, bottom in (
                (fx.FirstOrderAllPass(cutoff), [-1, 1], [1, 1]),
                (fx.FirstOrderLowShelf(cutoff, gain_db), [root, gain], [root, 1]),
                (fx.FirstOrderHighShelf(cutoff, gain_db), [gain, root], [1, root]),
            ):
                b, a = signal.bilinear(top, bottom, scale)
                yield made, np.array([[*b, 0, *a, 0]])

    return responses(pairs())


def classical(make: Callable[..., fx.Module], design: Callable[..., Any], *levels: str, **values: float) -> Error:
    """Return a function that compares with SciPy's designs of the same parameters."""

    def error() -> float:
        def pairs() -> Iterable[tuple[fx.Module, NDArray[np.float64]]]:
            for order, kind in itertools.product((1, 2, 5, 8, 12), ("lowpass", "highpass", "bandpass", "bandstop")):
                edges: Any = (700.0, 3000.0) if kind.startswith("band") else 2000.0
                theirs = design(order, *(values[level] for level in levels), edges, kind, fs=RATE, output="sos")
                yield make(edges, order, kind, **values), theirs

        return responses(pairs())

    return error


def bessel(order: int, edges: Any, kind: str, **how: Any) -> Any:
    """Return SciPy's Bessel filter with the default norm of fxlab."""
    return signal.bessel(order, edges, kind, norm=fx.Bessel.declarations["norm"].default, **how)


def linkwitz_riley() -> float:
    """Compare with SciPy's Butterworth of half the order, twice in series."""

    def pairs() -> Iterable[tuple[fx.Module, NDArray[np.float64]]]:
        for order, kind in itertools.product((2, 4, 8), ("lowpass", "highpass")):
            half = signal.butter(order // 2, 1200.0, kind, fs=RATE, output="sos")
            yield fx.LinkwitzRiley(1200.0, order, kind), np.concatenate([half, half])

    return responses(pairs())


def weighting() -> float:
    """Compare with the tables of the standards from 20 Hz on, in dB; below that only A and C have one."""
    tables = {
        "A": {k: row[0] for k, row in TABLE.items() if k <= 13},
        "B": TABLE_B,
        "C": {k: row[1] for k, row in TABLE.items() if k <= 13},
        "D": TABLE_D,
    }

    def errors() -> Iterable[float]:
        for curve, table in tables.items():
            hertz = 1000 * 10 ** (np.array(list(table)) / 10)
            levels = fx.Weighting(curve).magnitude_db(hertz, RATE).numpy()
            yield float(np.abs(levels - np.array(list(table.values()))).max())

    return worst(errors())


def weighting_468() -> float:
    """Compare with table 1 of ITU-R BS.468-4 up to 20 kHz, in dB."""
    table = {hertz: level for hertz, (level, _) in TABLE_468.items() if hertz <= 20_000}
    levels = fx.Weighting("468").magnitude_db(list(table), RATE).numpy()
    return float(np.abs(levels - np.array(list(table.values()))).max())


def k_weighting() -> float:
    """Compare with the coefficients of ITU-R BS.1770-4 for 48 kHz."""
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585]
    low = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    return far(fx.Weighting("K").sos(RATE), [shelf, low])


def riaa() -> float:
    """Compare with the table of IEC 60098, in dB."""
    table = {20: 19.274, 50: 16.946, 100: 13.088, 500: 2.648, 1000: 0.0, 2000: -2.589, 5000: -8.210, 10_000: -13.734}
    levels = fx.RIAA().magnitude_db(list(table), RATE).numpy()
    return float(np.abs(levels - np.array(list(table.values()))).max())


def state_variable() -> float:
    """Compare with SciPy's bilinear transform of the analog prototypes."""

    def pairs() -> Iterable[tuple[fx.Module, NDArray[np.float64]]]:
        for kind, cutoff, q in itertools.product(PROTOTYPES, (50.0, 1000.0, 15_000.0), (0.3, 5.0)):
            b, a = signal.bilinear(PROTOTYPES[kind](1 / q), [1, 1 / q, 1], 1 / (2 * np.tan(np.pi * cutoff / RATE)))
            yield fx.StateVariable(cutoff, q, kind=kind), np.concatenate([b, a])[None]

    return responses(pairs())


def ladder() -> float:
    """Compare with the analog formula, 1 / ((1 + s)^4 + k), at warped frequencies."""

    def errors() -> Iterable[float]:
        for cutoff, k in itertools.product((50.0, 1000.0, 15_000.0), (0.0, 1.0, 3.9)):
            s = 1j * np.tan(np.pi * HERTZ / RATE) / np.tan(np.pi * cutoff / RATE)
            yield far(fx.Ladder(cutoff, k).response(HERTZ, RATE), 1 / ((1 + s) ** 4 + k))

    return worst(errors())


def by_coefficients() -> float:
    """Compare with SciPy's filters of the same coefficients, on noise."""
    x = np.random.default_rng(0).standard_normal((2, 600))
    sos, (b, a), zpk = (signal.cheby1(5, 1.0, 0.3, output=form) for form in ("sos", "ba", "zpk"))
    taps = np.random.default_rng(1).standard_normal(300)
    pairs = [
        (fx.SOS(sos), signal.sosfilt(sos, x)),
        (fx.TransferFunction(b, a), signal.lfilter(b, a, x)),
        (fx.ZPK(*zpk), signal.sosfilt(sos, x)),
        (fx.FIR(taps), signal.lfilter(taps, [1.0], x)),
    ]
    return worst(far(made(torch.from_numpy(x), sample_rate=RATE), theirs) for made, theirs in pairs)


def zero_phase() -> float:
    """Compare with SciPy's `sosfiltfilt` and, for Gustafsson's method, `filtfilt`, on noise."""
    x = np.random.default_rng(0).standard_normal((2, 600))

    def errors() -> Iterable[float]:
        for order, padding in itertools.product((2, 5), ("odd", "even", "constant")):
            sos = signal.butter(order, 1500.0, fs=RATE, output="sos")
            made = fx.ZeroPhase(fx.Butterworth(1500.0, order), padding=padding)
            yield far(made(torch.from_numpy(x), sample_rate=RATE), signal.sosfiltfilt(sos, x, axis=-1, padtype=padding))
        made = fx.ZeroPhase(fx.LowPass(9000.0), "gustafsson")
        b, a = signal.butter(2, 9000.0, fs=RATE)
        yield far(made(torch.from_numpy(x), sample_rate=RATE), signal.filtfilt(b, a, x, method="gust"))

    return worst(errors())


def fixed_point() -> float:
    """Compare with SciPy's `sosfilt` at 48 bits (4 of them headroom), on noise at a quarter of full scale."""
    x = 0.25 * (2 * np.random.default_rng(0).random((1, 600)) - 1)
    sos = signal.butter(4, 6000.0, fs=RATE, output="sos")

    def errors() -> Iterable[float]:
        for structure in fx.FixedPoint.declarations["structure"].choices:
            made = fx.FixedPoint(fx.Butterworth(6000.0), bits=44, headroom=4, coefficient_bits=48, structure=structure)
            yield far(made(torch.from_numpy(x), sample_rate=RATE), signal.sosfilt(sos, x))

    return worst(errors())


FAMILIES: dict[str, Family] = {
    "LowPass, HighPass, BandPass, Notch, AllPass, Peak, LowShelf, HighShelf": Family(
        (fx.LowPass, fx.HighPass, fx.BandPass, fx.Notch, fx.AllPass, fx.Peak, fx.LowShelf, fx.HighShelf),
        "band-pass by peak or skirt; width by q, in Hz or in octaves; shelves by q or slope",
        "torchaudio's biquads, SciPy `iirnotch`, `iirpeak`", cookbook,
    ),
    "OnePole, DCBlock, PreEmphasis, DeEmphasis": Family(
        (fx.OnePole, fx.DCBlock, fx.PreEmphasis, fx.DeEmphasis), "low-pass, high-pass",
        "SciPy `butter(1)`, torchaudio", first_order,
    ),
    "FirstOrderAllPass, FirstOrderLowShelf, FirstOrderHighShelf": Family(
        (fx.FirstOrderAllPass, fx.FirstOrderLowShelf, fx.FirstOrderHighShelf),
        "half the gain in dB at the corner; corner of the all-pass may move", "SciPy `bilinear` of the prototypes",
        first_order_prototypes,
    ),
    "Butterworth": Family(
        (fx.Butterworth,), "low-pass, high-pass, band-pass, band-stop; order 1–24", "SciPy `butter`",
        classical(fx.Butterworth, signal.butter),
    ),
    "Bessel": Family((fx.Bessel,), "the same; three norms", "SciPy `bessel`", classical(fx.Bessel, bessel)),
    "Chebyshev1": Family(
        (fx.Chebyshev1,), "the same", "SciPy `cheby1`",
        classical(fx.Chebyshev1, signal.cheby1, "ripple_db", ripple_db=0.7),
    ),
    "Chebyshev2": Family(
        (fx.Chebyshev2,), "the same", "SciPy `cheby2`",
        classical(fx.Chebyshev2, signal.cheby2, "attenuation_db", attenuation_db=50.0),
    ),
    "Elliptic": Family(
        (fx.Elliptic,), "the same", "SciPy `ellip`",
        classical(fx.Elliptic, signal.ellip, "ripple_db", "attenuation_db", ripple_db=0.7, attenuation_db=50.0),
    ),
    "LinkwitzRiley": Family(
        (fx.LinkwitzRiley,), "low-pass, high-pass; order 2–24", "SciPy `butter` twice", linkwitz_riley
    ),
    "StateVariable": Family(
        (fx.StateVariable,), "low-pass, high-pass, band-pass, notch, all-pass, peak; corner may move",
        "SciPy `bilinear` of the prototypes", state_variable,
    ),
    "Ladder": Family((fx.Ladder,), "linear, or with tanh; corner may move", "the analog formula", ladder),
    "FIR, SOS, TransferFunction, ZPK": Family(
        (
            lambda **p: fx.FIR(**{"taps": [0.2, 0.5, -0.1], **p}),
            lambda **p: fx.SOS(**{"sos": [[0.1, 0.2, 0.1, 1.0, -1.2, 0.5]], **p}),
            lambda **p: fx.TransferFunction(**{"b": [0.1, 0.2], "a": [1.0, -0.5, 0.1], **p}),
            fx.ZPK,
        ),
        "by their numbers", "SciPy `sosfilt`, `lfilter`", by_coefficients,
    ),
    "ZeroPhase": Family(
        (lambda **p: fx.ZeroPhase(fx.LowPass(), **p),),
        "any filter, forwards and backwards; padding or Gustafsson's method",
        "SciPy `sosfiltfilt`, `filtfilt`",
        zero_phase,
    ),
    "Weighting (A to D)": Family(
        (fx.Weighting,), "curves A, B, C, D; sample rates from 2 kHz",
        "IEC 61672-1, IEC 651, IEC 537 (printed to 0.1 dB)", weighting, "dB",
    ),
    "Weighting (468)": Family(
        (lambda **p: fx.Weighting("468", **p),), "ITU-R 468", "ITU-R BS.468-4, table 1 (printed to 0.1 dB)",
        weighting_468, "dB",
    ),
    "Weighting (K)": Family((lambda **p: fx.Weighting("K", **p),), "curve K", "ITU-R BS.1770-4", k_weighting),
    "RIAA": Family((fx.RIAA,), "playback, recording", "IEC 60098", riaa, "dB"),
    "FixedPoint": Family(
        (lambda **p: fx.FixedPoint(fx.LowPass(), **p),), "any filter in whole numbers; seven structures",
        "SciPy `sosfilt`, at 48 bits", fixed_point,
    ),
    **families_of_taps.FAMILIES,
    **families_of_bands.FAMILIES,
}  # fmt: skip
