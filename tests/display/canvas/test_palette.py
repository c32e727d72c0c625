import numpy as np

from fxlab.display.canvas.palette import halve, quantize_colors, unique_colors


def shown(image):
    """Return the pixels of a picture with a palette, `(height, width, 4)`."""
    return image.palette[image.indices]


def test_the_palette_is_limited_and_the_picture_similar():
    ramp = np.zeros((64, 256, 4), np.uint8)
    ramp[..., 0], ramp[..., 3] = np.arange(256), 255
    for palette_size in (2, 16, 17, 256):
        index, palette = quantize_colors(ramp, palette_size)
        assert len(palette) <= palette_size
        assert index.max() < len(palette)
    back = shown(quantize_colors(ramp, 64))
    assert np.abs(back.astype(int) - ramp).max() <= 8


def test_a_single_pixel_of_another_color_is_kept():
    picture = np.zeros((200, 200, 4), np.uint8)
    picture[50:150, 50:150] = (36, 121, 224, 255)
    picture[3, 3] = (219, 63, 77, 255)
    back = shown(quantize_colors(picture, 4))
    assert tuple(back[3, 3]) == (219, 63, 77, 255)


def test_given_colors_come_first_and_only_large_areas_add_others():
    picture = np.zeros((100, 100, 4), np.uint8)
    picture[:50] = (36, 121, 224, 255)
    picture[:5, :20] = (36, 121, 224, 140)  # 1 %: an antialiased edge
    picture[80:, :20] = (15, 138, 98, 64)  # 4 %
    given = [(36, 121, 224, 255), (36, 121, 224, 128)]
    back = shown(quantize_colors(picture, colors=given, min_area=200))
    assert set(map(tuple, back.reshape(-1, 4))) == {(0, 0, 0, 0), *given, (15, 138, 98, 64)}
    assert tuple(back[0, 0]) == given[1]


def test_halving_averages_four_pixels_weighted_by_alpha():
    picture = np.zeros((4, 6, 4), np.uint8)
    picture[:2, :2] = (200, 100, 50, 255)
    picture[0, 2] = (200, 100, 50, 255)
    half = halve(picture)
    assert half.shape == (2, 3, 4)
    assert tuple(half[0, 0]) == (200, 100, 50, 255)
    assert tuple(half[0, 1]) == (200, 100, 50, 64)  # a quarter is covered; the color is not darkened
    assert not half[1].any()


def test_halving_is_the_same_for_groups_of_one_color_and_of_several():
    draw = np.random.default_rng(0)
    picture = draw.integers(0, 256, (9, 15, 4), np.uint8)[draw.integers(0, 9, (9, 15)) // 4, 0]
    picture[draw.random((9, 15)) < 0.3, 3] = 0
    half = halve(picture)
    assert half.shape == (4, 7, 4)
    groups = {}
    for row in range(4):
        for column in range(7):
            four = picture[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].reshape(4, 4).astype(float)
            groups[len(np.unique(four, axis=0))] = True
            total = four[:, 3].sum()
            color = (four[:, :3] * four[:, 3:]).sum(0) / max(total, 1)
            np.testing.assert_allclose(half[row, column], [*color, total / 4], atol=0.5)
    assert len(groups) > 2


def test_each_color_is_returned_once():
    picture = np.zeros((6, 5, 4), np.uint8)
    picture[1:3] = (36, 121, 224, 255)
    picture[4, 2] = (36, 121, 224, 128)
    assert sorted(unique_colors(picture)) == [(0, 0, 0, 0), (36, 121, 224, 128), (36, 121, 224, 255)]
    assert len(unique_colors(picture[:, ::2])) == 3, "a view with gaps between its pixels"
