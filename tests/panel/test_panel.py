"""The widget: what it answers a page, what it keeps, what it shows where there is no kernel."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch

import fxlab as fx
from fxlab.panel.front_end import built_file
from tests.support.fake_page import unbatched


class Line:
    """The wire between a panel and its pages; the far end acknowledges what arrives, as a page does."""

    def __init__(self, panel: fx.Panel) -> None:
        self.panel = panel
        self.came = threading.Condition()
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        panel.send = self.carry

    def carry(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        messages = list(unbatched(content, buffers))
        with self.came:
            self.sent += messages
            self.came.notify_all()
        self.say(type="ack", client="page", received=[c["id"] for c, _ in messages if c["type"] == "audio"])

    def say(self, **message: Any) -> None:
        """What a page sends."""
        self.panel._handle_custom_msg(message, [])

    def settle(self, seq: int) -> None:
        def done() -> bool:
            return any(c["type"] == "status" and c["seq"] == seq and c["state"] == "idle" for c, _ in self.sent)

        with self.came:
            assert self.came.wait_for(done, 30), f"waited in vain for render {seq}: {[c for c, _ in self.sent]}"


@pytest.fixture
def panel(noise: fx.Signal) -> Iterator[fx.Panel]:
    shown = fx.LowPass(cutoff=500.0).panel(noise)
    yield shown
    shown.close()


def test_a_page_that_is_ready_gets_everything(panel: fx.Panel, noise: fx.Signal) -> None:
    """Values, input, render and curves; then each move of a slider its own render."""
    line = Line(panel)
    line.say(type="ready", client="page", position=0.0)
    line.settle(0)
    said = line.sent[0][0]
    assert (said["type"], said["values"], said["seq"]) == ("values", {"cutoff": 500.0, "q": panel.module.q}, 0)
    kinds = {(c["type"], c.get("dry")) for c, _ in line.sent}
    assert kinds >= {("audio", True), ("audio", False), ("curves", None), ("status", None)}

    panel.params = {"seq": 1, "values": {"cutoff": 900.0, "q": 2.0}, "position": 0.5, "device": "cpu"}
    line.settle(1)
    assert (panel.module.cutoff, panel.module.q) == (900.0, 2.0)
    expected = fx.LowPass(cutoff=900.0, q=2.0)(noise)
    torch.testing.assert_close(panel.output.samples, expected.samples)
    assert panel.signal is noise

    # A page that opens later, or the same one loaded again, gets the values as they are now.
    line.sent.clear()
    line.say(type="ready", client="other", position=0.0)
    line.settle(1)
    assert line.sent[0][0]["values"] == {"cutoff": 900.0, "q": 2.0}
    assert any(c["type"] == "audio" and c["dry"] for c, _ in line.sent)


def test_the_thread_ends_with_the_last_page(panel: fx.Panel) -> None:
    """One page's farewell is not the other's."""
    line = Line(panel)
    for client in ("one", "two"):
        line.say(type="ready", client=client, position=0.0)
    line.settle(0)
    thread = panel._worker._thread
    assert thread is not None
    line.say(type="closed", client="one")
    line.say(type="closed", client="somebody else")
    panel.params = {"seq": 1, "values": {"cutoff": 700.0}, "position": 0.0, "device": "cpu"}
    line.settle(1)
    assert thread.is_alive()
    line.say(type="closed", client="two")
    thread.join(10.0)
    assert not thread.is_alive()


def test_a_move_that_comes_after_its_page_has_gone_counts_and_starts_nothing(panel: fx.Panel) -> None:
    """ipywidgets holds moves back while the kernel works, but not the farewell."""
    line = Line(panel)
    line.say(type="ready", client="page", position=0.0)
    line.settle(0)
    line.say(type="closed", client="page")
    panel.params = {"seq": 1, "client": "page", "values": {"cutoff": 700.0}, "position": 0.0, "device": "cpu"}
    assert panel.module.cutoff == 700.0
    assert not panel._worker.is_alive
    line.sent.clear()
    line.say(type="ready", client="other", position=0.0)
    line.settle(1)
    assert line.sent[0][0]["values"]["cutoff"] == 700.0


def test_close_ends_the_thread(noise: fx.Signal) -> None:
    """And may be called twice, or before anything was shown."""
    panel = fx.LowPass().panel(noise)
    line = Line(panel)
    line.say(type="ready", client="page", position=0.0)
    line.settle(0)
    thread = panel._worker._thread
    assert thread is not None
    panel.close()
    thread.join(10.0)
    assert not thread.is_alive()
    panel.close()
    fx.LowPass().panel(noise).close()


def test_the_bundle_is_sent_when_asked_for_and_is_what_was_promised(panel: fx.Panel) -> None:
    """By its hash the page knows whether it has it already."""
    line = Line(panel)
    line.say(type="bundle", client="page")
    content, buffers = line.sent[0]
    assert content["type"] == "bundle"
    assert content["hash"] == panel.bundle
    assert gzip.decompress(buffers[0]).decode() == built_file("panel.js")
    assert hashlib.sha256(gzip.decompress(buffers[0])).hexdigest().startswith(panel.bundle)


def test_the_state_is_small_and_holds_no_sound(panel: fx.Panel) -> None:
    """It is what a notebook keeps with "save widget state": the loader and the description, never the bundle."""
    line = Line(panel)
    line.say(type="ready", client="page", position=0.0)
    line.settle(0)
    state = panel.get_state()
    assert len(json.dumps(state, default=str)) < 20_000
    assert state["_esm"] == built_file("loader.js")
    assert panel.trait_metadata("params", "echo_update") is False


def test_without_a_kernel_there_is_a_picture(panel: fx.Panel) -> None:
    """The bundle holds the widget's view, a PNG, HTML with a picture and the parameters, and a line of text."""
    data, _ = panel._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/html", "text/plain"}
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG\r\n\x1a\n")
    assert '<img src="data:image/png;base64,' in data["text/html"]
    assert 'alt="LowPass' in data["text/html"]
    assert ">Cutoff</td>" in data["text/html"]
    assert ">500\N{NO-BREAK SPACE}Hz</td>" in data["text/html"]
    assert "<script" not in data["text/html"]
    assert data["text/plain"] == "Panel(LowPass(cutoff=500.0), Signal(2 channels, 2 s at 8000 Hz, peak -1.4 dBFS))"


def test_what_is_no_module_no_signal_or_no_device_is_said(noise: fx.Signal) -> None:
    """With what to write instead."""
    with pytest.raises(fx.ParameterError, match=r"must be a Module, not function; turn it into one with fx\.wrap"):
        fx.Panel(lambda x: x, noise)
    with pytest.raises(fx.SignalError, match="must be a Signal, not Tensor"):
        fx.LowPass().panel(noise.samples)
    with pytest.raises(fx.ParameterError, match="device is 'cuda:99'; available here: cpu"):
        fx.LowPass().panel(noise, device="cuda:99")
    assert fx.LowPass().panel(noise, device="cpu").spec["device"] == "cpu"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_device_can_be_chosen(noise: fx.Signal) -> None:
    """In the call or on the page; the sound is the same."""
    panel = fx.LowPass(cutoff=500.0).panel(noise, device="cuda")
    line = Line(panel)
    line.say(type="ready", client="page", position=0.0)
    line.settle(0)
    assert panel.output.samples.device.type == "cuda"
    expected = fx.LowPass(cutoff=500.0)(noise).samples
    torch.testing.assert_close(panel.output.samples.cpu(), expected, atol=1e-5, rtol=0)
    panel.params = {"seq": 1, "values": {"cutoff": 500.0}, "position": 0.0, "device": "cpu"}
    line.settle(1)
    torch.testing.assert_close(panel.output.samples, expected, atol=1e-5, rtol=0)
    panel.close()


def test_a_closed_panel_leaves_no_widget_behind() -> None:
    """Not even the layout that ipywidgets makes for each, which would stay in the kernel and in the page."""
    from ipywidgets.widgets.widget import _instances

    before = set(_instances)
    panel = fx.LowPass(1000.0).panel(fx.sine(440.0, 0.1))
    assert set(_instances) > before
    panel.close()
    assert set(_instances) == before
