"""A transparent sheet to draw on, measured in pixels of the page, y pointing down.

It is matplotlib's `Figure` and Agg without `pyplot` and without `Axes`: nothing global is touched, so any thread may
draw; a reader's `rcParams` and styles leave the cards as they are; and a card costs a few dozen texts instead of four
axes laid out by the general rules.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import ArrayLike, NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.png import encode, halve

DENSITY = 2  # pixels of the picture for one of the page: crisp on today's screens
SIZE = 11.0

Box = tuple[float, float, float, float]
"""left, top, width, height"""


class Canvas:
    """A picture of `width` by `height` pixels of the page.

    >>> sheet = Canvas(100, 40)
    >>> sheet.text(50, 20, "0 dB", align="center")
    >>> sheet.png()[1:4]
    b'PNG'
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        size = (width / 72, height / 72)  # at 72 dots an inch a point is a pixel
        self._figure = Figure(figsize=size, dpi=72 * DENSITY, frameon=False, layout="none")  # type: ignore[arg-type]
        self._canvas: Any = FigureCanvasAgg(self._figure)
        self._place = Affine2D().scale(DENSITY, -DENSITY).translate(0, height * DENSITY)
        self._order = 0
        self._images: list[tuple[NDArray[np.uint8], int, int]] = []
        self._pixels: NDArray[np.uint8] | None = None

    def line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        pen: str | colors.Pen = colors.TEXT,
        *,
        width: float = 1.0,
        clip: Box | None = None,
        snap: bool = False,
    ) -> None:
        """Draw a line through points; NaN interrupts it. `snap` keeps level and upright lines sharp."""
        pen = colors.Pen(pen) if isinstance(pen, str) else pen
        dash: Any = "-" if pen.dash is None else (0, tuple(length / width for length in pen.dash))
        line = Line2D(
            np.asarray(x, float),
            np.asarray(y, float),
            color=pen.ink,
            linewidth=width,
            linestyle=dash,
            marker="None",
            antialiased=True,
            dash_capstyle="butt",
            solid_capstyle="butt",
            solid_joinstyle="round",
            dash_joinstyle="round",
        )
        line.set_snap(snap)
        self._add(line, clip)

    def marks(
        self, x: ArrayLike, y: ArrayLike, shape: Literal["o", "x", "dot"], ink: str, *, clip: Box | None = None
    ) -> None:
        """Draw a ring, a cross or a dot at each point."""
        dot = shape == "dot"
        line = Line2D(
            np.asarray(x, float),
            np.asarray(y, float),
            linestyle="None",
            marker="o" if dot else shape,
            markersize={"o": 8.0, "x": 6.5, "dot": 4.0}[shape],
            markeredgecolor=ink,
            markerfacecolor=ink if dot else "none",
            markeredgewidth=0.0 if dot else 1.6,
            antialiased=True,
        )
        line.set_snap(False)
        self._add(line, clip)

    def area(self, points: ArrayLike, ink: str, *, alpha: float = 1.0, clip: Box | None = None) -> None:
        """Fill the polygon through `points` `(n, 2)`."""
        shape = Polygon(
            np.asarray(points, float), closed=True, facecolor=ink, edgecolor="none", linewidth=0, alpha=alpha
        )
        shape.set_antialiased(True)
        shape.set_snap(False)
        self._add(shape, clip)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        ink: str = colors.TEXT,
        *,
        size: float = SIZE,
        align: Literal["left", "center", "right"] = "left",
        bold: bool = False,
    ) -> None:
        """Write one line; `y` is the height of the middle of its small letters."""
        text = Text(
            x,
            y + 0.36 * size,
            words,
            color=ink,
            fontproperties=_font(size, bold),
            horizontalalignment=align,
            verticalalignment="baseline",
            usetex=False,
            parse_math=False,
            antialiased=True,
        )
        self._add(text, None)

    def width_of(self, words: str, *, size: float = SIZE, bold: bool = False) -> float:
        """The width that `text` would take."""
        renderer = self._canvas.get_renderer()
        return float(renderer.get_text_width_height_descent(words, _font(size, bold), ismath=False)[0]) / DENSITY

    def image(self, pixels: NDArray[np.uint8], left: int, top: int) -> None:
        """Lay down pixels of the picture, `(height, width, 4)`, opaque or nothing, under all that is drawn."""
        self._images.append((pixels, left * DENSITY, top * DENSITY))

    def png(self, *, colours: int = 10, fine: bool = True) -> bytes:
        """The picture with a palette of at most `colours`; not `fine`, it has one pixel for one of the page."""
        if self._pixels is None:
            self._canvas.draw()
            self._pixels = np.array(self._canvas.buffer_rgba())
            for image in self._images:
                _lay_under(self._pixels, *image)
            # A figure and its canvas hold one another until a rare collection. The pixels go now; and what it drew
            # with, among which the next picture would find no room, when the young are looked at, in 2 ms.
            self._figure.clear()
            self._canvas = FigureCanvasAgg(self._figure)
            gc.collect(1)
        pixels = self._pixels if fine else halve(self._pixels)
        return encode(pixels, colours=colours, density=DENSITY if fine else 1)

    def _add(self, artist: Any, clip: Box | None) -> None:
        self._order += 1
        artist.set_zorder(self._order)
        artist.set_transform(self._place)
        self._figure.add_artist(artist)
        if clip is not None:
            left, top, width, height = clip
            corners = [(left, top + height), (left + width, top)]
            artist.set_clip_box(Bbox(self._place.transform(corners)))


def fitted(sheet: Canvas, parts: Sequence[str], width: float, *, joint: str = " · ", size: float = SIZE) -> str:
    """As many of `parts` as fit into `width`, with an ellipsis when some do not."""
    for count in range(len(parts), 0, -1):
        words = joint.join(parts[:count]) + (f"{joint}…" if count < len(parts) else "")
        if sheet.width_of(words, size=size) <= width:
            return words
    words = parts[0] if parts else ""
    while words and sheet.width_of(words + "…", size=size) > width:
        words = words[:-1]
    return words + "…" if parts else ""


def _lay_under(page: NDArray[np.uint8], image: NDArray[np.uint8], left: int, top: int) -> None:
    part = page[top : top + image.shape[0], left : left + image.shape[1]]
    image = image[: part.shape[0], : part.shape[1]]
    alpha = part[..., 3:].astype(np.uint16)
    mixed = (part[..., :3] * alpha + image[..., :3] * (255 - alpha)) // 255
    there = image[..., 3] > 0
    part[there, :3] = mixed[there]
    part[there, 3] = 255


@cache
def _font(size: float, bold: bool) -> FontProperties:
    # By its file: looking a family up goes through the reader's rcParams, and the shipped one is always there.
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FontProperties(fname=Path(mpl.get_data_path()) / "fonts" / "ttf" / name, size=size)
