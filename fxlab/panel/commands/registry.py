"""The registry of commands and queries: the names that a page may request, and their handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from fxlab.panel.protocol import AnswerFields

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


class Answer(NamedTuple):
    """The answer to a query: its fields and buffers."""

    fields: AnswerFields = AnswerFields()
    buffers: tuple[bytes, ...] = ()


CommandHandler = Callable[["Panel", Any], None]
"""A function of the panel and the fields of the command."""

QueryHandler = Callable[["Panel", Any, list[Any]], Answer]
"""A function of the panel, the fields of the query and its buffers."""

COMMANDS: dict[str, CommandHandler] = {}
QUERIES: dict[str, QueryHandler] = {}


def command(name: str) -> Callable[[CommandHandler], CommandHandler]:
    """Return a decorator that enters a function in `COMMANDS` as the handler of the command `name`.

    The handler may change the module or the signal. It runs on the render thread, between two renders. If it returns,
    every page is brought up to date, and the module is rendered again. If it raises an error, the panel shows the
    error, and the sound continues.
    """

    def register(handler: CommandHandler) -> CommandHandler:
        COMMANDS[name] = handler
        return handler

    return register


def query(name: str) -> Callable[[QueryHandler], QueryHandler]:
    """Return a decorator that enters a function in `QUERIES` as the handler of the query `name`.

    The handler must not change the module or the signal. It runs on the render thread, between two renders. An error
    that it raises is sent as the answer, because the page waits for an answer.
    """

    def register(handler: QueryHandler) -> QueryHandler:
        QUERIES[name] = handler
        return handler

    return register
