"""Cards: the representations of modules, signals, measurements and other objects of fxlab in a notebook.

- `cards/`   the cards, a file for each kind of object, and `mime_bundle.py`, which returns them as text, PNG and HTML
- `plots/`   the plots on the cards, such as those of responses, test tones, spectra, features and controls
- `canvas/`  the drawing surface, plots with axes on it, legends, text, colors, and the encoding of pictures
- `batch_grid.py`     a grid of spectrograms with players
- `player.py`         the audio element on the card of a Signal and in the grid
- `number_format.py`  numbers as text

matplotlib is imported when the first card or grid is drawn; `pyplot` is not used, and no global state of matplotlib is
changed.
"""

from fxlab.display.batch_grid import show_batch
from fxlab.display.cards.mime_bundle import (
    comparison_bundle,
    control_bundle,
    feature_bundle,
    fit_bundle,
    level_bundle,
    measurement_bundle,
    module_bundle,
    module_picture,
    panel_fallback,
    signal_bundle,
)

__all__ = [
    "comparison_bundle",
    "control_bundle",
    "feature_bundle",
    "fit_bundle",
    "level_bundle",
    "measurement_bundle",
    "module_bundle",
    "module_picture",
    "panel_fallback",
    "show_batch",
    "signal_bundle",
]
