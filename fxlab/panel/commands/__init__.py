"""What a page may ask for beside moving values: one file a command, each run on the worker's thread."""

from __future__ import annotations

from fxlab.panel.commands.command import COMMANDS, Command, command

__all__ = ["COMMANDS", "Command", "command"]
