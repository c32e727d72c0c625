"""Tests of the widget: its answers to a page, its state, and what it shows without a kernel."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import struct
from collections.abc import Iterator

import pytest
import torch

import fxlab as fx
from fxlab.panel.front_end import built_file
from tests.support.panel_driver import PanelClient


@pytest.fixture
def panel(noise: fx.Signal) -> Iterator[fx.Panel]:
    made = fx.LowPass(cutoff=500.0).panel(noise)
    yield made
    made.close()


def test_page_that_opens_is_sent_everything(panel: fx.Panel, noise: fx.Signal) -> None:
    """Values, input, render and curves; then every change of a value has its own render."""
    page = PanelClient(panel)
    page.send(type="ready", client="page", position=0.0)
    page.wait_for_render(0)
    first = page.received[0][0]
    assert (first["type"], first["values"], first["seq"]) == ("values", {"cutoff": 500.0, "q": panel.module.q}, 0)
    kinds = {(c["type"], c.get("dry")) for c, _ in page.received}
    assert kinds >= {("audio", True), ("audio", False), ("curves", None), ("status", None)}

    panel.params = {"seq": 1, "values": {"cutoff": 900.0, "q": 2.0}, "position": 0.5, "device": "cpu"}
    page.wait_for_render(1)
    assert (panel.module.cutoff, panel.module.q) == (900.0, 2.0)
    expected = fx.LowPass(cutoff=900.0, q=2.0)(noise)
    torch.testing.assert_close(panel.output.samples, expected.samples)
    assert panel.signal is noise

    # A page that opens later, or the same page reloaded, is sent the present values.
    page.received.clear()
    page.send(type="ready", client="other", position=0.0)
    page.wait_for_render(1)
    assert page.received[0][0]["values"] == {"cutoff": 900.0, "q": 2.0}
    assert any(c["type"] == "audio" and c["dry"] for c, _ in page.received)


def test_thread_ends_with_the_last_page(panel: fx.Panel) -> None:
    """Closing one page, or an unknown one, does not end it for the others."""
    page = PanelClient(panel)
    for client in ("one", "two"):
        page.send(type="ready", client=client, position=0.0)
    page.wait_for_render(0)
    thread = panel._worker._thread
    assert thread is not None
    page.send(type="closed", client="one")
    page.send(type="closed", client="unknown")
    panel.params = {"seq": 1, "values": {"cutoff": 700.0}, "position": 0.0, "device": "cpu"}
    page.wait_for_render(1)
    assert thread.is_alive()
    page.send(type="closed", client="two")
    thread.join(10.0)
    assert not thread.is_alive()


def test_values_of_a_page_that_was_closed_are_set_but_not_rendered(panel: fx.Panel) -> None:
    """ipywidgets holds values of `params` back while the kernel is busy, but not the message `closed`."""
    page = PanelClient(panel)
    page.send(type="ready", client="page", position=0.0)
    page.wait_for_render(0)
    page.send(type="closed", client="page")
    panel.params = {"seq": 1, "client": "page", "values": {"cutoff": 700.0}, "position": 0.0, "device": "cpu"}
    assert panel.module.cutoff == 700.0
    assert not panel._worker.is_alive
    page.received.clear()
    page.send(type="ready", client="other", position=0.0)
    page.wait_for_render(1)
    assert page.received[0][0]["values"]["cutoff"] == 700.0


def test_close_ends_the_thread(noise: fx.Signal) -> None:
    """It may be called twice, and before the panel was displayed."""
    panel = fx.LowPass().panel(noise)
    page = PanelClient(panel)
    page.send(type="ready", client="page", position=0.0)
    page.wait_for_render(0)
    thread = panel._worker._thread
    assert thread is not None
    panel.close()
    thread.join(10.0)
    assert not thread.is_alive()
    panel.close()
    fx.LowPass().panel(noise).close()


def test_bundle_is_sent_on_request_and_has_the_announced_hash(panel: fx.Panel) -> None:
    """The hash tells a page whether it already has the bundle."""
    page = PanelClient(panel)
    page.send(type="bundle", client="page")
    content, buffers = page.received[0]
    assert content["type"] == "bundle"
    assert content["hash"] == panel.bundle
    assert gzip.decompress(buffers[0]).decode() == built_file("panel.js")
    assert hashlib.sha256(gzip.decompress(buffers[0])).hexdigest().startswith(panel.bundle)


def test_state_is_small_and_holds_no_sound(panel: fx.Panel) -> None:
    """A notebook stores it with "save widget state": the loader and the specification, never the bundle."""
    page = PanelClient(panel)
    page.send(type="ready", client="page", position=0.0)
    page.wait_for_render(0)
    state = panel.get_state()
    assert len(json.dumps(state, default=str)) < 20_000
    assert state["_esm"] == built_file("loader.js")
    assert panel.trait_metadata("params", "echo_update") is False


def test_mime_bundle_has_a_picture_for_viewers_without_a_kernel(panel: fx.Panel) -> None:
    """The bundle holds the widget's view, a PNG, HTML with a picture and the parameters, and a page of text."""
    data, metadata = panel._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/html", "text/plain"}
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert metadata == {"image/png": {"width": width / 2, "height": height / 2}}
    assert width > 1000
    assert '<img src="data:image/png;base64,' in data["text/html"]
    assert 'alt="LowPass' in data["text/html"]
    assert ">Cutoff</td>" in data["text/html"]
    assert ">500\N{NO-BREAK SPACE}Hz</td>" in data["text/html"]
    assert "<script" not in data["text/html"]
    assert data["text/plain"] == "Panel(LowPass(cutoff=500.0), Signal(2 channels, 2 s at 8000 Hz, peak -1.4 dBFS))"


def test_invalid_module_signal_and_device_are_errors(noise: fx.Signal) -> None:
    """The errors say what to write instead."""
    with pytest.raises(fx.ParameterError, match=r"must be a Module, not function; turn it into one with fx\.wrap"):
        fx.Panel(lambda x: x, noise)
    with pytest.raises(fx.SignalError, match="must be a Signal, not Tensor"):
        fx.LowPass().panel(noise.samples)
    with pytest.raises(fx.ParameterError, match="device is 'cuda:99'; available here: cpu"):
        fx.LowPass().panel(noise, device="cuda:99")
    assert fx.LowPass().panel(noise, device="cpu").spec["device"] == "cpu"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_device_can_be_chosen(noise: fx.Signal) -> None:
    """It can be chosen in the call and in the page; the sound is the same."""
    panel = fx.LowPass(cutoff=500.0).panel(noise, device="cuda")
    page = PanelClient(panel)
    page.send(type="ready", client="page", position=0.0)
    page.wait_for_render(0)
    assert panel.output.samples.device.type == "cuda"
    expected = fx.LowPass(cutoff=500.0)(noise).samples
    torch.testing.assert_close(panel.output.samples.cpu(), expected, atol=1e-5, rtol=0)
    panel.params = {"seq": 1, "values": {"cutoff": 500.0}, "position": 0.0, "device": "cpu"}
    page.wait_for_render(1)
    torch.testing.assert_close(panel.output.samples, expected, atol=1e-5, rtol=0)
    panel.close()


def test_closed_panel_leaves_no_widget_behind() -> None:
    """This includes the layout that ipywidgets makes for each widget, and would leave in the kernel and the page."""
    from ipywidgets.widgets.widget import _instances

    before = set(_instances)
    panel = fx.LowPass(1000.0).panel(fx.sine(440.0, 0.1))
    assert set(_instances) > before
    panel.close()
    assert set(_instances) == before
