"""The query for the output as a sound file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from fxlab.errors import FileError
from fxlab.panel.commands.registry import Answer, query
from fxlab.panel.protocol import Download

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel

PART_BYTES = 4_000_000
"""The size of a part: some servers close a connection that carries more in one message."""
FORMATS = {"wav": "audio/wav", "flac": "audio/flac"}

_current: WeakKeyDictionary[Panel, tuple[Any, bytes]] = WeakKeyDictionary()
"""The page's number of the download that is not complete, and the file."""


@query("download")
def download(panel: Panel, fields: Download, _buffers: list[Any]) -> Answer:
    """Return part number `part`; the file is encoded with the first part: WAV of floats, or FLAC of 24 bits.

    Nothing is scaled.

    Raises:
        SignalError: The format cannot hold the output, such as FLAC a sound above full scale.
        FileError: Another download has begun since.
    """
    kind, part, number = str(fields["format"]), int(fields["part"]), fields.get("download")
    if part == 0:
        file = io.BytesIO()
        panel.output.to("cpu").save(file, format=kind)
        _current[panel] = number, file.getvalue()
    begun, data = _current.get(panel, (None, b""))
    if begun != number:
        raise FileError("This download ended because another one was started. Start it again.")
    more = len(data) > (part + 1) * PART_BYTES
    if not more:
        del _current[panel]
    chunk = data[part * PART_BYTES : (part + 1) * PART_BYTES]
    return Answer({"mime": FORMATS.get(kind, ""), "more": more}, (chunk,))
