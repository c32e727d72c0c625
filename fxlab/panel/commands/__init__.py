"""The handlers of the commands and queries that a page sends, one file per topic.

`registry.py` defines the decorators `command` and `query`, which enter each handler in `COMMANDS` or `QUERIES`.
`fxlab.panel.session` looks up the handlers there by name, and runs them on the render thread.

- `stages.py`, `roots.py`      add, remove and change stages, poles and zeros
- `movement.py`                lets parameters move
- `settings.py`, `presets.py`  select and store settings
- `undo.py`                    undo and redo
- `learning.py`                sets a target, starts and stops a fit to it
- `upload.py`, `download.py`   transfer sound files
- `code.py`                    returns Python code
"""

from __future__ import annotations

from fxlab.panel.commands import code, download, learning, movement, presets, roots, settings, stages, undo, upload
from fxlab.panel.commands.registry import COMMANDS, QUERIES, Answer, command, query

__all__ = [
    "COMMANDS",
    "QUERIES",
    "Answer",
    "code",
    "command",
    "download",
    "learning",
    "movement",
    "presets",
    "query",
    "roots",
    "settings",
    "stages",
    "undo",
    "upload",
]
