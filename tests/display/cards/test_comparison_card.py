import base64
import html
import re

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY
from fxlab.display.cards.comparison_card import combine_curves
from tests.support.card_html import KINDS, read
from tests.support.pictures import bundle_pixels, color_mask, embedded_picture, pixels

RATE = 48_000


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # many small calls are faster on one thread if other processes use the cores
    yield
    torch.set_num_threads(threads)


CASES = {
    "one": lambda: fx.compare(fx.LowPass()),
    "two": lambda: fx.compare(fx.Butterworth(1000.0), fx.Chebyshev1(1000.0), sample_rate=RATE),
    "joins": lambda: fx.compare(fx.LowPass() | fx.Peak(), fx.LowPass() + fx.HighPass(), fx.Mix(fx.LowPass(), 0.3)),
    "batch": lambda: fx.compare(fx.LowPass(torch.logspace(2, 4, 12)), fx.HighPass()),
    "measured": lambda: fx.compare(fx.wrap(torch.tanh) | fx.LowPass(700.0), fx.LowPass(700.0), sample_rate=RATE),
    "names": lambda: fx.compare(fx.LowPass(), fx.HighPass(), names=["<the low one>", "the high one & its name"]),
    "flat": lambda: fx.compare(fx.Peak(), fx.Peak()),
    "silent": lambda: fx.compare(fx.wrap(torch.zeros_like), fx.LowPass()),
    "two silent": lambda: fx.compare(fx.wrap(torch.zeros_like), fx.wrap(torch.zeros_like)),
    "slow rate": lambda: fx.compare(fx.LowPass(0.1), fx.HighPass(0.2), sample_rate=1.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_comparison_has_a_card_with_sanitized_html(name):
    comparison = CASES[name]()
    card = comparison._repr_mimebundle_()
    data, _ = card
    assert set(data) == KINDS
    assert data["text/plain"] == repr(comparison)
    words, found = read(card)
    assert "could not be drawn" not in words
    for facts in comparison.facts:
        assert facts.name in words
    assert len([tag for tag, _ in found if tag == "tr"]) == len(comparison.facts) + 1
    assert len(dict(found)["img"]["alt"]) > 20
    assert len(embedded_picture(data["text/html"])) < 24_000
    assert len(base64.b64decode(data["image/png"])) < 28_000
    if name in ("two", "measured"):
        assert card == CASES[name]()._repr_mimebundle_()


def test_each_filter_has_its_own_line_style_and_its_own_curves():
    comparison = CASES["two"]()
    picture = bundle_pixels(comparison._repr_mimebundle_()[0])
    magnitude = picture[46 * DENSITY : 178 * DENSITY, 44 * DENSITY : 472 * DENSITY]
    for number in range(2):
        assert color_mask(magnitude, colors.example_style(number).color, tolerance=12).sum() > 60 * DENSITY**2
        roots = picture[46 * DENSITY : 246 * DENSITY, 516 * DENSITY :]
        assert color_mask(roots, colors.example_style(number).color, tolerance=12).sum() > 5 * DENSITY**2
    response = combine_curves(comparison)
    for number, module in enumerate(comparison.modules):
        expected = module.magnitude_db(torch.from_numpy(response.frequency), RATE).numpy()
        audible = expected > -150
        assert np.abs(response.db[number] - expected)[audible].max() < 1e-9


def test_the_difference_of_two_filters_is_drawn_and_noted():
    two, one = CASES["two"](), CASES["one"]()
    tall, _ = pixels(embedded_picture(two._repr_mimebundle_()[0]["text/html"]))
    short, _ = pixels(embedded_picture(one._repr_mimebundle_()[0]["text/html"]))
    assert tall.shape[0] > short.shape[0]
    assert f"The largest difference is {two.difference_db:.3g} dB" in two._repr_mimebundle_()[0]["text/html"]


def test_the_notes_say_what_was_measured_and_what_is_not_drawn():
    assert "was measured with a sweep at −12 dBFS" in html.unescape(
        CASES["measured"]()._repr_mimebundle_()[0]["text/html"]
    )
    assert "The first 8 of 13 are drawn." in CASES["batch"]()._repr_mimebundle_()[0]["text/html"]


def test_the_table_contains_the_properties():
    page = re.sub("<[^>]*>", "|", CASES["two"]()._repr_mimebundle_()[0]["text/html"])
    for words in ("Butterworth()", "1000 Hz|", "1.053 kHz", "|4|", "1 dB", "10 multiplications, 2 sections", "yes"):
        assert words in page, words
