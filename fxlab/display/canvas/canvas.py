"""`Canvas`: a transparent drawing surface, measured in CSS pixels, with y pointing down.

It uses matplotlib's `Figure` and Agg without `pyplot` and without `Axes`. No global state of matplotlib is changed, so
any thread may draw. The user's `rcParams` and styles do not affect the cards; see `artists.py`. Text is drawn by
`text.py`, over everything else.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import ArrayLike, NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.artists import PlainLine, PlainPolygon, dash_unit
from fxlab.display.canvas.palette import Color, PaletteImage, halve, quantize_colors, unique_colors
from fxlab.display.canvas.png import encode_png
from fxlab.display.canvas.text import blend_text, text_length, text_mask
from fxlab.display.canvas.webp import encode_webp, has_webp

DENSITY = 2
"""The number of image pixels per CSS pixel in each direction; with 2, pictures are sharp on dense screens."""
TEXT_SIZE = 11.0
_MAX_PALETTE = 32
_COARSE_PALETTE = 12  # palette size of a picture with one image pixel per CSS pixel
_EDGE_ALPHA = 128  # opacity of the palette entries for antialiased edges
_MIN_AREA = 0.007  # fraction of the picture; a color of overlapping translucent areas gets an entry if larger

Box = tuple[float, float, float, float]
"""The left edge, the top edge, the width and the height, in CSS pixels."""


class _Text(NamedTuple):
    """A line of text on a canvas, with positions and sizes in image pixels."""

    text: str
    left: int
    baseline: int
    size: int
    bold: bool
    color: Color


class Canvas:
    """A drawing surface of `width` by `height` CSS pixels.

    Whatever is drawn after `to_png` or `to_webp` has returned a picture does not appear in later pictures.

    >>> canvas = Canvas(100, 40)
    >>> canvas.draw_text(50, 20, "0 dB", align="center")
    >>> canvas.to_png()[1:4]
    b'PNG'
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        size = (width / 72, height / 72)  # in inches; at 72 dpi a point is a pixel
        self._figure = Figure(figsize=size, dpi=72 * DENSITY, frameon=False, layout="none")  # type: ignore[arg-type]
        self._backend: Any = FigureCanvasAgg(self._figure)
        self._transform = Affine2D().scale(DENSITY, -DENSITY).translate(0, height * DENSITY)
        self._order = 0
        self._images: list[tuple[NDArray[np.uint8], int, int]] = []
        self._colors: dict[Color, None] = {}  # each drawn color once, in drawing order
        self._pixels: NDArray[np.uint8] | None = None
        self._texts: list[_Text] = []
        self._quantized: dict[bool, PaletteImage] = {}
        self._pngs: dict[bool, bytes] = {}

    def draw_line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        style: str | colors.LineStyle = colors.TEXT,
        *,
        width: float = 1.0,
        clip: Box | None = None,
        snap: bool = False,
    ) -> None:
        """Draw a line through points, in CSS pixels; it is interrupted where a coordinate is NaN.

        Args:
            x: The horizontal positions.
            y: The vertical positions, counted downwards.
            style: The color, or the color and the dashes.
            width: The width of the line in CSS pixels.
            clip: A box outside which nothing is drawn; None for the complete canvas.
            snap: Whether horizontal and vertical lines are moved to whole image pixels, so that they are sharp.
        """
        style = colors.LineStyle(style) if isinstance(style, str) else style
        dash: Any = "-" if style.dash is None else (0, tuple(length / dash_unit(width) for length in style.dash))
        line = PlainLine(
            np.asarray(x, float),
            np.asarray(y, float),
            color=style.color,
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
        self._add(line, style.color, clip=clip)

    def draw_markers(
        self, x: ArrayLike, y: ArrayLike, shape: Literal["o", "x", "dot"], color: str, *, clip: Box | None = None
    ) -> None:
        """Draw a ring (`"o"`), a cross (`"x"`) or a `"dot"` at each point, in CSS pixels, clipped to the box `clip`."""
        dot = shape == "dot"
        line = PlainLine(
            np.asarray(x, float),
            np.asarray(y, float),
            linestyle="None",
            marker="o" if dot else shape,
            fillstyle="full",
            markersize={"o": 8.0, "x": 6.5, "dot": 4.0}[shape],
            markeredgecolor=color,
            markerfacecolor=color if dot else "none",
            markeredgewidth=0.0 if dot else 1.6,
            antialiased=True,
        )
        line.set_snap(False)
        self._add(line, color, clip=clip)

    def fill_polygon(self, points: ArrayLike, color: str, *, alpha: float = 1.0, clip: Box | None = None) -> None:
        """Fill the polygon with the corners `points`, `(n, 2)`, in CSS pixels, except outside the box `clip`.

        `alpha` is the opacity, from 0 to 1.
        """
        shape = PlainPolygon(
            np.asarray(points, float), closed=True, facecolor=color, edgecolor="none", linewidth=0, alpha=alpha
        )
        shape.set_antialiased(True)
        shape.set_snap(False)
        self._add(shape, color, alpha=alpha, clip=clip)

    def draw_text(
        self,
        x: float,
        y: float,
        text: str,
        color: str = colors.TEXT,
        *,
        size: float = TEXT_SIZE,
        align: Literal["left", "center", "right"] = "left",
        bold: bool = False,
    ) -> None:
        """Draw one line of text in the font size `size`, in CSS pixels.

        `x` is the position of the left edge, the center or the right edge of the line, according to `align`; `y` is the
        vertical center of its lowercase letters.
        """
        if align != "left":
            width = self.text_width(text, size=size, bold=bold)
            x -= width if align == "right" else width / 2
        left, baseline = round(DENSITY * x), round(DENSITY * (y + 0.36 * size))
        self._texts.append(_Text(text, left, baseline, round(DENSITY * size), bold, self._add_color(color)))

    def text_width(self, text: str, *, size: float = TEXT_SIZE, bold: bool = False) -> float:
        """Return the width in CSS pixels of `text` when it is drawn in the font size `size`."""
        return text_length(text, round(DENSITY * size), bold) / DENSITY

    def draw_image(self, pixels: NDArray[np.uint8], left: int, top: int) -> None:
        """Place an image with its upper left corner at `left` and `top` in CSS pixels.

        It lies below all lines, markers, polygons and text, and below the images that were placed before it.

        Shape:
            `pixels`: `(height, width, 4)`, in image pixels (`DENSITY` per CSS pixel), opaque or fully transparent.
        """
        self._images.append((pixels, left * DENSITY, top * DENSITY))

    def to_png(self, *, fine: bool = True) -> bytes:
        """Return the picture as a PNG, with `DENSITY` image pixels per CSS pixel.

        If `fine` is False, it has one image pixel per CSS pixel and fewer colors.
        """
        if fine not in self._pngs:
            self._pngs[fine] = encode_png(self._quantize(fine), density=DENSITY if fine else 1)
        return self._pngs[fine]

    def to_webp(self) -> bytes | None:
        """Return the picture as a WebP with the pixels of `to_png`, or None if this build of Pillow has no WebP."""
        return encode_webp(self._quantize(True)) if has_webp() else None

    def _quantize(self, fine: bool) -> PaletteImage:
        if self._pixels is None:
            self._pixels = self._draw_pixels()
        if fine not in self._quantized:
            height, width = self._pixels.shape[:2]
            self._quantized[fine] = (
                quantize_colors(self._pixels, _MAX_PALETTE, self._palette(), round(_MIN_AREA * height * width))
                if fine
                else quantize_colors(halve(self._pixels), _COARSE_PALETTE)
            )
        return self._quantized[fine]

    def _draw_pixels(self) -> NDArray[np.uint8]:
        self._backend.draw()
        pixels = np.array(self._backend.buffer_rgba())
        for image in self._images:
            _place_below(pixels, *image)
        for line in self._texts:
            blend_text(pixels, text_mask(line.text, line.size, line.bold), line.left, line.baseline, line.color)
        # A figure and its canvas form a reference cycle that only a rare full collection frees. Clearing the figure
        # frees the pixels now, and collecting the young generations, in 2 ms, frees the artists.
        self._figure.clear()
        self._backend = FigureCanvasAgg(self._figure)
        gc.collect(1)
        return pixels

    def _palette(self) -> list[Color]:
        """Return the colors of everything drawn, and for antialiased edges, the opaque colors also at half opacity.

        The colors of images are included only at full opacity, since images have no antialiased edges.
        """
        flat = dict.fromkeys(color for pixels, *_ in self._images for color in unique_colors(pixels) if color[3])
        edges = [(*color[:3], _EDGE_ALPHA) for color in self._colors if color[3] == 255]
        return list({**self._colors, **flat, **dict.fromkeys(edges)})

    def _add(self, artist: Any, color: str, *, alpha: float = 1.0, clip: Box | None = None) -> None:
        self._add_color(color, alpha)
        self._order += 1
        artist.set_zorder(self._order)
        artist.set_transform(self._transform)
        self._figure.add_artist(artist)
        if clip is not None:
            left, top, width, height = clip
            corners = [(left, top + height), (left + width, top)]
            artist.set_clip_box(Bbox(self._transform.transform(corners)))

    def _add_color(self, color: str, alpha: float = 1.0) -> Color:
        red, green, blue, opacity = to_rgba(color)
        rgba = (round(255 * red), round(255 * green), round(255 * blue), round(255 * opacity * alpha))
        if opacity:
            self._colors[rgba] = None
        return rgba


def fit_text(
    canvas: Canvas, parts: Sequence[str], width: float, *, separator: str = " · ", size: float = TEXT_SIZE
) -> str:
    """Return as many of `parts` as fit into `width` in CSS pixels, joined with `separator`.

    An ellipsis stands for the parts that do not fit. If not even the first part fits, it is shortened. The result is
    empty if there are no parts. `size` is the font size in CSS pixels.
    """
    for count in range(len(parts), 0, -1):
        text = separator.join(parts[:count]) + (f"{separator}…" if count < len(parts) else "")
        if canvas.text_width(text, size=size) <= width:
            return text
    text = parts[0] if parts else ""
    while text and canvas.text_width(text + "…", size=size) > width:
        text = text[:-1]
    return text + "…" if parts else ""


def _place_below(picture: NDArray[np.uint8], image: NDArray[np.uint8], left: int, top: int) -> None:
    """Blend `image` below the pixels that `picture` already has, in place.

    The upper left corner of the image is in the column `left` and the row `top`.
    """
    area = picture[top : top + image.shape[0], left : left + image.shape[1]]
    image = image[: area.shape[0], : area.shape[1]]
    alpha = area[..., 3:].astype(np.uint16)
    mixed = (area[..., :3] * alpha + image[..., :3] * (255 - alpha)) // 255
    opaque = image[..., 3] > 0
    area[opaque, :3] = mixed[opaque]
    area[opaque, 3] = 255
