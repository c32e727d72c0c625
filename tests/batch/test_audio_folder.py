"""`AudioFolder`: equal rates, lengths and channels, parts of long files, and what is refused."""

import copy
import pickle
import warnings

import pytest
import torch
from torch.utils.data import DataLoader

import fxlab as fx


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Noise of different rates, lengths and channels, in two subfolders."""
    path = tmp_path_factory.mktemp("sounds")
    for number, (name, seconds, rate, channels) in enumerate(
        [("cat/a.wav", 1.5, 44_100, 1), ("cat/b.flac", 0.3, 16_000, 2), ("dog/c.wav", 0.9, 48_000, 1)]
    ):
        generator = torch.Generator().manual_seed(number)
        samples = 0.2 * torch.randn(channels, round(seconds * rate), generator=generator).clamp(-4, 4)
        (path / name).parent.mkdir(exist_ok=True)
        fx.Signal(samples, rate).save(path / name)
    (path / ".hidden.wav").touch()
    (path / "notes.txt").touch()
    return path


def test_files_are_sorted_and_read_as_they_are(folder):
    sounds = fx.AudioFolder(folder)
    assert [path.relative_to(folder).as_posix() for path in sounds.files] == ["cat/a.wav", "cat/b.flac", "dog/c.wav"]
    assert len(sounds) == 3
    assert torch.equal(sounds[1].samples, fx.load(folder / "cat" / "b.flac").samples)
    assert [signal.sample_rate for signal in sounds] == [44_100, 16_000, 48_000]
    assert sounds[-1].duration == sounds[2].duration
    assert repr(sounds) == f"AudioFolder({str(folder)!r}, 3 files)"
    with pytest.raises(IndexError):
        sounds[3]


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 22_050])
@pytest.mark.parametrize("crop", ["start", "center", "random"])
def test_a_part_is_that_of_the_resampled_file(folder, rate, crop):
    sounds = fx.AudioFolder(folder, sample_rate=rate, duration=0.5, crop=crop, seed=3)
    for path, part in zip(sounds.files, sounds, strict=True):
        file = fx.load(path)
        whole = (file if file.sample_rate == rate else fx.Resample(rate)(file)).samples
        wanted = round(0.5 * rate)
        assert part.frames == wanted
        if whole.shape[-1] < wanted:
            assert torch.allclose(part.samples[:, : whole.shape[-1]], whole, atol=1e-6)
            assert not part.samples[:, whole.shape[-1] :].any()
            continue
        # The place of the part is where the difference is smallest; there it is that of rounding.
        spare = whole.shape[-1] - wanted
        differences = (whole[0].unfold(0, 64, 1) - part.samples[0, :64]).abs().sum(1)
        start = int(differences[: spare + 1].argmin())
        assert crop == "random" or start == {"start": 0, "center": spare // 2}[crop]
        assert torch.allclose(part.samples, whole[:, start : start + wanted], atol=1e-6)


def test_random_parts_depend_on_seed_and_epoch_and_not_on_workers(folder):
    def parts(sounds, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.cat(list(DataLoader(sounds, batch_size=3, **options)))

    arguments = {"sample_rate": 16_000, "duration": 0.1, "channels": 1, "crop": "random"}
    sounds = fx.AudioFolder(folder, **arguments)
    first = parts(sounds)
    assert first.shape == (3, 1, 1600)
    assert torch.equal(parts(sounds, num_workers=2), first)
    assert torch.equal(parts(copy.deepcopy(sounds)), first)
    assert torch.equal(parts(pickle.loads(pickle.dumps(sounds))), first)
    assert not torch.equal(parts(fx.AudioFolder(folder, seed=1, **arguments)), first)
    sounds.set_epoch(1)
    second = parts(sounds)
    assert not any(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_every_start_is_about_equally_likely(folder):
    # 8000 of 8001 starts are too many to count; their mean and spread are those of a uniform distribution.
    sounds = fx.AudioFolder(folder, crop="random")
    starts = []
    for epoch in range(1000):
        sounds.set_epoch(epoch)
        starts.append(sounds._start_of_part(1, 8000))
    values = torch.tensor(starts, dtype=torch.float64)
    assert abs(values.mean() - 4000) < 4 * 8000 / (12 * 1000) ** 0.5  # four standard errors
    assert values.std() == pytest.approx(8000 / 12**0.5, rel=0.08)


def test_labels_are_the_subfolders(folder):
    sounds = fx.AudioFolder(folder, sample_rate=8000, duration=0.2, channels=2, labels=True)
    assert sounds.classes == ("cat", "dog")
    samples, labels = next(iter(DataLoader(sounds, batch_size=3)))
    assert samples.shape == (3, 2, 1600)
    assert labels.tolist() == [0, 0, 1]


def test_a_transform_gets_each_signal(folder):
    sounds = fx.AudioFolder(folder, transform=fx.Gain(-6.0))
    assert torch.equal(sounds[0].samples, fx.Gain(-6.0)(fx.load(sounds.files[0])).samples)


def test_a_batch_of_files_that_differ_says_what_to_do(folder):
    with pytest.raises(fx.SignalError, match="sample rates differ"):
        next(iter(DataLoader(fx.AudioFolder(folder), batch_size=3)))
    with pytest.raises(fx.SignalError, match="channels or lengths differ"):
        next(iter(DataLoader(fx.AudioFolder(folder, sample_rate=8000), batch_size=3)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_rate": 0}, "sample_rate = 0 is not allowed. Pass a number of Hz from 100 to 10000000"),
        ({"sample_rate": 1e-3}, "sample_rate = 0.001 is not allowed"),
        ({"sample_rate": 1e12}, "sample_rate = 1000000000000.0 is not allowed"),
        ({"sample_rate": float("nan")}, "sample_rate = nan is not allowed"),
        ({"duration": -1.0}, "duration = -1.0"),
        ({"duration": float("nan")}, "duration = nan"),
        ({"channels": 3}, "channels = 3 is not allowed. Choose 1, 2 or None"),
        ({"crop": "end"}, "crop = 'end' is not known"),
        ({"seed": "x"}, "seed = 'x'"),
    ],
)
def test_arguments_that_are_refused(folder, options, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.AudioFolder(folder, **options)


def test_folders_and_files_that_cannot_be_read(folder, tmp_path):
    with pytest.raises(fx.FileError, match="there is no sound file in"):
        fx.AudioFolder(tmp_path)
    with pytest.raises(fx.FileError, match="there is no folder"):
        fx.AudioFolder(tmp_path / "nowhere")
    with pytest.raises(fx.FileError, match="is a file"):
        fx.AudioFolder(folder / "cat" / "a.wav")
    with pytest.raises(fx.FileError, match=r"AudioFolder: '~nobody9/x' cannot be found: Could not determine home"):
        fx.AudioFolder("~nobody9/x")
    with pytest.raises(fx.FileError, match=r"AudioFolder: the path .* contains a null character"):
        fx.AudioFolder("a\0b")
    (tmp_path / "bad.wav").write_text("this is no sound")
    with pytest.raises(fx.FileError, match=r"bad\.wav' is not a readable sound file"):
        fx.AudioFolder(tmp_path, duration=1.0)[0]
    (tmp_path / "bad.wav").unlink()
    fx.Signal(torch.zeros(4, 100), 8000).save(tmp_path / "four.wav")
    with pytest.raises(fx.SignalError, match="has 4 channels, which cannot be made 2"):
        fx.AudioFolder(tmp_path, channels=2)[0]


def test_what_is_no_index_path_or_transform_is_refused(folder):
    sounds = fx.AudioFolder(folder)
    for index in ("a", slice(0, 1), 1.5):
        with pytest.raises(fx.ParameterError, match="is not an index"):
            sounds[index]
    with pytest.raises(fx.ParameterError, match="path = None is not a path"):
        fx.AudioFolder(None)
    with pytest.raises(fx.ParameterError, match="transform = 5 cannot be called"):
        fx.AudioFolder(folder, transform=5)


def test_many_channels_may_be_short(tmp_path):
    fx.silence(0.01, sample_rate=8000, channels=70).save(tmp_path / "many.wav", subtype="FLOAT")
    assert fx.AudioFolder(tmp_path, duration=0.005)[0].samples.shape == (70, 40)


@pytest.mark.parametrize(("own", "wanted"), [(44_100, 9_999_999.7), (2_000_000_000, 100)])
def test_a_ratio_of_rates_that_would_fill_the_memory_or_is_0_is_refused(tmp_path, own, wanted):
    fx.silence(0.01, sample_rate=8000).save(tmp_path / "a.wav")
    data = bytearray((tmp_path / "a.wav").read_bytes())
    at = data.index(b"fmt ") + 12  # the sample rate in the header
    data[at : at + 4] = own.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(fx.SignalError, match=f"has a rate of {own} Hz, which cannot be changed to {wanted} Hz"):
        fx.AudioFolder(tmp_path, sample_rate=wanted)[0]


def test_the_lowest_sample_rate(folder):
    assert fx.AudioFolder(folder, sample_rate=100)[0].frames == 150
