"""The built front end: the code that each widget carries, and the code that is sent to a page once."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files


@cache
def built_file(name: str) -> str:
    """Return the text of a built file of the front end."""
    return files("fxlab").joinpath("browser", "dist", name).read_text(encoding="utf-8")


@cache
def built_file_gzipped(name: str) -> bytes:
    """Return a built file as it is sent: gzipped, a third of the bytes."""
    return gzip.compress(built_file(name).encode(), mtime=0)


@cache
def bundle_hash() -> str:
    """Return the hash that identifies this build of `panel.js`."""
    return hashlib.sha256(built_file("panel.js").encode()).hexdigest()[:16]
