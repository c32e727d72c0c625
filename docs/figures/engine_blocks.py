"""Draw docs/static/engine-blocks.svg: how the engine filters a block, and how it joins blocks.

    python docs/figures/engine_blocks.py

The matrices are those of a 4th-order Butterworth low-pass, computed by the engine.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.signal
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from fxlab.engine.recursion.matrices.block_matrices import block_matrices
from fxlab.engine.recursion.matrices.state_space import state_space

INK, FAINT, BLUE, ORANGE = "#50565e", "#a9b0b8", "#1976d2", "#d9730d"
LENGTH = 32


def draw_matrix(axes, values, x, y, size, name):
    """Draw a matrix as an image, `size` units a row."""
    rows, columns = values.shape
    peak = np.abs(values).max()
    axes.imshow(
        values,
        extent=(x, x + columns * size, y - rows * size, y),
        cmap="RdBu_r",
        vmin=-peak,
        vmax=peak,
        interpolation="nearest",
    )
    axes.add_patch(Rectangle((x, y - rows * size), columns * size, rows * size, fill=False, edgecolor=INK, lw=0.8))
    axes.text(x + columns * size / 2, y + 0.5, name, ha="center", va="bottom", color=INK, fontsize=12)


def draw_vector(axes, x, y, height, color, name, width=0.9):
    axes.add_patch(Rectangle((x, y - height), width, height, facecolor=color, alpha=0.35, edgecolor=color, lw=0.8))
    axes.text(x + width / 2, y + 0.5, name, ha="center", va="bottom", color=INK, fontsize=12)


def draw_block(axes):
    """Draw `y = H x + O s` and `s' = A^32 s + R x`."""
    sos = scipy.signal.butter(4, 0.12, output="sos")
    space, _ = state_space(sos)
    block = block_matrices(space, LENGTH)
    unit, top = 0.5, 0.0
    draw_vector(axes, 0, top, 16, BLUE, "y")
    axes.text(2.2, -8, "=", ha="center", va="center", color=INK, fontsize=15)
    draw_matrix(axes, block.H, 3.5, top, unit, "H")
    draw_vector(axes, 20.2, top, 16, ORANGE, "x")
    axes.text(22.6, -8, "+", ha="center", va="center", color=INK, fontsize=15)
    draw_matrix(axes, block.O, 24.2, top, unit, "O")
    draw_vector(axes, 27, top, 2, INK, "s")
    low = -20.5
    draw_vector(axes, 0, low, 2, INK, "s′")
    axes.text(2.2, low - 1, "=", ha="center", va="center", color=INK, fontsize=15)
    draw_matrix(axes, block.squares[-1], 3.5, low, unit, "A³²")
    draw_vector(axes, 6.2, low, 2, INK, "s")
    axes.text(8.6, low - 1, "+", ha="center", va="center", color=INK, fontsize=15)
    draw_matrix(axes, block.R, 10.2, low, unit, "R")
    draw_vector(axes, 27, low, 16, ORANGE, "x")
    axes.text(0, 4.2, "A block of 32 samples", color=INK, fontsize=12, fontweight="bold")
    axes.set_xlim(-0.5, 29)
    axes.set_ylim(-37.5, 6)


def draw_levels(axes):
    """Draw blocks, groups of blocks and groups of groups, through which the state goes up and then down."""
    axes.text(0, 4.2, "Blocks of blocks", color=INK, fontsize=12, fontweight="bold")
    rows = [
        (0, 32, "blocks: one matrix product for all H x and R x"),
        (-11, 8, "groups of 4"),
        (-22, 2, "groups of 16"),
    ]
    width = 32
    for (y, count, name), color in zip(rows, (ORANGE, INK, INK), strict=True):
        size = width / count
        for n in range(count):
            axes.add_patch(
                Rectangle((n * size + 0.06, y - 3), size - 0.12, 3, facecolor=color, alpha=0.3, edgecolor=color, lw=0.8)
            )
        axes.text(0, y + 0.5, name, color=INK, fontsize=10, va="bottom")
    style = {"arrowstyle": "-|>", "mutation_scale": 9, "lw": 1.1}
    for y, count in ((-3, 8), (-14, 2)):
        size = width / count
        for n in range(count):
            middle = (n + 0.5) * size
            up, down = middle - min(size * 0.14, 1.2), middle + min(size * 0.14, 1.2)
            axes.add_patch(FancyArrowPatch((up, y - 0.3), (up, y - 6), color=ORANGE, **style))
            axes.add_patch(FancyArrowPatch((down, y - 6), (down, y - 0.3), color=BLUE, **style))
    axes.add_patch(FancyArrowPatch((8, -26.2), (24, -26.2), connectionstyle="arc3,rad=0.25", color=INK, **style))
    axes.text(16, -30.6, "one more product takes the last few steps", color=INK, fontsize=10, ha="center")
    axes.text(0, -34, "orange: what a group adds to the state", color=ORANGE, fontsize=10)
    axes.text(0, -36.4, "blue: the state in which it begins", color=BLUE, fontsize=10)
    axes.set_xlim(-0.5, 32.5)
    axes.set_ylim(-37.5, 6)


def main():
    figure = Figure(figsize=(10.4, 6.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(29.5, 33))
    for axes, draw in ((left, draw_block), (right, draw_levels)):
        draw(axes)
        axes.set_aspect("equal")
        axes.axis("off")
    path = Path(__file__).parents[1] / "static" / "engine-blocks.svg"
    figure.savefig(path, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
