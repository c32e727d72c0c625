"""The canvas that cards are drawn on, the frame of a plot, colors and line styles, and PNG encoding.

- `canvas.py`   `Canvas`, the entry point: draws lines, markers, polygons, text and images; `to_png` encodes the result
- `frame.py`    `Frame`: a plot on a canvas, with two axes; converts values to canvas positions and calls the canvas
- `axis.py`     `Axis`: the mapping of values to positions, and its ticks
- `legend.py`   `draw_legend`: the legend beside the plots of a card
- `colors.py`   the colors and line styles of all cards
- `png.py`      `encode_png`, called by `Canvas.to_png`, and `png_metadata`
"""
