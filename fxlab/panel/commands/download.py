"""`download`: what the module makes of the sound, as a file for the page to keep."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from fxlab.errors import FileError
from fxlab.panel.commands.command import command, faults_answered
from fxlab.panel.protocol import AnswerMessage

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel

PART = 4_000_000  # bytes that go at a time: some servers close a line that carries more at once
FORMATS = {"wav": "audio/wav", "flac": "audio/flac"}

_going: WeakKeyDictionary[Panel, tuple[Any, bytes]] = WeakKeyDictionary()
"""The file that goes out, with the page's number of it."""


@command("download")
@faults_answered
def download(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Answer with part number `part`; the file is made with the first: WAV of floats, FLAC of 24 bits.

    Nothing is scaled: what the format cannot hold, as FLAC what goes beyond full scale, is a fault.
    """
    kind, part, number = str(content["format"]), int(content["part"]), content.get("download")
    if part == 0:
        file = io.BytesIO()
        panel.output.to("cpu").save(file, format=kind)
        _going[panel] = number, file.getvalue()
    begun, data = _going.get(panel, (None, b""))
    if begun != number:
        raise FileError("This download ended, since another was begun. Ask for it again.")
    left = len(data) > (part + 1) * PART
    fields: AnswerMessage = {
        "type": "answer",
        "request": content.get("request"),
        "mime": FORMATS.get(kind, ""),
        "more": left,
    }
    panel.deliver(fields, [data[part * PART : (part + 1) * PART]])
    if not left:
        del _going[panel]
    return True
