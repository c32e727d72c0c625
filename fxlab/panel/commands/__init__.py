"""What a page may ask for beside moving values: one file a command, each run on the worker's thread."""

from __future__ import annotations

from fxlab.panel.commands import download, load, roots, stages
from fxlab.panel.commands import settings_and_presets as settings
from fxlab.panel.commands import undo as history
from fxlab.panel.commands.command import COMMANDS, Command, answer, command

__all__ = ["COMMANDS", "Command", "answer", "command", "download", "history", "load", "roots", "settings", "stages"]
