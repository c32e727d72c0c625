import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fxlab.display.canvas.png import encode, halve, quantise
from tests.support.pictures import pixels


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 7)),
    st.integers(2, 12),
)
def test_a_picture_of_few_colours_comes_back_as_it_was(index, colours):
    inks = np.array([[0, 0, 0, 0], [36, 121, 224, 255], [209, 85, 26, 255], [120, 120, 120, 255], [15, 138, 98, 128]])
    picture = inks[index % min(len(inks), colours)].astype(np.uint8)
    back, dpi = pixels(encode(picture, colours=max(colours, 5), density=2))
    assert np.array_equal(back, picture)
    assert dpi == pytest.approx((192, 192), abs=0.1)


def test_the_palette_is_no_larger_than_asked_and_the_picture_stays_like_itself():
    ramp = np.zeros((64, 256, 4), np.uint8)
    ramp[..., 0], ramp[..., 3] = np.arange(256), 255
    for colours in (2, 16, 17, 256):
        index, palette = quantise(ramp, colours)
        assert len(palette) <= colours
        assert index.max() < len(palette)
    back, _ = pixels(encode(ramp, colours=64))
    assert np.abs(back.astype(int) - ramp).max() <= 8


def test_a_small_spot_of_another_colour_is_not_swallowed():
    picture = np.zeros((200, 200, 4), np.uint8)
    picture[50:150, 50:150] = (36, 121, 224, 255)
    picture[3, 3] = (219, 63, 77, 255)
    back, _ = pixels(encode(picture, colours=4))
    assert tuple(back[3, 3]) == (219, 63, 77, 255)


def test_an_empty_picture_is_transparent():
    back, _ = pixels(encode(np.zeros((5, 7, 4), np.uint8)))
    assert back.shape == (5, 7, 4)
    assert not back[..., 3].any()


def test_half_a_picture_is_the_mean_of_four_pixels_weighed_by_what_covers_them():
    picture = np.zeros((4, 6, 4), np.uint8)
    picture[:2, :2] = (200, 100, 50, 255)
    picture[0, 2] = (200, 100, 50, 255)
    half = halve(picture)
    assert half.shape == (2, 3, 4)
    assert tuple(half[0, 0]) == (200, 100, 50, 255)
    assert tuple(half[0, 1]) == (200, 100, 50, 64)  # a quarter covered: the colour does not darken
    assert not half[1].any()
