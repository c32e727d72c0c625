"""Tests of uploads and downloads of sound files: in parts, within limits, and without scaling."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
import soundfile
import torch

import fxlab as fx
from fxlab.panel.commands import COMMANDS, QUERIES, Answer
from fxlab.panel.commands import download as download_query
from fxlab.panel.commands import upload as upload_query
from tests.support.signals import encode


def test_upload_in_parts_replaces_the_sound(noise: fx.Signal) -> None:
    """Nothing changes before the command that plays it."""
    panel = fx.LowPass(cutoff=500.0).panel(noise)
    tone = fx.sine(440.0, duration=0.7, sample_rate=22_050)
    data = encode(tone)
    cuts = [0, 1000, 20_000, len(data)]
    for first, last in pairwise(cuts):
        content = {"file": "tone.wav", "upload": 1, "first": first == 0, "last": last == len(data)}
        answer = QUERIES["upload_sound"](panel, content, [memoryview(data[first:last])])
        assert answer.fields == ({"note": ""} if last == len(data) else {})
        assert panel.signal is noise
    with pytest.raises(fx.FileError, match="not loaded, because another file"):
        COMMANDS["play_upload"](panel, {"upload": 2})
    assert panel.signal is noise
    COMMANDS["play_upload"](panel, {"upload": 1})
    assert panel.signal.sample_rate == 22_050
    torch.testing.assert_close(panel.signal.samples, tone.samples)
    panel._session.publisher.publish(dry=True)
    assert panel.spec["rate"] == 22_050
    assert panel.spec["stages"][0]["params"][0]["high"] < 11_025
    assert panel.output.sample_rate == 22_050
    panel.close()


def test_two_files_at_once_are_not_mixed(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newer upload and the newer download are completed, and the older ones end with an error."""
    panel = fx.Peak(gain_db=-6.0).panel(noise)
    tones = {number: fx.sine(440.0 * number, duration=0.1 * number, sample_rate=8000) for number in (1, 2)}
    data = {number: encode(tone) for number, tone in tones.items()}
    for number, first in ((1, True), (2, True), (1, False), (2, False)):
        half = data[number][:500] if first else data[number][500:]
        content = {"file": f"{number}.wav", "upload": number, "first": first, "last": not first}
        if (number, first) == (1, False):
            with pytest.raises(fx.FileError, match=r"'1\.wav' was not loaded, because another file was opened"):
                QUERIES["upload_sound"](panel, content, [half])
        else:
            QUERIES["upload_sound"](panel, content, [half])
    COMMANDS["play_upload"](panel, {"upload": 2})
    torch.testing.assert_close(panel.signal.samples, tones[2].samples)

    monkeypatch.setattr(download_query, "PART_BYTES", 3_000)
    parts = []
    for number, part in ((1, 0), (2, 0), (1, 1), (2, 1), (2, 2)):
        content = {"format": "wav", "part": part, "download": number}
        if (number, part) == (1, 1):
            with pytest.raises(fx.FileError, match="ended because another one was started"):
                QUERIES["download"](panel, content, [])
        else:
            parts.append((number, QUERIES["download"](panel, content, []).buffers[0]))
    samples, _ = soundfile.read(io.BytesIO(b"".join(data for number, data in parts if number == 2)), dtype="float32")
    np.testing.assert_array_equal(samples, panel.output.numpy()[0])
    panel.close()


def test_large_long_and_invalid_files_are_rejected(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The errors name the file and say what to do instead; the sound stays."""
    panel = fx.LowPass(cutoff=500.0).panel(noise)

    def send(name: str, data: bytes, error: str) -> None:
        with pytest.raises(fx.FileError, match=error):
            QUERIES["upload_sound"](panel, {"file": name, "upload": 3, "first": True, "last": True}, [data])
        with pytest.raises(fx.FileError, match="The sound was not loaded"):
            COMMANDS["play_upload"](panel, {"upload": 3})

    send("notes.txt", b"words " * 100, r"'notes.txt' is not a readable sound file")
    send("nothing.wav", b"", r"'nothing.wav' is not a readable sound file.*empty")
    hours = io.BytesIO()
    soundfile.write(hours, np.zeros(100 * 700, "i2"), 100, format="flac")
    send("hours.flac", hours.getvalue(), r"'hours.flac' lasts 11:40 minutes; a page loads at most 10")
    monkeypatch.setattr(upload_query, "MAX_BYTES", 500)
    send("big.wav", encode(noise), r"'big.wav' is larger than")
    assert panel.signal is noise
    panel.close()


def test_download_is_the_output_in_parts(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    """WAV is bit-exact; FLAC has its 24 bits, or is an error above full scale."""
    monkeypatch.setattr(download_query, "PART_BYTES", 10_000)
    panel = fx.Peak(frequency=500.0, gain_db=6.0).panel(0.2 * noise)

    def fetch(kind: str) -> np.ndarray:
        answers: list[Answer] = []
        while not answers or answers[-1].fields["more"]:
            answers.append(QUERIES["download"](panel, {"format": kind, "part": len(answers)}, []))
            assert answers[-1].fields["mime"] == f"audio/{kind}"
        assert len(answers) > 3
        assert max(len(answer.buffers[0]) for answer in answers) == 10_000
        samples, _ = soundfile.read(io.BytesIO(b"".join(answer.buffers[0] for answer in answers)), dtype="float32")
        return samples.T

    np.testing.assert_array_equal(fetch("wav"), panel.output.numpy())
    np.testing.assert_allclose(fetch("flac"), panel.output.numpy(), atol=2**-23)
    panel.module.gain_db = 40.0
    with pytest.raises(fx.FxlabError, match="over full scale"):
        QUERIES["download"](panel, {"format": "flac", "part": 0}, [])
    assert np.abs(fetch("wav")).max() > 1
    for content in ({"format": "wav", "part": 1}, {"format": "wav", "part": 2, "download": 1}):
        with pytest.raises(fx.FileError, match=r"no download whose part \d could follow\. Start it again"):
            QUERIES["download"](panel, content, [])
    panel.close()
