"""`scipy.signal` → fxlab."""

from tests.support.migration.row import Row

ROWS = [
    Row('signal.sosfilt(signal.butter(4, 1000, fs=fs, output="sos"), x)', "fx.Butterworth(1000)(x, sample_rate=fs)"),
    Row(
        'signal.sosfilt(signal.butter(2, (300, 3400), "bandpass", fs=fs, output="sos"), x)',
        'fx.Butterworth((300, 3400), order=2, kind="bandpass")(x, sample_rate=fs)',
    ),
    Row(
        'signal.sosfilt(signal.cheby1(4, 1, 1000, fs=fs, output="sos"), x)',
        "fx.Chebyshev1(1000, ripple_db=1)(x, sample_rate=fs)",
    ),
    Row(
        'signal.sosfilt(signal.cheby2(4, 40, 2000, fs=fs, output="sos"), x)',
        "fx.Chebyshev2(2000, attenuation_db=40)(x, sample_rate=fs)",
    ),
    Row(
        'signal.sosfilt(signal.ellip(6, 1, 60, 1000, fs=fs, output="sos"), x)',
        "fx.Elliptic(1000, order=6, ripple_db=1, attenuation_db=60)(x, sample_rate=fs)",
    ),
    Row(
        'signal.sosfilt(signal.bessel(4, 1000, fs=fs, output="sos"), x)',
        "fx.Bessel(1000)(x, sample_rate=fs)",
    ),
    Row("signal.lfilter(*signal.iirnotch(50, 30, fs), x)", 'fx.Notch(50, q=30, width="exact")(x, sample_rate=fs)'),
    Row("signal.lfilter(*signal.iirpeak(440, 30, fs), x)", 'fx.BandPass(440, q=30, width="exact")(x, sample_rate=fs)'),
    Row("signal.lfilter(b, a, x)", "fx.TransferFunction(b, a)(x, sample_rate=fs)"),
    Row("signal.sosfilt(sos, x)", "fx.SOS(sos)(x, sample_rate=fs)"),
    Row("signal.sosfilt(signal.zpk2sos(*zpk), x)", "fx.ZPK(*zpk)(x, sample_rate=fs)"),
    Row("signal.lfilter(h, 1, x)", "fx.FIR(h)(x, sample_rate=fs)"),
    Row("signal.sosfiltfilt(sos, x)", "fx.ZeroPhase(fx.SOS(sos))(x, sample_rate=fs)"),
    Row(
        "signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])[0]",
        "fx.SOS(sos).stream(fs, settled=True)(x)",
        note="The same object filters the next block with the state that this one left.",
    ),
    Row("signal.firwin(101, 1000, fs=fs)", "fx.WindowedSinc(1000, taps=101).kernel(fs)"),
    Row(
        'signal.firwin(101, 1000, window=("kaiser", 8.6), pass_zero=False, fs=fs)',
        'fx.WindowedSinc(1000, taps=101, kind="highpass", window="kaiser", beta=8.6).kernel(fs)',
    ),
    Row(
        "signal.firwin(101, [500, 1000, 3000], fs=fs)",
        "fx.MultibandSinc((500, 1000, 3000), taps=101).kernel(fs)",
    ),
    Row(
        "signal.firwin2(101, [0, 3000, 4000, fs / 2], [1, 1, 0, 0], fs=fs)",
        "fx.FrequencySampling((0, 3000, 4000, fs / 2), (1, 1, 0, 0), taps=101).kernel(fs)",
    ),
    Row(
        "signal.firls(61, [0, 3000, 4000, fs / 2], [1, 1, 0, 0], fs=fs)",
        "fx.MultibandLeastSquares((0, 3000, 4000, fs / 2), (1, 1, 0, 0), taps=61).kernel(fs)",
    ),
    Row(
        "signal.remez(61, [0, 3000, 4000, fs / 2], [1, 0], fs=fs)",
        "fx.MultibandEquiripple((0, 3000, 4000, fs / 2), (1, 0), taps=61).kernel(fs)",
        tolerance=3e-3,
        note="SciPy optimizes on a grid of 16 points per tap; fxlab finds the extrema between them.",
    ),
    Row(
        "signal.minimum_phase(signal.firwin(101, 1000, fs=fs))",
        "fx.MinimumPhase(fx.WindowedSinc(1000, 101), halve=True).kernel(fs)",
    ),
    Row("signal.sosfreqz(sos, f, fs=fs)[1]", "fx.SOS(sos).response(f, fs)"),
    Row("signal.group_delay((b, a), f, fs=fs)[1]", "fx.TransferFunction(b, a).group_delay(f, fs)", tolerance=1e-7),
    Row("signal.fftconvolve(x, h)[: len(x)]", "fx.Convolve(h[None], rate=fs)(x, sample_rate=fs)"),
    Row(
        "fs * np.abs(signal.stft(x, fs, 'hann', 1024, 768, padded=False, scaling='psd')[2]) ** 2",
        'fx.Spectrogram(1024, hop_length=256, normalized="window", pad_mode="constant")(x, sample_rate=fs)',
    ),
    Row(
        "signal.sosfilt(signal.iirdesign(1000, 2000, 1, 60, fs=fs, output='sos'), x)",
        'fx.design("lowpass", 1000, 2000, ripple_db=1, attenuation_db=60, sample_rate=fs)(x, sample_rate=fs)',
        tolerance=1e-6,
    ),
]
