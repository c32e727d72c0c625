"""The render worker: a one-slot mailbox and one thread. The newest values win; what they overtake is dropped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from torch import Tensor

from fxlab.panel.encode import FIRST, encode, scale_of, spans
from fxlab.panel.render import Fault, Renderer

IN_FLIGHT = 2  # audio messages sent and not yet acknowledged
LOST_AFTER = 2.0  # seconds without an answer after which a message counts as lost
IDLE = 10.0  # seconds without a request after which the thread ends: a page that vanishes cannot say so

Send = Callable[[dict[str, Any], list[bytes]], None]


@dataclass(frozen=True)
class Request:
    """What the browser asked for last."""

    seq: int
    values: dict[str, Any]
    position: float
    device: str


class Worker:
    """Renders the newest request on a thread of its own and sends what it made.

    The thread lives while somebody listens: `post` starts it, and it ends with `stop` or when nobody asked for long.
    """

    def __init__(self, renderer: Renderer, send: Send) -> None:
        self.renderer, self.send = renderer, send
        self.output: Tensor | None = None
        self.renders = 0
        self._changed = threading.Condition()
        self._request: Request | None = None
        self._dry_wanted = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._numbers = count(1)
        self._sent: dict[int, float] = {}

    # -- called from the kernel's threads: return at once --------------------------------------------------------

    def post(self, request: Request, *, dry: bool = False) -> None:
        """Put the newest request into the mailbox; with `dry` the input is to be sent too."""
        with self._changed:
            self._request = request
            self._dry_wanted = self._dry_wanted or dry
            self._stopping = False
            if self._thread is None or not self._thread.is_alive():
                self._sent.clear()
                self._thread = threading.Thread(target=self._run, name="fxlab-render", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def acknowledge(self, number: int) -> None:
        """An audio message arrived in the browser."""
        with self._changed:
            self._sent.pop(number, None)
            self._changed.notify_all()

    def stop(self, wait: float = 0.0) -> None:
        """End the thread; `post` starts another."""
        with self._changed:
            self._stopping = True
            thread = self._thread
            self._changed.notify_all()
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(wait)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    # -- the thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                asked = self._changed.wait_for(lambda: self._request is not None or self._stopping, IDLE)
                if self._stopping or not asked:
                    self._thread = None
                    return
                request, self._request = self._request, None
                dry, self._dry_wanted = self._dry_wanted, False
            assert request is not None
            try:
                self._render(request, dry)
            except Exception as error:  # the thread must outlive whatever a module or a socket does
                self._report(request.seq, "error", f"{type(error).__name__}: {error}", None)

    def _render(self, request: Request, dry: bool) -> None:
        renderer = self.renderer
        source = renderer.signal.samples
        position = int(request.position * self._rate)
        pieces = list(spans(source.shape[-1], position, self._rate))
        try:
            renderer.move(request.device)
            renderer.adopt(request.values)
            # What is heard next goes out first, before the curves and before the rest is even computed.
            ahead = None if dry else renderer.window(*pieces[0])
            if ahead is not None:
                self._send_piece(ahead, pieces[0], source.shape[-1], request.seq)
            curves, stages = renderer.curves()
            self._send_curves(request.seq, curves, stages)
            if ahead is not None and not self._arrived():
                return
            y = renderer.whole()
        except Fault as fault:
            self._report(request.seq, "error", str(fault), fault.path)
            if dry:  # a page that opens on a fault still gets the input to play
                self._send_sound(source, request.seq, pieces, dry=True)
            return
        finally:
            self.renders += 1
        if dry and not self._send_sound(source, request.seq, pieces, dry=True):
            return
        if ahead is None or y.shape != source.shape:
            rest = list(spans(y.shape[-1], position, self._rate))  # a reverb's tail makes it longer than the input
        else:
            rest = pieces[1:]
        if not self._send_sound(y, request.seq, rest, begun=ahead is not None and rest == pieces[1:]):
            return
        if "output" not in curves and not self._overtaken():
            spectrum = {"frequency": curves["frequency"], "output": renderer.output_spectrum(y)}
            self._send_curves(request.seq, spectrum, {})
        self._report(request.seq, "idle", "", None)

    @property
    def _rate(self) -> float:
        return self.renderer.signal.sample_rate

    def _send_sound(
        self, x: Tensor, seq: int, pieces: list[tuple[int, int]], *, dry: bool = False, begun: bool = False
    ) -> bool:
        """Send `x` piece by piece; False when a newer request overtook it (a dry sound is sent to its end)."""
        for place, span in enumerate(pieces):
            last = place == len(pieces) - 1
            rest = not dry and (begun or place > 0)
            if not self._send_piece(x[:, span[0] : sum(span)], span, x.shape[-1], seq, dry=dry, last=last, rest=rest):
                return False
        return True

    def _send_piece(
        self,
        x: Tensor,
        span: tuple[int, int],
        frames: int,
        seq: int,
        *,
        dry: bool = False,
        last: bool = False,
        rest: bool = False,
    ) -> bool:
        """Send `x`, which lies at `span` of `frames`; False when there was no room for it in time."""
        if not self._room(rest):
            return False
        number = next(self._numbers)
        scale = scale_of(x)
        header = {
            "type": "audio",
            "id": number,
            "seq": seq,
            "dry": dry,
            "rate": self._rate,
            "frames": frames,
            "channels": x.shape[0],
            "scale": scale,
            "start": span[0],
            "count": span[1],
            "last": last,
        }
        with self._changed:
            self._sent[number] = time.monotonic()
        self.send(header, [encode(x, scale)])
        return True

    def _send_curves(self, seq: int, named: dict[str, Tensor], stages: dict[str, Tensor]) -> None:
        header = {"type": "curves", "seq": seq, "names": list(named), "stages": list(stages)}
        buffers = [curve.float().contiguous().numpy().tobytes() for curve in (*named.values(), *stages.values())]
        self.send(header, buffers)

    def _report(self, seq: int, state: str, message: str, path: str | None) -> None:
        self.send({"type": "status", "seq": seq, "state": state, "message": message, "path": path}, [])

    def _overtaken(self) -> bool:
        return self._request is not None or self._stopping

    def _arrived(self) -> bool:
        """Give what is heard next the way, and the processor, until it is there; False when it was overtaken."""
        with self._changed:
            self._changed.wait_for(lambda: not self._sent or self._overtaken(), FIRST / 4)
        return not self._overtaken()

    def _room(self, rest: bool) -> bool:
        """Wait until a piece may be sent; False when the panel closed, or a newer request overtook the rest of this.

        The rest of a render leaves one place free, so that the first piece of the next never queues behind it.
        """
        places = IN_FLIGHT - 1 if rest else IN_FLIGHT
        with self._changed:
            while not (self._stopping or (rest and self._request is not None)):
                now = time.monotonic()
                for number, sent in list(self._sent.items()):
                    if now - sent > LOST_AFTER:
                        del self._sent[number]
                if len(self._sent) < places:
                    return True
                self._changed.wait(LOST_AFTER / 4)
        return False
