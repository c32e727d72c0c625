"""`Page`: a page without a browser, which receives and acknowledges the worker's messages and joins the chunks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch

from fxlab.module import Module
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.rendering.worker import Worker
from fxlab.signal import Signal
from tests.support.browser.wait import LIMIT


def unbatched(content: dict[str, Any], buffers: list[bytes]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    """Yield the messages of a batch, or the message itself if it is none."""
    if content["type"] != "batch":
        yield content, buffers
        return
    remaining = iter(buffers)
    for message, count in zip(content["messages"], content["buffer_counts"], strict=True):
        yield message, list(islice(remaining, count))


class Page:
    """The browser's side of `docs/panel-protocol.md`, connected to a real worker with its thread."""

    def __init__(self, module: Module, signal: Signal, *, acknowledges: bool = True) -> None:
        self.signal = signal
        self.acknowledges = acknowledges
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self.changed = threading.Condition()
        self.renderer = Renderer(module, signal, "cpu")
        self.worker = Worker(self.renderer, self.receive)
        self.seq = 0

    def receive(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        messages = list(unbatched(content, buffers))
        with self.changed:
            self.messages += messages
            self.changed.notify_all()
        if self.acknowledges:
            self.worker.outbox.acknowledge([content["id"] for content, _ in messages if content["type"] == "audio"])

    def send_values(self, *, position: float = 0.0, dry: bool = False, playing: bool = False, **values: Any) -> int:
        """Send values as a slider does; return the number of the request."""
        self.seq += 1
        self.worker.post(RenderRequest(self.seq, values, position, "cpu", playing=playing), dry=dry)
        return self.seq

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        with self.changed:
            assert self.changed.wait_for(ready, LIMIT), f"waited {LIMIT:g} s for {what}"

    def received(self, kind: str, seq: int | None = None) -> list[dict[str, Any]]:
        return [content for content, _ in self.messages if content["type"] == kind and seq in (None, content["seq"])]

    def settle(self, state: str = "idle") -> dict[str, Any]:
        """Wait for the status of the last request, and return it."""
        self.wait(lambda: any(s["state"] == state for s in self.received("status", self.seq)), f"{state} of {self.seq}")
        return self.received("status", self.seq)[-1]

    def sound(self, seq: int, *, dry: bool = False) -> torch.Tensor:
        """Return the chunks of one render joined, with NaN where none was received."""
        sound = None
        for content, buffers in self.messages:
            if content["type"] != "audio" or content["dry"] != dry or (not dry and content["seq"] != seq):
                continue
            if sound is None:
                sound = np.full((content["channels"], content["frames"]), np.nan)
            samples = np.frombuffer(buffers[0], "<i2").reshape(content["channels"], content["count"])
            sound[:, content["start"] : content["start"] + content["count"]] = samples * content["scale"]
        assert sound is not None, f"no sound of {seq}"
        return torch.from_numpy(sound)

    def curves(self, seq: int) -> dict[str, np.ndarray]:
        """Return the curves of one render by name, and those of the stages by path."""
        found: dict[str, np.ndarray] = {}
        for content, buffers in self.messages:
            if content["type"] == "curves" and content["seq"] == seq:
                names = [*content["names"], *(content["stage_paths"] or [])]
                assert len(names) == len(buffers)
                found |= {name: np.frombuffer(data, "<f4") for name, data in zip(names, buffers, strict=True)}
        return found

    def close(self) -> None:
        self.worker.stop(wait=10.0)
