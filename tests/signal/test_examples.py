"""The example sounds: pitch, timing, levels, no clicks, the same result for the same seed."""

import functools
import math
from importlib.resources import files

import numpy as np
import pytest
import scipy.signal
import torch

from fxlab.errors import ParameterError
from fxlab.signal import Signal, examples
from fxlab.signal.examples.guitar import pluck_strings
from fxlab.signal.examples.room import add_room

EXAMPLES = [functools.cache(make) for make in (examples.voice, examples.guitar, examples.drums)]
VOICE, GUITAR, DRUMS = EXAMPLES
RATE = 44_100


@pytest.mark.parametrize("make", EXAMPLES)
def test_levels_have_headroom_and_no_dc_offset(make):
    sound = make()
    assert 20 * math.log10(sound.samples.abs().max()) == pytest.approx(-3.0, abs=0.01)
    rms = 10 * torch.log10(sound.samples.square().mean())
    assert -24 < rms < -12
    assert sound.samples.mean(-1).abs().max() < 2e-3
    assert sound.dtype == torch.float32


def test_the_voice_is_a_small_file_and_contains_speech():
    assert files("fxlab.signal.examples").joinpath("voice.flac").stat().st_size < 70_000
    voice = VOICE()
    assert (voice.sample_rate, voice.channels) == (16_000, 1)
    assert 3 < voice.duration < 4
    frequency, _, power = scipy.signal.spectrogram(voice.numpy()[0], 16_000, nperseg=512, noverlap=256)
    vowels = power[(frequency > 150) & (frequency < 1000)].sum(0)
    hisses = power[frequency > 5000].sum(0)
    assert (vowels > 30 * hisses).mean() > 0.4  # vowels for much of the time
    assert (hisses > 3 * vowels).mean() > 0.08  # and sibilants now and then
    assert np.all(np.abs(voice.numpy()[0, [0, 1, -2, -1]]) < 1e-3)


@pytest.mark.parametrize("make", [GUITAR, DRUMS])
def test_the_seed_determines_the_sound(make):
    assert torch.equal(make().samples, make.__wrapped__(seed=0).samples)
    first, second = make(seed=11), make(seed=12)
    assert first.samples.shape == second.samples.shape
    assert not torch.allclose(first.samples, second.samples, atol=0.01)
    for seed in (0.5, None, "0", True, 2**64, -(2**63) - 1):
        with pytest.raises(ParameterError, match=r"seed = .* from -2\^63 to 2\^64 - 1"):
            make(seed=seed)


@pytest.mark.parametrize("make", [GUITAR, DRUMS])
def test_the_two_channels_form_a_balanced_stereo_image(make):
    sound = make().numpy()
    assert 0.3 < np.corrcoef(sound)[0, 1] < 0.99
    level = 20 * np.log10(sound.std(1))
    assert abs(level[0] - level[1]) < 2


def test_the_guitar_begins_and_ends_in_silence():
    sound = GUITAR().numpy()
    assert np.abs(sound[:, :800]).max() < 1e-4
    assert np.abs(sound[:, -20:]).max() < 1e-5
    assert np.abs(sound[:, -4410:]).max() < 1e-2


@pytest.mark.parametrize("seed", range(5))
def test_strings_are_in_tune_and_their_high_partials_decay_faster(seed):
    frequency = 440 * 2 ** ((torch.tensor([41.0, 52.0, 60.0, 67.0]).double() - 69) / 12)
    notes = pluck_strings(frequency, torch.ones(4).double(), torch.Generator().manual_seed(seed)).numpy()
    for note, pitch in zip(notes, frequency.tolist(), strict=True):

        def partials(part, pitch=pitch):
            size = 2**19
            level = np.abs(np.fft.rfft(part * np.hanning(len(part)), size))
            places = []
            for number in (1, 2, 3, 5):
                low, high = (round(number * pitch * 2**sign * size / RATE) for sign in (-0.04, 0.04))
                places.append((low + level[low:high].argmax()) * RATE / size)
            return places, level

        places, early = partials(note[2000:46_000])
        for number, place in zip((1, 2, 3, 5), places, strict=True):
            assert abs(1200 * math.log2(place / (number * pitch))) < 4  # cents
        late = partials(note[60_000:104_000])[1]
        low, high = (
            slice(*(round(f * 2**19 / RATE) for f in edges)) for edges in ((0.8 * pitch, 3.2 * pitch), (3e3, 9e3))
        )
        fall = [10 * np.log10((early[band] ** 2).sum() / (late[band] ** 2).sum()) for band in (low, high)]
        assert 4 < fall[0] < fall[1] - 6
        assert np.abs(note[-4410:]).max() < 0.2 * np.abs(note).max()


def test_the_last_chord_is_c_with_a_ninth():
    chord = GUITAR().mono().between(3.5, 5.0).numpy()[0]
    size = 2**19
    level = 20 * np.log10(np.abs(np.fft.rfft(chord * np.hanning(len(chord)), size)))

    def at(pitch):
        center = 440 * 2 ** ((pitch - 69) / 12) * size / RATE
        return level[round(center * 2 ** (-1 / 48)) : round(center * 2 ** (1 / 48))].max()

    for pitch in (48, 52, 55, 62, 64, 67):
        assert at(pitch) > max(at(pitch - 1), at(pitch + 1)) + 10


def test_the_drums_loop_without_a_click():
    loop = DRUMS().numpy().astype(float)
    assert loop.shape == (2, 8 * round(0.6 * RATE))
    steps = np.abs(np.diff(np.concatenate((loop, loop), 1)))
    assert steps[:, loop.shape[1] - 1].max() < 0.3 * steps.max()
    # High-pass filtered, two loops in a row show no click at the joint.
    highs = scipy.signal.sosfilt(scipy.signal.butter(4, 8000, "high", fs=RATE, output="sos"), np.tile(loop, 2))
    before = highs[:, loop.shape[1] - 2000 : loop.shape[1]].std()
    assert np.abs(highs[:, loop.shape[1] - 5 : loop.shape[1] + 1]).max() < 8 * before


def test_kick_snare_and_hat_fall_on_their_sixteenths():
    loop = DRUMS().mono().numpy()[0]

    def energy(band, step):
        start = round(step * 0.15 * RATE)
        sos = scipy.signal.butter(4, band, "bandpass", fs=RATE, output="sos")
        return (scipy.signal.sosfilt(sos, np.tile(loop, 2))[start + len(loop) :][: round(0.06 * RATE)] ** 2).sum()

    kicks = [energy((40, 110), step) for step in range(32)]
    assert min(kicks[step] for step in (0, 8, 16, 24)) > 20 * max(kicks[step] for step in (5, 7, 14, 21, 23))
    wires = [energy((1000, 4000), step) for step in range(32)]
    assert min(wires[step] for step in (4, 12, 20, 28)) > 20 * max(wires[step] for step in (0, 2, 6, 10, 16))
    hats = [energy((7000, 15_000), step) for step in range(32)]
    assert min(hats[step] for step in (2, 6, 10, 14, 18)) > 10 * max(hats[step] for step in (1, 3, 9, 17))


def test_the_room_is_linear_and_circular_and_decays_by_60_db():
    click = torch.zeros(2, RATE, dtype=torch.float64)
    click[:, 0] = 1.0

    def reverberate(dry):
        return add_room(dry, torch.Generator().manual_seed(7), sample_rate=RATE, decay=0.2, wet_db=-10.0)

    wet = reverberate(click)
    assert wet[:, 0].allclose(torch.ones(2).double(), atol=1e-2)
    echoes = (wet - click).square()
    assert 10 * torch.log10(echoes.sum(-1)).mean().item() == pytest.approx(-10.0, abs=0.1)
    early, late = echoes[:, 1000:3000].mean(), echoes[:, 1000 + 4410 : 3000 + 4410].mean()
    assert 10 * torch.log10(early / late).item() == pytest.approx(30.0, abs=2.0)  # 60 dB in 0.2 s
    assert torch.allclose(reverberate(click.roll(40_000, -1)), wet.roll(40_000, -1), atol=1e-9)
    assert torch.corrcoef(wet[:, 300:8000])[0, 1].abs() < 0.1


def test_examples_are_signals_for_every_use():
    for make in EXAMPLES:
        sound = make()
        assert isinstance(sound, Signal)
        assert sound.between(0.5, 1.0).duration == 0.5
