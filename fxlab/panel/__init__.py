"""The live panel of a module and a sound.

- `panel.py`       the widget; `session.py` handles the messages of the pages, `clients.py` tracks the pages, and
                   `publisher.py` keeps them up to date
- `protocol/`      the messages, as types
- `controls/`      the specification of the controls, and the values that they set
- `commands/`      the commands and queries of a page
- `rendering/`     the render thread
- `streaming/`     the audio and all other messages to the pages
- `editing/`       stages, settings, presets, undo, and Python code
- `plots/`, `views/`  the curves, and the views beside the magnitude
"""

from fxlab.panel.panel import Panel

__all__ = ["Panel"]
