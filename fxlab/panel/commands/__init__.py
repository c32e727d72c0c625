"""What a page may ask for beside moving values: one file a command, each run on the worker's thread."""

from __future__ import annotations

from fxlab.panel.commands import download, history, load, roots, settings, stages
from fxlab.panel.commands.command import COMMANDS, Command, answer, command

__all__ = ["COMMANDS", "Command", "answer", "command", "download", "history", "load", "roots", "settings", "stages"]
