"""A browser's page without a browser: it takes what the worker sends, acknowledges it, and puts the sound together."""

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


def unpacked(content: dict[str, Any], buffers: list[bytes]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    """The messages of a batch, or the one that is none."""
    if content["type"] != "batch":
        yield content, buffers
        return
    left = iter(buffers)
    for message, count in zip(content["messages"], content["buffer_counts"], strict=True):
        yield message, list(islice(left, count))


class Page:
    """What `docs/panel-protocol.md` asks of the browser's end, on the real worker and its real thread."""

    def __init__(self, module: Module, signal: Signal, *, acknowledges: bool = True) -> None:
        self.signal = signal
        self.acknowledges = acknowledges
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self.came = threading.Condition()
        self.renderer = Renderer(module, signal, "cpu")
        self.worker = Worker(self.renderer, self.take)
        self.seq = 0

    def take(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        messages = list(unpacked(content, buffers))
        with self.came:
            self.messages += messages
            self.came.notify_all()
        if self.acknowledges:
            self.worker.outbox.acknowledge([content["id"] for content, _ in messages if content["type"] == "audio"])

    def move(self, *, position: float = 0.0, dry: bool = False, **values: Any) -> int:
        """Send values, as a slider does; the number under which they went."""
        self.seq += 1
        self.worker.post(RenderRequest(self.seq, values, position, "cpu"), dry=dry)
        return self.seq

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        with self.came:
            assert self.came.wait_for(ready, 30), f"waited in vain for {what}"

    def of(self, kind: str, seq: int | None = None) -> list[dict[str, Any]]:
        return [content for content, _ in self.messages if content["type"] == kind and seq in (None, content["seq"])]

    def settle(self, state: str = "idle") -> dict[str, Any]:
        """Wait for the status of what was sent last."""
        self.wait(lambda: any(s["state"] == state for s in self.of("status", self.seq)), f"{state} of {self.seq}")
        return self.of("status", self.seq)[-1]

    def sound(self, seq: int, *, dry: bool = False) -> torch.Tensor:
        """The pieces of one render, put where they say, NaN where none came."""
        whole = None
        for content, buffers in self.messages:
            if content["type"] != "audio" or content["dry"] != dry or (not dry and content["seq"] != seq):
                continue
            if whole is None:
                whole = np.full((content["channels"], content["frames"]), np.nan)
            piece = np.frombuffer(buffers[0], "<i2").reshape(content["channels"], content["count"])
            whole[:, content["start"] : content["start"] + content["count"]] = piece * content["scale"]
        assert whole is not None, f"no sound of {seq}"
        return torch.from_numpy(whole)

    def curves(self, seq: int) -> dict[str, np.ndarray]:
        """The curves of one render, by name and by stage."""
        found: dict[str, np.ndarray] = {}
        for content, buffers in self.messages:
            if content["type"] == "curves" and content["seq"] == seq:
                names = [*content["names"], *(content["stage_paths"] or [])]
                assert len(names) == len(buffers)
                found |= {name: np.frombuffer(data, "<f4") for name, data in zip(names, buffers, strict=True)}
        return found

    def close(self) -> None:
        self.worker.stop(wait=10.0)
