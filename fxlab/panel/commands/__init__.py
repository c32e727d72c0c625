"""The commands and queries of a page, by topic. Each runs on the render thread."""

from __future__ import annotations

from fxlab.panel.commands import code, download, presets, roots, settings, stages, undo, upload
from fxlab.panel.commands.registry import COMMANDS, QUERIES, Answer, command, query

__all__ = [
    "COMMANDS",
    "QUERIES",
    "Answer",
    "code",
    "command",
    "download",
    "presets",
    "query",
    "roots",
    "settings",
    "stages",
    "undo",
    "upload",
]
