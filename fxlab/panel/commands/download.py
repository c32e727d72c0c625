"""The query that returns the output as a sound file, part by part."""

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
"""The maximum size of a part in bytes: some servers close a connection that carries a larger message."""
FORMATS = {"wav": "audio/wav", "flac": "audio/flac"}

_current: WeakKeyDictionary[Panel, tuple[Any, bytes]] = WeakKeyDictionary()
"""The number that the page gave to the unfinished download, and the encoded file, for each panel."""


@query("download")
def download(panel: Panel, fields: Download, _buffers: list[Any]) -> Answer:
    """Return one part of a sound file with the output: a WAV file of floats or a FLAC file of 24 bits.

    The output is computed and encoded when part 0 is requested. The samples are not scaled.

    Raises:
        FileError: The format cannot represent the output (FLAC has no samples beyond full scale), or the part does not
            belong to the unfinished download of this panel.
        Exception: Every error that the module raises when it is called.
    """
    kind, part, number = str(fields["format"]), int(fields["part"]), fields.get("download")
    if part == 0:
        file = io.BytesIO()
        panel.output.to("cpu").save(file, format=kind)
        _current[panel] = number, file.getvalue()
    if panel not in _current:
        raise FileError(f"There is no download whose part {part} could follow. Start it again.")
    begun, data = _current[panel]
    if begun != number:
        raise FileError("This download ended because another one was started. Start it again.")
    more = len(data) > (part + 1) * PART_BYTES
    if not more:
        del _current[panel]
    chunk = data[part * PART_BYTES : (part + 1) * PART_BYTES]
    return Answer({"mime": FORMATS.get(kind, ""), "more": more}, (chunk,))
