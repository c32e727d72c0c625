"""Cards: how modules and signals show themselves in a notebook.

- `bundle.py`           what a notebook is handed: text, picture, HTML
- `module_sheet.py`   a module's picture, of `response.py` drawn by `bode.py` and `zplane.py`, or of `probe.py` drawn
                        by `transfer.py`, with the words of `legend.py`, what `mask.py` forbids and the
                        stems of `taps.py`; `rounding.py` is that of a FixedPoint
- `signal_sheet.py`   a Signal's picture, of `envelope.py` and `spectrogram.py`; `spectrum.py` is the long-term one
- `measurement_sheet.py`  what a sweep found; `comparison_sheet.py` filters laid over one another
- `player.py`           the sound itself, in FLAC
- `table.py`            parameters as HTML; `units.py` numbers as a card writes them
- `sheet.py`            a page to draw on; `frame.py` a plot on it; `axis.py` its axes; `ink.py` colours; `png.py` bytes

matplotlib loads when the first picture is drawn, with neither `pyplot` nor any global state.
"""

from fxlab.display.cards.mime_bundle import (
    comparison_bundle,
    measurement_bundle,
    module_bundle,
    module_picture,
    signal_bundle,
)

__all__ = ["comparison_bundle", "measurement_bundle", "module_bundle", "module_picture", "signal_bundle"]
