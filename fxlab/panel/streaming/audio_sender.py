"""`AudioSender`: makes the sound that the page is still to get, as far as it is needed, and sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from fxlab.panel.protocol import ClipChunk
from fxlab.panel.rendering.full_render import FullRender
from fxlab.panel.rendering.mailbox import Mailbox
from fxlab.panel.rendering.progress import Progress
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.streaming.outbox import Message, Outbox
from fxlab.panel.streaming.overview import Overview
from fxlab.panel.streaming.send_order import ahead
from fxlab.panel.streaming.send_queue import Loop, SendQueue, Sound
from fxlab.panel.views import Overtaken


class AudioSender:
    """What the page is owed of the newest render and of the input, made window by window, or from the whole.

    Args:
        renderer: What makes the sound.
        line: What carries it.
        mail: What tells whether there is something newer to do, or a page has asked for what lies before its playhead.
    """

    def __init__(self, renderer: Renderer, line: Outbox, mail: Mailbox) -> None:
        self._renderer, self._line, self._mail = renderer, line, mail
        self.supply = SendQueue(line)
        self.progress = Progress(line)
        self._heard: Sound | None = None
        self._place: tuple[float, Loop] = (0.0, None)
        self._whole: FullRender | None = None
        self._overviews: list[tuple[Overview, bool]] = []

    # -- a render -----------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """What is heard now is what goes on, should the next render be at fault."""
        self._heard = self.supply.wet

    def begin(self, seq: int, position: float, loop: Loop, *, dry: bool) -> None:
        """A new render takes the place of the one before."""
        self._whole, self._place = None, (position, loop)
        self._overviews = [entry for entry in self._overviews if entry[1]]
        self.progress.begin(seq)
        self.supply.offer(self._renderer.signal, seq, position, loop, dry=dry)
        if dry:
            self._survey_input()

    def make_room(self, give_up: Callable[[], bool]) -> None:
        """Wait until a first piece may go."""
        wet = self.supply.wet
        if wet and not self._line.room(give_up, self._size(wet), rest=False):
            raise Overtaken

    def first(self, position: float) -> Tensor | None:
        """What is heard next, the playhead being there now; None where only the whole tells what it is."""
        self._place = position, self._place[1]
        wet = self.supply.aim(*self._place)
        piece = wet.piece(self._line.longest)
        made = self._renderer.window(*piece) if piece else None
        if made is None:
            self._whole = FullRender(self._renderer)
        return made

    def send_first(self, made: Tensor, *more: Message) -> None:
        """Send it, with more in the same message."""
        assert self.supply.wet is not None
        self._line.say(self._piece(self.supply.wet, made), *more)

    def fail(self) -> None:
        """The render is at fault, and the module has the values of the one before again: that one goes on."""
        self.supply.wet, self._whole = self._heard, None

    def end(self) -> None:
        """All was sent: windows are enough to go on with."""
        self._whole = None

    def output(self) -> Tensor:
        """The output from end to end; what is owed goes out meanwhile."""
        whole = self._whole = self._whole or FullRender(self._renderer)
        self.serve()
        return whole.part(0, whole.done)

    def serve(self) -> None:
        """Send what is owed, that first which is missed first; between the pieces make what is not made yet."""
        while not self._mail.overtaken():
            if (ask := self._mail.taken_ask()) is not None:
                self.supply.ask(ask)
            sound = self.supply.next(self._there)
            making = self._whole if self._whole and not self._whole.finished else None
            if sound is not None and (making is None or self._free(sound)):
                self._send(sound)
            elif making is not None:
                self._make(making)
                if self._overviews and self._overviews[0][1]:  # the input's, which need not wait for the whole
                    self.look()
            else:
                return
        raise Overtaken

    # -- pieces -------------------------------------------------------------------------------------------------

    def _there(self, sound: Sound, start: int, count: int) -> bool:
        return sound.dry or self._whole is None or start + count <= self._whole.done

    def _size(self, sound: Sound) -> int:
        piece = sound.piece(self._line.longest)
        return 2 * sound.channels * piece[1] if piece else 0

    def _free(self, sound: Sound) -> bool:
        return self._line.free(self._size(sound), rest=True)

    def _send(self, sound: Sound) -> None:
        """Send its next piece, unless something else comes first."""
        if not self._line.room(self._mail.called, self._size(sound), rest=True):
            return
        piece = sound.piece(self._line.longest)
        assert piece is not None
        start, count = piece
        if sound.dry:
            made: Tensor | None = self._renderer.signal.samples[:, start : start + count]
        elif self._whole is not None:
            made = self._whole.part(start, count)
        else:
            with alone():
                made = self._renderer.window(start, count)
        if made is None:
            self._whole = FullRender(self._renderer)
        else:
            self._line.say(self._piece(sound, made))

    def _piece(self, sound: Sound, made: Tensor) -> Message:
        sound.channels, count = made.shape
        start = sound.way.went(count)
        place: ClipChunk = {
            **sound.told,
            "seq": sound.seq,
            "clip": sound.take,
            "dry": sound.dry,
            "rate": sound.rate,
            "frames": sound.frames,
            "start": start,
            "last": not sound.way,
        }
        return self._line.audio(made, place)

    def _make(self, whole: FullRender) -> None:
        """Make the next part of the whole."""
        if whole.progress is None:
            with self.progress.unknown():
                whole.advance()
        else:
            whole.advance()
            self.progress.tell(whole.progress)
        wet = self.supply.wet
        if whole.finished and wet and (wet.frames, wet.channels) != (whole.done, whole.channels):
            self.supply.reshape(whole.done, whole.channels, *self._place)

    # -- the picture of a long sound ----------------------------------------------------------------------------

    def _survey_input(self) -> None:
        """From now on look at the whole of the input, where the page gets a part only."""
        signal = self._renderer.signal
        frames, rate = signal.frames, signal.sample_rate
        if ahead(frames, rate, signal.channels):
            self._overviews = [(Overview(frames, rate, lambda at, n: signal.samples[:, at : at + n]), True)]

    def survey(self) -> None:
        """From now on look at the whole of the render too."""
        wet = self.supply.wet
        if wet and ahead(wet.frames, wet.rate, wet.channels):
            part = self._renderer.window if self._whole is None else self._whole.part
            self._overviews.append((Overview(wet.frames, wet.rate, part), False))

    @property
    def surveying(self) -> bool:
        """Whether there is something left to look at."""
        return bool(self._overviews)

    def look(self) -> None:
        """Look at a little more of it, and tell the page when all was seen."""
        overview, dry = self._overviews[0]
        with alone():
            overview.advance()
        if not overview.finished:
            return
        del self._overviews[0]
        if overview.known:
            seq = self.supply.wet.seq if self.supply.wet else 0
            self._line.say(self._line.overview(seq, overview, dry=dry))


@contextmanager
def alone() -> Iterator[None]:
    """Compute on this thread only.

    For a window a second thread gains nothing, and spins for a while when it is done; a browser on the same machine
    needs that core just then. PyTorch counts threads for each thread that calls it.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
