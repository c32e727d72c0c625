"""TorchFX 0.8 → fxlab. The references are the same designs in SciPy, since its kernel fits one PyTorch."""

from tests.support.migration.row import Row

ROWS = [
    Row('Wave.from_file("voice.wav")', "fx.load", note='`fx.load("voice.wav")`; a `Signal` holds samples and rate.'),
    Row(
        "wave | LoButterworth(1000, order=4)",
        "fx.Signal(x, fs) | fx.Butterworth(1000, order=4)",
        reference='signal.sosfilt(signal.butter(4, 1000, fs=fs, output="sos"), x)',
    ),
    Row(
        "wave | HiButterworth(80, order=2)",
        'fx.Signal(x, fs) | fx.Butterworth(80, order=2, kind="highpass")',
        reference='signal.sosfilt(signal.butter(2, 80, "highpass", fs=fs, output="sos"), x)',
    ),
    Row(
        "wave | LoChebyshev1(1000, order=4, ripple=0.5)",
        "fx.Signal(x, fs) | fx.Chebyshev1(1000, ripple_db=0.5)",
        reference='signal.sosfilt(signal.cheby1(4, 0.5, 1000, fs=fs, output="sos"), x)',
    ),
    Row(
        "wave | HiChebyshev2(1000, order=4, ripple=40)",
        'fx.Signal(x, fs) | fx.Chebyshev2(1000, kind="highpass", attenuation_db=40)',
        reference='signal.sosfilt(signal.cheby2(4, 40, 1000, "highpass", fs=fs, output="sos"), x)',
    ),
    Row(
        "wave | LoElliptic(1000, 4, passband_ripple=0.5, stopband_attenuation=60)",
        "fx.Signal(x, fs) | fx.Elliptic(1000, ripple_db=0.5, attenuation_db=60)",
        reference='signal.sosfilt(signal.ellip(4, 0.5, 60, 1000, fs=fs, output="sos"), x)',
    ),
    Row(
        "wave | LoLinkwitzRiley(1000, order=4)",
        "fx.Signal(x, fs) | fx.LinkwitzRiley(1000, order=4)",
        reference='signal.sosfilt(np.tile(signal.butter(2, 1000, fs=fs, output="sos"), (2, 1)), x)',
    ),
    Row(
        "wave | BiquadNotch(1000, q=10)",
        "fx.Signal(x, fs) | fx.Notch(1000, q=10)",
        reference="signal.lfilter(*signal.iirnotch(1000, 10, fs), x)",
        tolerance=1e-3,
        note='The cookbook\'s width, as there; the exact one is `width="exact"`.',
    ),
    Row(
        'wave | Peaking(1000, 2.0, -6.0, gain_scale="db")',
        "fx.Signal(x, fs) | fx.Peak(1000, gain_db=-12.0, q=2.0)",
        note="Twice the dB: TorchFX 0.8 takes the number as half of the gain at the center.",
    ),
    Row(
        'wave | LoShelving(100, 0.7, -6.0, gain_scale="db")',
        "fx.Signal(x, fs) | fx.LowShelf(100, gain_db=-12.0, q=0.7)",
        note="Twice the dB, as above.",
    ),
    Row(
        'wave | HiShelving(3000, 0.7, -6.0, gain_scale="db")',
        "fx.Signal(x, fs) | fx.HighShelf(3000, gain_db=-12.0, q=0.7)",
        note="Twice the dB, as above.",
    ),
    Row(
        "wave | ParametricEQ(1000, 2.0, -6.0)",
        "fx.Signal(x, fs) | fx.Peak(1000, gain_db=-12.0, q=2.0)",
        note="Twice the dB, as above. `fx.ParametricEQ` has any number of bands.",
    ),
    Row("wave | FIR(h)", "fx.Signal(x, fs) | fx.FIR(h)", reference="signal.lfilter(h, 1, x)"),
    Row(
        "wave | DesignableFIR(1000, num_taps=101)",
        "fx.Signal(x, fs) | fx.WindowedSinc(1000, taps=101)",
        reference="signal.lfilter(signal.firwin(101, 1000, fs=fs), 1, x)",
    ),
    Row("wave | LogFilterBank(8)", "fx.Signal(x, fs) | fx.LogFilterBank(40, 10_240, bands=8)"),
    Row("wave | Gain(0.5)", "fx.Signal(x, fs) | fx.Gain(-6.0206)", reference="0.5 * x", tolerance=1e-5),
    Row('wave | Gain(-6, gain_type="db")', "fx.Signal(x, fs) | fx.Gain(-6)", reference="x * 10 ** (-6 / 20)"),
    Row(
        "wave | Normalize(peak=0.5)",
        "fx.Signal(x, fs) | fx.Normalize(-6.0206)",
        reference="0.5 * x / np.abs(x).max()",
        tolerance=1e-5,
    ),
    Row(
        "wave | Normalize(0.1, RMSNormalizationStrategy())",
        'fx.Signal(x, fs) | fx.Normalize(-20, kind="rms")',
        reference="0.1 * x / np.sqrt(np.mean(x**2))",
    ),
    Row(
        'wave | Delay(bpm=120, delay_time="1/8")',
        'fx.Signal(x, fs) | fx.Delay(clock="tempo", tempo_bpm=120, note="1/8")',
    ),
    Row(
        "wave | Delay(bpm=120, strategy=PingPongDelayStrategy())",
        'fx.Signal(x, fs) | fx.Delay(clock="tempo", ping_pong=True)',
    ),
    Row(
        "wave | Reverb(room_size=0.5)",
        "fx.Signal(x, fs) | fx.Reverb(decay_s=1.5)",
        note="A decay in seconds (RT60) in place of a size.",
    ),
    Row(
        "wave | Compressor(-20, 4, attack=0.005, release=0.05)",
        "fx.Signal(x, fs) | fx.Compressor(-20, 4, attack_ms=5, release_ms=50)",
    ),
    Row("wave | Expander(-40, 2)", "fx.Signal(x, fs) | fx.Expander(-40, 2)"),
    Row("wave | Gate(-50)", "fx.Signal(x, fs) | fx.Gate(-50)"),
    Row("wave | Limiter(-1.0, lookahead=0.005)", "fx.Signal(x, fs) | fx.Limiter(-1.0, lookahead_ms=5)"),
    Row(
        "wave | LoButterworth(1000, 4) + HiButterworth(4000, 4)",
        'fx.Signal(x, fs) | (fx.Butterworth(1000) + fx.Butterworth(4000, kind="highpass"))',
        reference="sum(signal.lfilter(*signal.butter(4, *edge, fs=fs), x) for edge in ((1000,), (4000, 'high')))",
        note="TorchFX's default order is 5.",
    ),
    Row(
        "FusedSOSCascade(first, second)",
        "fx.LowPass() | fx.HighPass()",
        note="A chain is one call of the engine by itself.",
    ),
    Row(
        "first.compile(fs)",
        "fx.LowPass()(x, sample_rate=fs)",
        note="Nothing to call: coefficients follow from the values.",
    ),
    Row('wave.to("cuda")', 'fx.Signal(x, fs).to("cpu")'),
    Row('wave.save("out.wav")', "fx.Signal(x, fs).save", note='`signal.save("out.wav")`'),
]
