"""`command`: what a page may ask for by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from fxlab.errors import describe_error
from fxlab.panel.protocol import AnswerMessage

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel

Command = Callable[["Panel", dict[str, Any], list[Any]], bool | None]
"""It is given the panel, the message as docs/panel-protocol.md has it, and the message's buffers; it returns True where
nothing is left to be told, as after a question."""

COMMANDS: dict[str, Command] = {}


def command(name: str) -> Callable[[Command], Command]:
    """Register what is done when a page sends `{"type": "command", "name": name, …}`.

    It runs on the worker's thread, between two renders. What it raises, the panel shows, and the sound goes on. When it
    is done the panel tells the pages what has changed and renders again.
    """

    def register(function: Command) -> Command:
        COMMANDS[name] = function
        return function

    return register


def answer(panel: Panel, content: dict[str, Any], **fields: Any) -> bool:
    """Answer the page that asked; nothing else has changed."""
    panel.deliver(cast(AnswerMessage, {**fields, "type": "answer", "request": content.get("request")}), [])
    return True


def faults_answered(function: Command) -> Command:
    """What cannot be, as a file that is no sound, is the answer to the page that asked: nothing else is at fault.

    So each question is answered, or its page would wait for ever.
    """

    @wraps(function)
    def asked(panel: Panel, content: dict[str, Any], buffers: list[Any]) -> bool | None:
        try:
            return function(panel, content, buffers)
        except Exception as error:
            return answer(panel, content, error=describe_error(error))

    return asked
