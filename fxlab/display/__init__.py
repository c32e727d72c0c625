"""Cards: the representations of modules, signals, features, measurements and fits in a notebook.

- `cards/`   one card per kind of object (`*_card.py`), its text (`module_text.py`, `control_text.py`) and tables
             (`parameter_table.py`), and `mime_bundle.py`, which turns cards into text, PNG and HTML
- `plots/`   the plots on the cards, such as those of responses, test tones, spectra, features and controls
- `canvas/`  the drawing primitives: `canvas.py` the surface, `frame.py` a plot on it, `axis.py`, `legend.py`,
             `text.py`, `colors.py` colors and line styles, `palette.py` color reduction, `png.py` and `webp.py` the
             encoders
- `batch_grid.py`     a grid of spectrograms with players
- `player.py`         the audio element on the card of a Signal and in the grid
- `number_format.py`  numbers as text

matplotlib is imported when the first card is drawn; `pyplot` is not used, and no global state of matplotlib is changed.
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
