"""`RenderError`: the error of a failed render."""

from __future__ import annotations


class RenderError(Exception):
    """A render failed; `path` is the path of the parameter that caused it, or None if it is not known."""

    def __init__(self, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.path = path
