import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fxlab.display.canvas.palette import quantize_colors
from fxlab.display.canvas.png import encode_png, png_metadata
from tests.support.pictures import pixels


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 7)),
    st.integers(2, 12),
)
def test_a_picture_with_few_colors_is_encoded_exactly(index, palette_size):
    colors = np.array([[0, 0, 0, 0], [36, 121, 224, 255], [209, 85, 26, 255], [120, 120, 120, 255], [15, 138, 98, 128]])
    picture = colors[index % min(len(colors), palette_size)].astype(np.uint8)
    back, dpi = pixels(encode_png(quantize_colors(picture, max(palette_size, 5)), density=2))
    assert np.array_equal(back, picture)
    assert dpi == pytest.approx((192, 192), abs=0.1)


def test_an_empty_picture_is_transparent():
    back, _ = pixels(encode_png(quantize_colors(np.zeros((5, 7, 4), np.uint8))))
    assert back.shape == (5, 7, 4)
    assert not back[..., 3].any()


@pytest.mark.parametrize(("density", "size"), [(1, (90, 40)), (2, (45, 20)), (3, (30, 13))])
def test_the_metadata_is_the_displayed_size(density, size):
    png = encode_png(quantize_colors(np.zeros((40, 90, 4), np.uint8)), density=density)
    assert png_metadata(png) == {"width": size[0], "height": size[1]}
