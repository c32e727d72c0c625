import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fxlab.display.canvas.png import encode_png, halve, png_metadata, quantize_colors
from tests.support.pictures import pixels


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 7)),
    st.integers(2, 12),
)
def test_a_picture_with_few_colors_is_encoded_exactly(index, palette_size):
    colors = np.array([[0, 0, 0, 0], [36, 121, 224, 255], [209, 85, 26, 255], [120, 120, 120, 255], [15, 138, 98, 128]])
    picture = colors[index % min(len(colors), palette_size)].astype(np.uint8)
    back, dpi = pixels(encode_png(picture, palette_size=max(palette_size, 5), density=2))
    assert np.array_equal(back, picture)
    assert dpi == pytest.approx((192, 192), abs=0.1)


def test_the_palette_is_limited_and_the_picture_similar():
    ramp = np.zeros((64, 256, 4), np.uint8)
    ramp[..., 0], ramp[..., 3] = np.arange(256), 255
    for palette_size in (2, 16, 17, 256):
        index, palette = quantize_colors(ramp, palette_size)
        assert len(palette) <= palette_size
        assert index.max() < len(palette)
    back, _ = pixels(encode_png(ramp, palette_size=64))
    assert np.abs(back.astype(int) - ramp).max() <= 8


def test_a_single_pixel_of_another_color_is_kept():
    picture = np.zeros((200, 200, 4), np.uint8)
    picture[50:150, 50:150] = (36, 121, 224, 255)
    picture[3, 3] = (219, 63, 77, 255)
    back, _ = pixels(encode_png(picture, palette_size=4))
    assert tuple(back[3, 3]) == (219, 63, 77, 255)


def test_an_empty_picture_is_transparent():
    back, _ = pixels(encode_png(np.zeros((5, 7, 4), np.uint8)))
    assert back.shape == (5, 7, 4)
    assert not back[..., 3].any()


def test_given_colors_come_first_and_only_large_areas_add_others():
    picture = np.zeros((100, 100, 4), np.uint8)
    picture[:50] = (36, 121, 224, 255)
    picture[:5, :20] = (36, 121, 224, 140)  # 1 %: an antialiased edge
    picture[80:, :20] = (15, 138, 98, 64)  # 4 %
    given = [(36, 121, 224, 255), (36, 121, 224, 128)]
    back, _ = pixels(encode_png(picture, colors=given, min_area=200))
    assert set(map(tuple, back.reshape(-1, 4))) == {(0, 0, 0, 0), *given, (15, 138, 98, 64)}
    assert tuple(back[0, 0]) == given[1]


@pytest.mark.parametrize(("density", "size"), [(1, (90, 40)), (2, (45, 20)), (3, (30, 13))])
def test_the_metadata_is_the_displayed_size(density, size):
    png = encode_png(np.zeros((40, 90, 4), np.uint8), density=density)
    assert png_metadata(png) == {"width": size[0], "height": size[1]}


def test_halving_averages_four_pixels_weighted_by_alpha():
    picture = np.zeros((4, 6, 4), np.uint8)
    picture[:2, :2] = (200, 100, 50, 255)
    picture[0, 2] = (200, 100, 50, 255)
    half = halve(picture)
    assert half.shape == (2, 3, 4)
    assert tuple(half[0, 0]) == (200, 100, 50, 255)
    assert tuple(half[0, 1]) == (200, 100, 50, 64)  # a quarter is covered; the color is not darkened
    assert not half[1].any()
