"""Sounds from the page and to it: in parts, with limits, and nothing scaled in silence."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import numpy as np
import pytest
import soundfile
import torch

import fxlab as fx
from fxlab.panel.commands import COMMANDS
from fxlab.panel.commands import download as download_command
from fxlab.panel.commands import load as load_command


def wav(signal: fx.Signal) -> bytes:
    file = io.BytesIO()
    signal.save(file, format="wav")
    return file.getvalue()


def test_a_sound_in_parts_takes_the_place_of_the_old_one(noise: fx.Signal) -> None:
    """Only the last part changes anything."""
    panel = fx.LowPass(cutoff=500.0).panel(noise)
    tone = fx.sine(440.0, duration=0.7, sample_rate=22_050)
    data = wav(tone)
    cuts = [0, 1000, 20_000, len(data)]
    for first, last in pairwise(cuts):
        content = {"file": "tone.wav", "first": first == 0, "last": last == len(data), "request": "1"}
        assert panel.signal is noise
        done = COMMANDS["load"](panel, content, [memoryview(data[first:last])])
        assert bool(done) == (last != len(data))
    assert panel.signal.sample_rate == 22_050
    torch.testing.assert_close(panel.signal.samples, tone.samples)
    panel._talk.renew(dry=True)
    assert panel.spec["rate"] == 22_050
    assert panel.spec["stages"][0]["params"][0]["high"] < 11_025
    assert panel.output.sample_rate == 22_050
    panel.close()


def test_two_files_at_once_never_mix(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Coming in the newer is loaded, going out the newer goes; whoever asked for the older is told."""
    panel = fx.Peak(gain_db=-6.0).panel(noise)
    sent: list[tuple[dict, list[bytes]]] = []
    panel.send = lambda content, buffers: sent.append((content, buffers))
    tones = {number: fx.sine(440.0 * number, duration=0.1 * number, sample_rate=8000) for number in (1, 2)}
    data = {number: wav(tone) for number, tone in tones.items()}
    for number, first in ((1, True), (2, True), (1, False), (2, False)):
        half = data[number][:500] if first else data[number][500:]
        content = {"file": f"{number}.wav", "upload": number, "first": first, "last": not first, "request": "1"}
        COMMANDS["load"](panel, content, [half])
    torch.testing.assert_close(panel.signal.samples, tones[2].samples)
    assert ["error" in content for content, _ in sent] == [False, False, True, False]
    assert "'1.wav' was not loaded: another file came" in sent[2][0]["error"]

    monkeypatch.setattr(download_command, "PART", 3_000)
    sent.clear()
    for number, part in ((1, 0), (2, 0), (1, 1), (2, 1), (2, 2)):
        COMMANDS["download"](panel, {"format": "wav", "part": part, "download": number, "request": "1"}, [])
    assert ["error" in content for content, _ in sent] == [False, False, True, False, False]
    parts = b"".join(buffers[0] for number, (_, buffers) in enumerate(sent) if number in (1, 3, 4))
    samples, _ = soundfile.read(io.BytesIO(parts), dtype="float32")
    np.testing.assert_array_equal(samples, panel.output.numpy()[0])
    panel.close()


def test_what_is_too_much_or_no_sound_is_refused(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its name, and what to do instead; the old sound stays."""
    panel = fx.LowPass(cutoff=500.0).panel(noise)

    sent: list[dict] = []
    panel.send = lambda content, _buffers: sent.append(content)

    def send(name: str, data: bytes, fault: str) -> None:
        assert COMMANDS["load"](panel, {"file": name, "first": True, "last": True, "request": "3"}, [data]) is True
        assert sent[-1]["request"] == "3"
        assert re.search(fault, sent[-1]["error"])

    send("notes.txt", b"words " * 100, r"'notes.txt' is not a readable sound file")
    send("nothing.wav", b"", r"'nothing.wav' is not a readable sound file.*empty")
    hours = io.BytesIO()
    soundfile.write(hours, np.zeros(100 * 700, "i2"), 100, format="flac")
    send("hours.flac", hours.getvalue(), r"'hours.flac' lasts 11:40 minutes; the panel takes 10")
    monkeypatch.setattr(load_command, "MOST_BYTES", 500)
    send("big.wav", wav(noise), r"'big.wav' is larger than")
    assert panel.signal is noise
    panel.close()


def test_the_output_comes_in_parts_as_it_is(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    """WAV to the bit, FLAC to its 24 bits or not at all."""
    monkeypatch.setattr(download_command, "PART", 10_000)
    panel = fx.Peak(frequency=500.0, gain_db=6.0).panel(0.2 * noise)
    sent: list[tuple[dict, list[bytes]]] = []
    panel.send = lambda content, buffers: sent.append((content, buffers))

    def fetch(kind: str) -> np.ndarray:
        sent.clear()
        while not sent or sent[-1][0]["more"]:
            assert COMMANDS["download"](panel, {"format": kind, "part": len(sent), "request": "7"}, []) is True
            assert sent[-1][0]["request"] == "7"
        assert len(sent) > 3
        assert max(len(buffers[0]) for _, buffers in sent) == 10_000
        samples, _ = soundfile.read(io.BytesIO(b"".join(buffers[0] for _, buffers in sent)), dtype="float32")
        return samples.T

    np.testing.assert_array_equal(fetch("wav"), panel.output.numpy())
    np.testing.assert_allclose(fetch("flac"), panel.output.numpy(), atol=2**-23)
    panel.module.gain_db = 40.0
    sent.clear()
    assert COMMANDS["download"](panel, {"format": "flac", "part": 0, "request": "8"}, []) is True
    assert "over full scale" in sent[-1][0]["error"]
    assert np.abs(fetch("wav")).max() > 1
    panel.close()
