import base64
import html
import re

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.display.canvas import colors
from fxlab.display.cards.comparison_card import overlaid
from tests.display.cards.test_cards import KINDS, read
from tests.support.pictures import embedded, inked, of, pixels

RATE = 48_000


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # many small calls: on cores that others use too, one thread waits for nobody
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


@pytest.mark.parametrize("name", CASES)
def test_a_comparison_has_a_card_that_any_page_can_show(name):
    comparison = CASES[name]()
    card = comparison._repr_mimebundle_()
    assert set(card) == KINDS
    assert card["text/plain"] == repr(comparison)
    words, found = read(card)
    assert "could not be drawn" not in words
    for facts in comparison.facts:
        assert facts.name in words
    assert len([tag for tag, _ in found if tag == "tr"]) == len(comparison.facts) + 1
    assert len(dict(found)["img"]["alt"]) > 20
    assert len(embedded(card["text/html"])) < 40_000
    assert len(base64.b64decode(card["image/png"])) < 16_000
    assert card == CASES[name]()._repr_mimebundle_()


def test_each_filter_has_a_pen_of_its_own_and_the_curves_are_theirs():
    comparison = CASES["two"]()
    picture = of(comparison._repr_mimebundle_())
    magnitude = picture[46:178, 44:472]
    for number in range(2):
        assert inked(magnitude, colors.example_pen(number).ink, within=12).sum() > 60
        assert inked(picture[46:246, 516:], colors.example_pen(number).ink, within=12).sum() > 5  # poles and zeros
    response = overlaid(comparison)
    for number, module in enumerate(comparison.modules):
        expected = module.magnitude_db(torch.from_numpy(response.frequency), RATE).numpy()
        heard = expected > -150
        assert np.abs(response.db[number] - expected)[heard].max() < 1e-9


def test_of_two_their_difference_is_drawn_and_said():
    two, one = CASES["two"](), CASES["one"]()
    tall, _ = pixels(embedded(two._repr_mimebundle_()["text/html"]))
    short, _ = pixels(embedded(one._repr_mimebundle_()["text/html"]))
    assert tall.shape[0] > short.shape[0]
    assert f"They lie {two.difference_db:.3g} dB apart at most" in two._repr_mimebundle_()["text/html"]


def test_the_notes_say_what_was_measured_and_what_is_left_out():
    assert "was measured with a sweep at −12 dBFS" in html.unescape(
        CASES["measured"]()._repr_mimebundle_()["text/html"]
    )
    assert "The first 8 of 13 are drawn." in CASES["batch"]()._repr_mimebundle_()["text/html"]


def test_the_table_has_the_facts():
    page = re.sub("<[^>]*>", "|", CASES["two"]()._repr_mimebundle_()["text/html"])
    for words in ("Butterworth()", "1000 Hz|", "1.053 kHz", "|4|", "1 dB", "10 multiplications, 2 sections", "yes"):
        assert words in page, words
