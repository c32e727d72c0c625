"""`wrap` of a class of transforms: sliders from its constructor, sounds and features, copies and errors."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest
import torch
import torchaudio.transforms as T
from torch import nn

import fxlab as fx
from fxlab.panel.rendering.renderer import Renderer

RATE = 16_000
NOISE = fx.noise(duration=0.5, sample_rate=RATE, seed=1)


class Scale(nn.Module):
    def __init__(self, by: float = 2.0, flip: bool = False, name: str = "plain"):
        super().__init__()
        self.by = -by if flip else by

    def forward(self, waveform):
        return self.by * waveform


def test_a_transform_of_sounds_has_a_slider_for_each_number():
    """The values reach the constructor, and the transform is built again only for other values."""
    module = fx.wrap(Scale)
    assert list(module.declarations) == ["by", "flip"]
    assert (module.declarations["by"].low, module.declarations["by"].high) == (0.0, 8.0)
    torch.testing.assert_close((NOISE | module).samples, 2 * NOISE.samples)
    built = module.transform(RATE)
    assert module.transform(RATE) is built
    module.by, module.flip = 3.0, True
    torch.testing.assert_close((NOISE | module).samples, -3 * NOISE.samples)
    assert repr(module) == "Scale(by=3.0, flip=True)"
    assert module(torch.ones(2, 4, dtype=torch.float64), sample_rate=RATE).dtype == torch.float64


def test_arguments_that_are_given():
    """A declaration sets the slider, a value is fixed."""
    module = fx.wrap(T.Vol, gain=fx.Param(3.0, low=-6.0, high=6.0, unit="dB"), gain_type="db")
    assert list(module.declarations) == ["gain"]
    torch.testing.assert_close((NOISE | module).samples, T.Vol(3.0, "db")(NOISE.samples))


@pytest.mark.parametrize(
    ("kind", "values", "rows", "unit"),
    [
        (T.Spectrogram, {"n_fft": 512, "hop_length": 128, "window_fn": "hamming"}, 257, "Hz"),
        (T.Spectrogram, {"power": 1.0}, 201, "Hz"),
        (T.MelSpectrogram, {"n_mels": 40, "f_min": 100.0}, 40, ""),
        (T.LFCC, {"n_lfcc": 13}, 13, ""),
        (T.SpectralCentroid, {"n_fft": 1024}, 1, ""),
        (T.MuLawEncoding, {"quantization_channels": 16}, 1, ""),
    ],
)
@pytest.mark.filterwarnings("ignore:At least one mel")
def test_a_transform_without_sound_makes_a_feature(kind, values, rows, unit):
    """The data are those of torchaudio, with axes, a card and a panel that plays the input."""
    module = fx.wrap(kind)
    for name, value in values.items():
        setattr(module, name, value)
    feature = NOISE | module
    windows = {"hamming": torch.hamming_window}
    given = {name: windows.get(value, value) for name, value in values.items()}
    given |= {"sample_rate": RATE} if module._takes_sample_rate else {}
    expected = kind(**given)(NOISE.samples).float()
    expected = expected if expected.ndim == 3 else expected[:, None]
    torch.testing.assert_close(feature.data, expected, equal_nan=True)
    assert len(feature.frequency) == rows
    assert feature.frequency.unit == unit
    spectrogram = "magnitude" if "power" in values else "power"
    assert feature.kind == {T.Spectrogram: spectrogram, T.MelSpectrogram: "power"}.get(kind, "linear")
    renderer = Renderer(module, NOISE, "cpu")
    assert torch.equal(renderer.render_full(), NOISE.samples)
    assert "error" not in renderer.draw_view("feature")[0]
    assert set(feature._repr_mimebundle_()[0]) == {"text/plain", "image/png", "text/html"}


def test_time_axis_and_automatic_values():
    """0 stands for torchaudio's None, and the frames are a hop apart."""
    module = fx.wrap(T.Spectrogram)
    assert module.hop_length == 0
    feature = NOISE | module
    assert feature.hop == 200
    assert feature.time.values[:3].tolist() == [0.0, 200 / RATE, 400 / RATE]


def test_copies_and_pickles_keep_the_values():
    """The class has no name that pickle can find."""
    module = fx.wrap(T.SpectralCentroid, hop_length=100)
    module.n_fft = 512
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(other) == repr(module) == "SpectralCentroid(n_fft=512)"
        assert torch.equal((NOISE | other).data, (NOISE | module).data)


@pytest.mark.filterwarnings("ignore:At least one mel")
def test_errors_say_what_is_missing():
    """A missing argument, an unknown one, and transforms that process no sounds."""
    with pytest.raises(fx.ParameterError, match=r"PitchShift needs a value for 'n_steps'.*fx\.Count"):
        fx.wrap(T.PitchShift)
    with pytest.raises(fx.ParameterError, match=r"Scale takes no argument 'gain'; it takes by, flip, name"):
        fx.wrap(Scale, gain=2.0)
    with pytest.raises(fx.ParameterError, match=r"MelScale cannot process a sound of shape \(1, 16000\)"):
        fx.wrap(T.MelScale)
    with pytest.raises(fx.ParameterError, match=r"Loudness returns shape \(\) for a sound"):
        fx.wrap(T.Loudness)


class Mean(nn.Module):
    """A transform without frames for short sounds."""

    def __init__(self, size: int = 400):
        super().__init__()
        self.size = size

    def forward(self, waveform):
        count = waveform.shape[-1] // self.size
        return waveform[:, : count * self.size].reshape(len(waveform), 1, count, self.size).mean(-1)


def test_an_output_without_frames():
    module = fx.wrap(Mean)
    feature = fx.Signal(torch.zeros(1, 100), RATE) | module
    assert feature.data.shape == (1, 1, 0)
    assert feature.hop == module.hop() == 100
    assert repr(feature) == "Feature(Mean, Value, 1 channel, 1 × 0: 0 (row), none)"
    assert (NOISE | module).hop == 400


def with_argument(name, default):
    """A transform whose constructor has the argument `name`."""

    def build(self, **values):
        nn.Module.__init__(self)
        self.given = values

    kind = inspect.Parameter
    own = [kind("self", kind.POSITIONAL_OR_KEYWORD), kind(name, kind.POSITIONAL_OR_KEYWORD, default=default)]
    build.__signature__ = inspect.Signature(own)
    return type("Own", (nn.Module,), {"__init__": build, "forward": lambda self, x: 2 * x})


@pytest.mark.parametrize(("name", "default"), [("n_fft", 1), ("f_min", -1.0), ("pad_mode", "odd")])
def test_a_default_that_the_slider_does_not_allow(name, default):
    with pytest.raises(fx.ParameterError, match=rf"wrap: the default of Own: {name} is .*it must be") as error:
        fx.wrap(with_argument(name, default))
    assert f"fx.wrap(Own, {name}=…)" in str(error.value)
    assert fx.wrap(with_argument(name, default), **{name: 3})(torch.ones(4), sample_rate=RATE).tolist() == [2.0] * 4


def test_an_argument_with_the_name_of_an_attribute_of_modules_keeps_its_default():
    kind = with_argument("training", False)
    module = fx.wrap(kind)
    assert not module.declarations
    assert module(torch.ones(4), sample_rate=RATE).tolist() == [2.0] * 4
    assert fx.wrap(kind, training=True).transform(RATE).given == {"training": True}
    with pytest.raises(fx.ParameterError, match="Own: a parameter cannot be called 'training'"):
        fx.wrap(kind, training=fx.Switch(True))
