"""The query that uploads a sound file in parts, and the command that plays it."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from fxlab.errors import FileError
from fxlab.panel.commands.registry import Answer, command, query
from fxlab.panel.protocol import PlayUpload, UploadPart
from fxlab.signal import Signal, load

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel

MAX_BYTES = 50_000_000
"""The maximum size of an uploaded file, in bytes."""
MAX_SECONDS = 600.0
"""The maximum duration of an uploaded sound, in seconds."""


class Upload(io.BytesIO):
    """The bytes of a file that is being uploaded, with its name and the number that the page gave to the upload."""

    def __init__(self, name: str, number: Any) -> None:
        super().__init__()
        self.name, self.number = name, number


_incoming: WeakKeyDictionary[Panel, Upload] = WeakKeyDictionary()
"""The unfinished upload of each panel."""

_decoded: WeakKeyDictionary[Panel, tuple[Any, Signal]] = WeakKeyDictionary()
"""For each panel, the number and the decoded sound of the last completed upload, until it is played."""


@query("upload_sound")
def upload_sound(panel: Panel, fields: UploadPart, buffers: list[Any]) -> Answer:
    """Append a part to the file that is being uploaded; after the last part, decode the file.

    The answer to the last part contains the result of `Editor.note_on` in the field `note`.

    Raises:
        FileError: The file is too large, too long or not a sound file, or the part does not belong to the unfinished
            upload of this panel.
    """
    file = receive_part(panel, fields, buffers)
    if file is None:
        return Answer()
    check_duration(file)
    signal = load(file)
    _decoded[panel] = fields.get("upload"), signal
    return Answer({"note": panel.editor.note_on(signal)})


def receive_part(panel: Panel, fields: UploadPart, buffers: list[Any]) -> Upload | None:
    """Append a part to the file that is being uploaded; return the file after its last part, otherwise None.

    The first part of a file replaces an unfinished upload.

    Raises:
        FileError: The file is too large, or the part does not belong to the unfinished upload of this panel.
    """
    name, number = str(fields.get("file")), fields.get("upload")
    if fields.get("first"):
        _incoming[panel] = Upload(name, number)
    file = _incoming.get(panel)
    if file is None or file.number != number:
        raise FileError(f"{name!r} was not loaded, because another file was opened meanwhile.")
    for buffer in buffers:
        file.write(buffer)
    if file.tell() > MAX_BYTES:
        del _incoming[panel]
        raise FileError(f"{file.name!r} is larger than {MAX_BYTES / 1e6:.0f} MB; read it with fx.load(path) in a cell.")
    if not fields.get("last"):
        return None
    del _incoming[panel]
    return file


@command("play_upload")
def play_upload(panel: Panel, fields: PlayUpload) -> None:
    """Replace the current sound by a completed upload; undo restores the previous sound.

    Raises:
        FileError: The upload is not the one that was completed last, or it has been played already.
    """
    number, signal = _decoded.get(panel, (None, None))
    if signal is None or number != fields.get("upload"):
        raise FileError("The sound was not loaded, because another file was opened meanwhile.")
    del _decoded[panel]
    panel.editor.set_signal(signal)


def check_duration(file: Upload) -> None:
    """Raise a `FileError` if a sound file lasts longer than `MAX_SECONDS` according to its header.

    A file whose header cannot be read is accepted.
    """
    import soundfile

    file.seek(0)  # the header is read before decoding, because a small file may contain hours of sound
    try:
        seconds = soundfile.info(file).duration
    except soundfile.LibsndfileError:
        return  # `load` raises an error that describes the problem with the file
    if seconds > MAX_SECONDS:
        minutes, rest = divmod(math.ceil(seconds), 60)
        raise FileError(
            f"{file.name!r} lasts {minutes}:{rest:02d} minutes; a page loads at most {MAX_SECONDS / 60:.0f} minutes. "
            "Read a part of it with fx.load(path, start=…, stop=…) in a cell."
        )
