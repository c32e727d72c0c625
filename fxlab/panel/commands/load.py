"""`load`: another sound for the panel to play, as a file of the page's, which may come in parts."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from fxlab.errors import FileError
from fxlab.panel.commands.command import answer, command, faults_answered
from fxlab.signal import load

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel

MOST_BYTES = 50_000_000
MOST_SECONDS = 600.0


class Upload(io.BytesIO):
    """A file's bytes, by its name; `number` tells it from another that comes at the same time."""

    def __init__(self, name: str, number: Any) -> None:
        super().__init__()
        self.name, self.number = name, number


_coming: WeakKeyDictionary[Panel, Upload] = WeakKeyDictionary()


@command("load")
@faults_answered
def load_sound(panel: Panel, content: dict[str, Any], buffers: list[Any]) -> bool | None:
    """Take a part; with the last the sound is read, and takes the place of the one that plays, until that is undone.

    What is too large, too long or no sound is a fault.
    """
    name, number = str(content.get("file")), content.get("upload")
    if content.get("first"):
        _coming[panel] = Upload(name, number)
    file = _coming.get(panel)
    if file is None or file.number != number:
        raise FileError(f"{name!r} was not loaded: another file came meanwhile.")
    for buffer in buffers:
        file.write(buffer)
    if file.tell() > MOST_BYTES:
        del _coming[panel]
        raise FileError(
            f"{file.name!r} is larger than {MOST_BYTES / 1e6:.0f} MB; read it with fx.load(path) in a cell."
        )
    if not content.get("last"):
        return answer(panel, content)
    del _coming[panel]
    _check_length(file)
    signal = load(file)
    answer(panel, content, note=panel.desk.set_signal(signal))
    return None


def _check_length(file: Upload) -> None:
    """Before it is decoded: a small file may hold hours."""
    import soundfile

    file.seek(0)
    try:
        seconds = soundfile.info(file).duration
    except soundfile.LibsndfileError:
        return  # `load` says what is wrong with it
    if seconds > MOST_SECONDS:
        minutes, rest = divmod(math.ceil(seconds), 60)
        raise FileError(
            f"{file.name!r} lasts {minutes}:{rest:02d} minutes; the panel takes {MOST_SECONDS / 60:.0f} from the page. "
            "Read a part of it with fx.load(path, start=…, stop=…) in a cell."
        )
