"""The canvas on which cards are drawn, the frame of a plot, colors and line styles, text, and picture encoding.

- `canvas.py`   `Canvas`, the entry point: draws lines, markers, polygons, text and images, and encodes the result
- `frame.py`    `Frame`: a plot on a canvas, with two axes; converts values to canvas positions and calls the canvas
- `axis.py`     `Axis`: the mapping of values to positions, and its ticks
- `artists.py`  `PlainLine` and `PlainPolygon`: lines, markers and polygons, independent of the styles of matplotlib
- `legend.py`   `draw_legend`: the legend beside the plots of a card
- `colors.py`   the colors and line styles of all cards
- `text.py`     lines of text: masks in the cards' font, their width, and their blending into a picture
- `palette.py`  reduction of a picture to a few colors, and to half its size
- `png.py`      `encode_png` and `png_metadata`
- `webp.py`     `encode_webp`
"""
