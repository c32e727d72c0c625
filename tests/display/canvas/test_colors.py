import itertools

import numpy as np
import pytest

from fxlab.display.canvas import colors

# G. M. Machado, M. M. Oliveira, L. Fernandes, "A physiologically-based model for simulation of color vision
# deficiency", IEEE Trans. Visualization and Computer Graphics 15, 2009, severity 1.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def perceived(color, sight):
    """Return CIE L*a*b* of an sRGB color as seen with this kind of color vision."""
    channels = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x, y, z = np.clip(np.asarray(SIGHT[sight]) @ linear, 0, 1) @ XYZ.T / np.array([0.9505, 1, 1.089])
    f = [np.cbrt(value) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_follows_the_wcag_formula():
    assert colors.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert colors.contrast("#ffffff", "#777777") == colors.contrast("#777777", "#ffffff")
    assert colors.contrast("#123456", "#123456") == 1


def test_every_color_has_enough_contrast_on_light_and_dark_pages():
    used = [colors.stage_style(number).color for number in range(12)] + [
        colors.example_style(number).color for number in range(8)
    ]
    for color in {colors.TEXT, colors.MAIN, colors.ACCENT, *used}:
        for page in (colors.LIGHT_PAGE, colors.DARK_PAGE):
            assert colors.contrast(color, page) >= 4, (color, page)
    for page in (colors.LIGHT_PAGE, colors.DARK_PAGE):
        assert colors.contrast(colors.ALARM, page) >= 3.9  # a red with more contrast would no longer look red


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("styles", ["stages", "examples"])
def test_curves_differ_in_dash_or_hue_with_all_kinds_of_color_vision(sight, styles):
    if styles == "stages":
        used = [colors.LineStyle(colors.MAIN), *(colors.stage_style(number) for number in range(12))]
    else:
        used = [colors.example_style(number) for number in range(8)]
    assert len(set(used)) == len(used)
    for one, other in itertools.combinations(used, 2):
        apart = np.linalg.norm(perceived(one.color, sight) - perceived(other.color, sight))
        assert one.dash != other.dash or apart > 15, (one, other, apart)
