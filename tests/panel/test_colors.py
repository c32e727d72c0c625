"""The eight colors of stages, as the style sheet has them: they stand out, and apart, for color-blind eyes too."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import fxlab

SHEET = (Path(fxlab.__file__).parent / "browser" / "src" / "styles" / "panel.css").read_text()
FOUND = re.findall(r"--fx-stage-(\d): #([0-9a-f]{6});", SHEET)

# What a color is to those who lack one kind of cone: G. Machado, M. Oliveira, L. Fernandes, "A Physiologically-based
# Model for Simulation of Color Vision Deficiency", 2009, severity 1, on linear RGB.
EYES = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# B. Ottosson, "A perceptual color space for image processing", 2020.
CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(color: str) -> np.ndarray:
    value = np.array([int(color[at : at + 2], 16) for at in (0, 2, 4)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(linear(color) @ [0.2126, 0.7152, 0.0722] for color in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "grounds"), [(0, ("ffffff", "f9f9f9")), (1, ("212121", "1a1a1a"))])
def test_the_colors_of_stages_stand_out_and_apart(theme: int, grounds: tuple[str, ...]) -> None:
    numbers, colors = zip(*FOUND[8 * theme : 8 * theme + 8], strict=True)
    assert numbers == tuple("12345678")
    for color in colors:
        assert min(contrast(color, ground) for ground in grounds) > 4.5, f"#{color} is too faint for a number"
    for eye, seen in EYES.items():
        places = [np.array(LAB) @ np.cbrt(CONES @ np.clip(seen @ linear(color), 0, 1)) for color in colors]
        near = min(np.linalg.norm(a - b) for i, a in enumerate(places) for b in places[:i])
        assert near > 0.06, f"two of them are alike to a {eye} eye"  # 0.02 can just be told apart
