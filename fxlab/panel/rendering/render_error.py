"""`RenderError`: the error of a failed render."""

from __future__ import annotations


class RenderError(Exception):
    """A failed render: the message for the panel, and the path of the parameter that caused it, or None."""

    def __init__(self, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.path = path
