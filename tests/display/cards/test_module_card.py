"""The cards of modules, and what all cards have in common."""

import base64
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from fxlab.display import module_bundle, module_picture, signal_bundle
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY
from fxlab.display.canvas.png import png_metadata
from fxlab.signal import impulse, noise, sine
from tests.support.card_html import KINDS, Reader, read
from tests.support.pictures import bundle_pixels, color_mask, embedded_picture, pixels


class Tremolo(fx.Module):
    rate_hz = fx.Param(5.0, low=0.1, high=20.0, unit="Hz", doc="How often <it> swells & fades.")
    depth = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        time = torch.arange(x.shape[-1]) / sample_rate
        return x * (1 - self.depth * torch.sin(torch.pi * self.rate_hz * time) ** 2)


class Unstable(fx.Recursive):
    radius = fx.Param(1.02, low=0.1, high=2.0)

    def design(self, sample_rate):
        zero, one = torch.zeros_like(self.radius), torch.ones_like(self.radius)
        return torch.stack([one, zero, zero, one, -1.6 * self.radius, self.radius**2], -1).unsqueeze(-2)


class Bare(fx.Module):
    def forward(self, x, sample_rate):
        raise NotImplementedError


class Broken(fx.Module):
    amount = fx.Param(1.0, low=0.0, high=2.0)

    def forward(self, x, sample_rate):
        raise RuntimeError("the <teacher> made a mistake")


MODULES = {
    "filter": lambda: fx.LowPass(cutoff=800.0),
    "chain": lambda: fx.HighPass(cutoff=100.0) | fx.Peak(frequency=3000.0, gain_db=-9.0, q=4.0) | fx.LowPass(),
    "long chain": lambda: fx.Chain(*(fx.Peak(frequency=40.0 * 1.5**n, gain_db=6.0) for n in range(14))),
    "sum": lambda: fx.LowPass(cutoff=200.0) + fx.HighPass(cutoff=2000.0),
    "mix": lambda: fx.Mix(fx.LowPass(cutoff=300.0), mix=0.5),
    "nested": lambda: fx.Mix(fx.LowPass() | (fx.HighPass() + fx.Peak())) | fx.LowPass(),
    "batch": lambda: fx.LowPass(cutoff=torch.logspace(2, 4, 20)),
    "own": Tremolo,
    "mixed": lambda: fx.HighPass() | Tremolo() | fx.LowPass(),
    "wrapped": lambda: fx.wrap(lambda x, gain: torch.tanh(gain * x), gain=fx.Param(4.0, low=1.0, high=20.0)),
    "network": lambda: fx.wrap(torch.nn.Conv1d(1, 1, 5, padding=2)),
    "learned": lambda: fx.LowPass(cutoff=torch.nn.Parameter(torch.tensor(500.0))),
    "unstable": Unstable,
    "above half the rate": lambda: fx.LowPass(cutoff=30_000.0),
    "two rates": lambda: fx.LowPass(sample_rate=8000) | fx.LowPass(sample_rate=16_000),
    "no stages": fx.Chain,
    "broken": Broken,
    "bare": Bare,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_card_with_sanitized_html(name):
    module = MODULES[name]()
    bundle = module._repr_mimebundle_()
    data, metadata = bundle
    assert set(data) == KINDS
    assert data["text/plain"] == repr(module)
    picture = bundle_pixels(data)
    assert (picture[..., 3] > 0).any()
    words, found = read(bundle)
    for path, _, declaration in module.walk():
        assert declaration.label.lower() in words.lower(), path
    for _, attributes in (item for item in found if item[0] == "img"):
        assert len(attributes["alt"]) > 20
        embedded, _ = pixels(embedded_picture(data["text/html"]))
        assert embedded.shape[1] == DENSITY * int(attributes["width"])
        assert picture.shape[1] == DENSITY * int(attributes["width"])
    assert metadata == {"image/png": {"width": picture.shape[1] // DENSITY, "height": picture.shape[0] // DENSITY}}
    assert len(json.dumps(bundle)) < (51_000 if name != "batch" else 72_000)


def test_the_same_module_gives_the_same_card():
    one, other = fx.LowPass(cutoff=800.0), fx.LowPass(cutoff=800.0)
    assert module_bundle(one) == module_bundle(other)
    assert module_bundle(one) != module_bundle(fx.LowPass(cutoff=801.0))


@pytest.mark.parametrize("show", [lambda **k: module_bundle(fx.LowPass(), **k), lambda **k: signal_bundle(sine(), **k)])
def test_only_the_requested_types_are_returned(show):
    for selection, expected in (
        ({"include": {"text/plain"}}, {"text/plain"}),
        ({"include": ["image/png", "text/html"], "exclude": ["text/html"]}, {"image/png"}),
        ({"exclude": {"image/png"}}, {"text/plain", "text/html"}),
        ({"include": {"application/json"}}, set()),
    ):
        data, metadata = show(**selection)
        assert set(data) == expected
        assert set(metadata) == expected & {"image/png"}


def test_the_card_states_its_sample_rate():
    def words(module):
        return read(module_bundle(module))[1][1][1]["alt"]

    assert "at 44.1 kHz, assumed" in words(fx.LowPass())
    assert "at 96 kHz:" in words(fx.LowPass(sample_rate=96_000))
    assert "at 8 kHz:" in words(fx.LowPass(sample_rate=8000) | fx.HighPass())


def test_the_positions_of_curve_corner_and_unit_circle():
    picture, _ = pixels(module_picture(fx.LowPass(cutoff=1000.0), 44_100))
    curve = color_mask(picture, colors.MAIN)
    left, top, width, height = (DENSITY * number for number in (44, 46, 428, 132))
    column = left + round(width * np.log(1000 / 20) / np.log(22_050 / 20))
    rows = np.flatnonzero(curve[top : top + height, column - 4])
    db = 6 - 72 * (rows.mean() + 0.5) / height
    assert db == pytest.approx(-3.0, abs=0.5)
    corner = color_mask(picture, colors.ACCENT)[top : top + height].sum(0)
    assert abs(int(corner.argmax()) - column) <= 1
    circle = color_mask(picture, colors.TEXT)[top : top + 200 * DENSITY, 516 * DENSITY :]
    rows, columns = np.nonzero(circle[: 190 * DENSITY])
    assert np.ptp(rows) == pytest.approx(200 * DENSITY / 1.22, abs=3)
    assert np.ptp(rows) <= np.ptp(columns)  # the labels 1 and -1 lie outside on the left and right


def test_an_unstable_filter_is_flagged_in_text_and_picture():
    words, _ = read(module_bundle(Unstable()))
    assert "Unstable: a pole at radius 1.02" in words
    assert color_mask(pixels(module_picture(Unstable()))[0], colors.ALARM).sum() > 50
    assert not color_mask(pixels(module_picture(fx.LowPass()))[0], colors.ALARM).any()


def test_the_card_of_a_batch_says_how_many_examples_are_drawn():
    assert "A batch of 20 examples: the first 8" in read(module_bundle(MODULES["batch"]()))[0]
    four = fx.LowPass(cutoff=torch.tensor([100.0, 200.0, 400.0, 800.0]))
    assert "A batch of 4 examples: one curve each" in read(module_bundle(four))[0]
    assert "A batch of 3 examples" in read(module_bundle(Tremolo(depth=torch.rand(3))))[0]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("above half the rate", "below half the sample rate"), ("broken", "RuntimeError: the <teacher> made a mistake")],
)
def test_the_card_of_a_module_that_cannot_be_drawn_says_why(name, reason):
    bundle = module_bundle(MODULES[name]())
    words, found = read(bundle)
    assert reason in words
    assert not [tag for tag, _ in found if tag == "img"]
    assert module_picture(MODULES[name]())[1:4] == b"PNG"
    assert color_mask(pixels(module_picture(MODULES[name]()))[0], colors.ALARM).any()


def test_text_of_users_is_escaped():
    assert "How often <it> swells & fades." in read(module_bundle(Tremolo()))[0]


def test_a_repr_that_raises_does_not_prevent_the_card():
    class Shy(fx.Module):
        def forward(self, x, sample_rate):
            return x

        def __repr__(self):
            raise ValueError("not today")

    data, _ = module_bundle(Shy())
    assert "Shy" in data["text/plain"]
    assert "not today" in data["text/plain"]
    assert set(data) == KINDS


def test_the_pictures_are_small():
    for name in ("filter", "chain", "own"):
        data, _ = module_bundle(MODULES[name]())
        assert len(embedded_picture(data["text/html"])) < 16_000
        assert len(base64.b64decode(data["image/png"])) < 20_000
    data, _ = signal_bundle(noise("pink", duration=3.0, channels=2))
    assert len(embedded_picture(data["text/html"])) < 12_000
    assert len(base64.b64decode(data["image/png"])) < 16_000


@pytest.mark.parametrize(
    "owner",
    [
        fx.LowPass(),
        fx.HighPass() | Tremolo(),
        Broken(),
        noise(duration=0.2, channels=3),
        impulse(duration=0.0005),
        fx.compare(fx.LowPass(), fx.HighPass()),
        fx.measure(fx.LowPass(), sample_rate=8000.0, lowest=50.0, duration=4.0),
    ],
    ids=repr,
)
def test_every_png_has_twice_the_pixels_of_its_displayed_size(owner):
    data, metadata = owner._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])
    picture, dpi = pixels(png)
    height, width = picture.shape[:2]
    assert metadata == {"image/png": {"width": width / 2, "height": height / 2}}
    assert png_metadata(png) == metadata["image/png"]
    assert width == 2 * 720
    assert dpi == pytest.approx((192, 192), abs=0.1)
    images = [attributes for tag, attributes in Reader(data["text/html"]).elements if tag == "img"]
    assert len(images) == (type(owner) is not Broken)
    for attributes in images:
        assert (int(attributes["width"]), int(attributes["height"])) == (width / 2, height / 2)
        embedded, _ = pixels(embedded_picture(data["text/html"]))
        visible = picture[..., 3] > 0
        assert np.array_equal(embedded[..., 3] > 0, visible)
        assert np.array_equal(embedded[visible], picture[visible])


def test_the_picture_of_a_panel_shows_the_spectra_of_input_and_output():
    voice = noise("pink", duration=1.0, sample_rate=22_050)
    plain, _ = pixels(module_picture(fx.LowPass(), 22_050))
    shown, _ = pixels(module_picture(fx.LowPass(), signal=voice))
    assert shown.shape == plain.shape
    column = DENSITY * (44 + round(428 * np.log(8000 / 20) / np.log(11_025 / 20)))
    spectrum = slice(202 * DENSITY, 328 * DENSITY), slice(column - 2, column + 3)
    before = np.nonzero(color_mask(shown, colors.INPUT)[spectrum])[0].mean()
    after = np.nonzero(color_mask(shown, colors.MAIN)[spectrum])[0].mean()
    decibel = 126 * DENSITY / 80
    expected = fx.LowPass().response([8000.0], 22_050).abs().log10().item() * 20
    assert (before - after) / decibel == pytest.approx(expected, abs=1.5)
    assert module_picture(Tremolo(), signal=voice)[1:4] == b"PNG"


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(fx.LowPass, cutoff=st.floats(1e-3, 22_000), q=st.floats(1e-3, 1e4)),
            st.builds(fx.HighPass, cutoff=st.floats(1e-3, 40_000), q=st.floats(1e-3, 1e4)),
            st.builds(fx.Peak, frequency=st.floats(1, 22_000), gain_db=st.floats(-300, 300), q=st.floats(1e-2, 1e3)),
            st.builds(Unstable, radius=st.floats(-1e3, 1e3)),
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["chain", "sum", "mix"]),
)
def test_every_filter_has_a_card(modules, join):
    module = {"chain": fx.Chain, "sum": fx.Sum, "mix": lambda *m: fx.Mix(fx.Chain(*m), mix=0.3)}[join](*modules)
    bundle = module_bundle(module)
    assert set(bundle[0]) == KINDS
    words, found = read(bundle)
    drawn = "img" in dict(found)
    assert drawn or "below half the sample rate" in words, words
