"""MATLAB (Signal Processing and Audio Toolbox) → fxlab. The references are the same designs in SciPy."""

from tests.support.migration.row import Row

ROWS = [
    Row('[x, fs] = audioread("voice.wav")', "fx.load", note='`voice = fx.load("voice.wav")`'),
    Row('audiowrite("out.wav", x, fs)', "fx.Signal(x, fs).save", note='`fx.Signal(x, fs).save("out.wav")`'),
    Row("sound(x, fs)", "fx.Signal(x, fs)", note="A `Signal` alone in a cell shows a player."),
    Row(
        "fvtool(b, a) or filterAnalyzer",
        "fx.TransferFunction(b, a)",
        note="A filter alone in a cell shows its response and poles.",
    ),
    Row(
        "audioTestBench(plugin)", "fx.LowPass().panel", note="`filter.panel(voice)` has sliders while the sound plays."
    ),
    Row("y = filter(b, a, x)", "fx.TransferFunction(b, a)(x, sample_rate=fs)", reference="signal.lfilter(b, a, x)"),
    Row("y = sosfilt(sos, x)", "fx.SOS(sos)(x, sample_rate=fs)", reference="signal.sosfilt(sos, x)"),
    Row(
        "y = filtfilt(sos, g, x)",
        "fx.ZeroPhase(fx.SOS(sos))(x, sample_rate=fs)",
        reference="signal.sosfiltfilt(sos, x)",
        note="The ends differ from MATLAB's, which extends the sound by another number of samples.",
    ),
    Row(
        "y = conv(x, h)",
        "fx.Convolve(h[None], rate=fs)(x, sample_rate=fs)",
        reference="np.convolve(x, h)[: len(x)]",
        note="The output is as long as the input; append silence for the tail.",
    ),
    Row(
        "[b, a] = butter(4, 1000/(fs/2))",
        "fx.Butterworth(1000).ba(fs)",
        reference="signal.butter(4, 1000, fs=fs)",
        tolerance=1e-6,
        note="`.sos(fs)` gives sections, which keep more digits.",
    ),
    Row(
        "butter(4, [300 3400]/(fs/2))",
        'fx.Butterworth((300, 3400), kind="bandpass")(x, sample_rate=fs)',
        reference='signal.sosfilt(signal.butter(4, (300, 3400), "bandpass", fs=fs, output="sos"), x)',
    ),
    Row(
        "cheby1(4, 1, 1000/(fs/2))",
        "fx.Chebyshev1(1000, ripple_db=1)(x, sample_rate=fs)",
        reference='signal.sosfilt(signal.cheby1(4, 1, 1000, fs=fs, output="sos"), x)',
    ),
    Row(
        "cheby2(4, 40, 1000/(fs/2))",
        "fx.Chebyshev2(1000, attenuation_db=40)(x, sample_rate=fs)",
        reference='signal.sosfilt(signal.cheby2(4, 40, 1000, fs=fs, output="sos"), x)',
    ),
    Row(
        "ellip(6, 1, 60, 1000/(fs/2))",
        "fx.Elliptic(1000, 6, ripple_db=1, attenuation_db=60)(x, sample_rate=fs)",
        reference='signal.sosfilt(signal.ellip(6, 1, 60, 1000, fs=fs, output="sos"), x)',
    ),
    Row(
        "iirnotch(50/(fs/2), 50/(fs/2)/30)",
        'fx.Notch(50, q=30, width="exact")(x, sample_rate=fs)',
        reference="signal.lfilter(*signal.iirnotch(50, 30, fs), x)",
    ),
    Row(
        "fir1(100, 1000/(fs/2))",
        "fx.WindowedSinc(1000, taps=101).kernel(fs)",
        reference="signal.firwin(101, 1000, fs=fs)",
        note="The number of taps is the order plus 1.",
    ),
    Row(
        "fir2(100, [0 3000 4000 fs/2]/(fs/2), [1 1 0 0])",
        "fx.FrequencySampling((0, 3000, 4000, fs / 2), (1, 1, 0, 0), taps=101).kernel(fs)",
        reference="signal.firwin2(101, [0, 3000, 4000, fs / 2], [1, 1, 0, 0], fs=fs)",
    ),
    Row(
        "firls(60, [0 3000 4000 fs/2]/(fs/2), [1 1 0 0])",
        "fx.MultibandLeastSquares((0, 3000, 4000, fs / 2), (1, 1, 0, 0), taps=61).kernel(fs)",
        reference="signal.firls(61, [0, 3000, 4000, fs / 2], [1, 1, 0, 0], fs=fs)",
    ),
    Row(
        "firpm(60, [0 3000 4000 fs/2]/(fs/2), [1 1 0 0])",
        "fx.MultibandEquiripple((0, 3000, 4000, fs / 2), (1, 0), taps=61).kernel(fs)",
        reference="signal.remez(61, [0, 3000, 4000, fs / 2], [1, 0], fs=fs, grid_density=512)",
        tolerance=1e-4,
    ),
    Row(
        'designfilt("lowpassiir", PassbandFrequency=1000, StopbandFrequency=2000, …)',
        'fx.design("lowpass", 1000, 2000, ripple_db=1, attenuation_db=60, sample_rate=fs)(x, sample_rate=fs)',
        reference="signal.sosfilt(signal.iirdesign(1000, 2000, 1, 60, fs=fs, output='sos'), x)",
        tolerance=1e-6,
    ),
    Row(
        "freqz(b, a, f, fs)",
        "fx.TransferFunction(b, a).response(f, fs)",
        reference="signal.freqz(b, a, f, fs=fs)[1]",
    ),
    Row(
        "grpdelay(b, a, f, fs)",
        "fx.TransferFunction(b, a).group_delay(f, fs)",
        reference="signal.group_delay((b, a), f, fs=fs)[1]",
        tolerance=1e-7,
    ),
    Row(
        "impz(b, a, 64)",
        "fx.TransferFunction(b, a).impulse_response(fs)[:64]",
        reference="signal.lfilter(b, a, np.eye(1, 64)[0])",
    ),
    Row(
        "[z, p, k] = tf2zpk(b, a)",
        "fx.TransferFunction(b, a).zpk(fs)[2]",
        reference="signal.tf2zpk(b, a)[2]",
        tolerance=1e-6,
        note="`[2]` is the gain k; `[0]` and `[1]` are zeros and poles.",
    ),
    Row("prony(h, 2, 2)", "fx.prony(torch.as_tensor(h), zeros=2, poles=2)"),
    Row("stmcb(h, 2, 2)", "fx.steiglitz_mcbride(torch.as_tensor(h), zeros=2, poles=2)"),
    Row("lpc(x, 8)", "fx.lpc(x, 8)"),
    Row(
        "pspectrum or spectrogram(x, hann(1024), 768, 1024, fs)",
        "fx.Spectrogram(1024, hop_length=256)(x, sample_rate=fs)",
    ),
    Row(
        "mfcc(x, fs)",
        "fx.MFCC(13, n_fft=2048)(x, sample_rate=fs)",
        note="The defaults are torchaudio's; windows and bands differ from MATLAB's.",
    ),
    Row("melSpectrogram(x, fs)", "fx.MelSpectrogram(2048)(x, sample_rate=fs)"),
    Row("integratedLoudness(x, fs)", "fx.loudness(fx.noise(duration=1.0, sample_rate=fs))"),
    Row(
        "thd(x, fs)",
        "fx.measure_tone(fx.sine(997.0, sample_rate=fs))",
        note="`fx.thd` measures a module with a tone of its own.",
    ),
    Row("reverberator(DecayFactor=…)", "fx.Reverb(decay_s=1.5)(x, sample_rate=fs)"),
    Row(
        "compressor(-20, 4, AttackTime=0.01, ReleaseTime=0.1)",
        "fx.Compressor(-20, 4, attack_ms=10, release_ms=100)(x, sample_rate=fs)",
    ),
    Row(
        "limiter, expander, noiseGate",
        "fx.Limiter(-1.0)(x, sample_rate=fs)",
        note="`fx.Limiter`, `fx.Expander`, `fx.Gate`",
    ),
    Row("graphicEQ(Gains=…)", "fx.GraphicEQ(gains_db=(0, 3, 0, 0, 0, 0, -3, 0, 0, 0))(x, sample_rate=fs)"),
    Row("multibandParametricEQ", "fx.ParametricEQ()(x, sample_rate=fs)"),
    Row("crossoverFilter(2, [200 2000])", "fx.Crossover((200, 2000))(x, sample_rate=fs)"),
    Row('octaveFilterBank("1/3 octave")', "fx.OctaveBank(3)(x, sample_rate=fs)"),
    Row("gammatoneFilterBank", "fx.GammatoneBank()(x, sample_rate=fs)"),
    Row('weightingFilter("A-weighting")', 'fx.Weighting("A")(x, sample_rate=fs)'),
    Row("shiftPitch(x, 3)", "fx.PitchShift(3)(x, sample_rate=fs)"),
    Row(
        "stretchAudio(x, 1.5)",
        "fx.TimeStretch(1.5)(x, sample_rate=fs)",
        note="Both are factors of the speed; the phase vocoders differ.",
    ),
    Row("resample(x, 1, 3)", "fx.Resample(16_000)(x, sample_rate=fs)", note="The anti-aliasing filters differ."),
]
