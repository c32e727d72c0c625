"""The live panel: a widget that plays a signal through a module.

- `panel.py`       the widget; `session.py` handles the messages from the pages, `clients.py` tracks the pages, and
                   `publisher.py` keeps them up to date
- `front_end.py`   the built JavaScript; `execution_request.py` checks whether the front end can show
                   widgets, and `devices.py` lists the devices on which a panel can run
- `protocol/`      the types of all messages
- `controls/`      the specification of the controls, and the values that they set
- `commands/`      the handlers of the commands and queries that a page sends
- `rendering/`     the render thread
- `streaming/`     sends the audio, the curves, the views, the values and the state of a render to the pages
- `editing/`       edits stages, settings and presets, undoes changes, and generates Python code
- `learning/`      fits the module to a target on a thread of its own
- `plots/`         computes the curves of the magnitude plot, and sends the views
- `views/`         draws the views other than the magnitude plot
"""

from fxlab.panel.panel import Panel

__all__ = ["Panel"]
