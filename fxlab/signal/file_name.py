"""The name of a file in error messages."""

from __future__ import annotations

import io
import os

from fxlab.errors import FileError


def quoted_name(path_or_file: object) -> str:
    """Return the quoted name of a path or binary file object.

    For a file object without a name, it is the type of the object, such as `'the BytesIO'`.

    Raises:
        FileError: The argument is neither a path nor a file object, or it is a file opened in text mode.
    """
    if isinstance(path_or_file, str | os.PathLike):
        return repr(os.fspath(path_or_file))
    if isinstance(path_or_file, io.TextIOBase):
        raise FileError("The file is open as text. Open it as binary: open(path, 'rb') to load, 'wb' to save.")
    if not hasattr(path_or_file, "read") and not hasattr(path_or_file, "write"):
        kind = type(path_or_file).__name__
        raise FileError(f"An object of type {kind} is not a file. Pass a path, or a file that is open as binary.")
    return repr(getattr(path_or_file, "name", f"the {type(path_or_file).__name__}"))
