"""`fxlab apply`, `info` and `spectrogram`: outputs, exit codes, and errors in one line."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

import fxlab as fx
from fxlab.cli.main import main
from tests.support.batch_modules import write_files

COMMANDS = ["lab", "new-lecture", "page", "doctor", "apply", "info", "spectrogram"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with a chain, three sounds, and a file that is none."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "in", 3)
    (tmp_path / "chain.json").write_text(json.dumps((fx.LowPass(800.0) | fx.Gain(-6.0)).to_dict()))
    (tmp_path / "text.wav").write_text("no sound")
    return tmp_path


def failure(capsys, *arguments: str, code: int = 1) -> str:
    """Run a command that fails with an exit code, and return its message, which is one line."""
    try:
        found = main(arguments)
    except SystemExit as stop:  # from argparse
        found = stop.code
    assert found == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_apply_writes_what_the_chain_gives(folder, capsys):
    assert main(["apply", "chain.json", "in", "--out", "out", "--workers", "0"]) == 0
    assert capsys.readouterr().out == f"3 of 3 files done, 0 failed: {folder / 'out'}\n"
    expected = fx.load("in/01.wav") | (fx.LowPass(800.0) | fx.Gain(-6.0))
    assert torch.equal(fx.load("out/01.wav").samples, expected.samples)
    assert main(["apply", "chain.json", "in/00.wav", "--out", "flac", "--format=flac", "--workers=0", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert fx.load("flac/00.flac").frames == 100


def test_apply_reports_bad_files_and_does_the_others(folder, capsys):
    assert main(["apply", "chain.json", "in/00.wav", "text.wav", "gone.wav", "--out", "out", "--workers", "0"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("1 of 3 files done, 2 failed")
    assert [line.partition(":")[0].rpartition("/")[2] for line in captured.err.splitlines()] == ["text.wav", "gone.wav"]


def test_apply_refuses_in_one_line(folder, capsys):
    tail = ("in/00.wav", "--out", "out", "--workers", "0")
    assert (
        failure(capsys, "apply", "gone.json", *tail) == "fxlab: 'gone.json' cannot be read: No such file or directory."
    )
    assert "is not a JSON file" in failure(capsys, "apply", "text.wav", *tail)
    (folder / "list.json").write_text("[1]")
    assert failure(capsys, "apply", "list.json", *tail, code=2).startswith("fxlab: 'list.json': ")
    (folder / "unknown.json").write_text('{"type": "LowPas", "params": {}}')
    assert "Did you mean 'LowPass'?" in failure(capsys, "apply", "unknown.json", *tail, code=2)
    assert "Pass one folder alone" in failure(capsys, "apply", "chain.json", "in", *tail, code=2)
    for name in ("no_such_module", "", ".x"):
        assert f"--import {name!r}: " in failure(capsys, "apply", "chain.json", "--import", name, *tail, code=2)
    message = failure(capsys, "apply", "chain.json", *tail, "--subtype", "FOO", code=2)
    assert message.startswith("fxlab: --subtype 'FOO': choose one of FLOAT, DOUBLE, PCM_16")
    message = failure(capsys, "apply", "chain.json", *tail, "--workers", "-1", code=2)
    assert message == "fxlab: --workers -1 is not allowed. Pass a whole number from 0 on."
    (folder / "out").mkdir()
    (folder / "out" / "00.wav").write_text("another")
    assert main(["apply", "chain.json", *tail]) == 1
    assert "Pass --overwrite, or choose another --out." in capsys.readouterr().err
    assert failure(capsys, "apply", "chain.json", "in", code=2).startswith("fxlab apply: the following arguments")
    assert "unrecognized" in failure(capsys, "info", "in/00.wav", "--no\nsuch", code=2)
    message = failure(capsys, "apply", "~no_such_user/chain.json", *tail, code=2)
    assert message.endswith("~no_such_user/chain.json': Could not determine home directory. See fxlab apply --help")


def test_a_class_of_ones_own_is_imported(folder, capsys):
    (folder / "mine.json").write_text('{"type": "tests.support.batch_modules.Waiting", "params": {}}')
    command = ["apply", "mine.json", "in", "--out", "out", "--workers=0", "--import", "tests.support.batch_modules"]
    assert main(command) == 0


def test_info_prints_a_line_or_an_object_for_each_file(folder, capsys):
    fx.sine(997.0, duration=1.0, sample_rate=48_000, level_db=-18.0).save("tone.wav", subtype="PCM_16")
    fx.silence(0.1, channels=2, sample_rate=8000).save("silence.flac")
    assert main(["info", "tone.wav", "silence.flac", "text.wav"]) == 1
    captured = capsys.readouterr()
    # A sine of 997 Hz at -18 dBFS in one channel has -18 - 3.01 LUFS, by the calibration of ITU-R BS.1770.
    assert captured.out.splitlines() == [
        "tone.wav: WAV PCM_16, 48000 Hz, mono, 1.000 s, peak -18.0 dBFS, -21.0 LUFS",
        "silence.flac: FLAC PCM_24, 8000 Hz, stereo, 0.100 s, silent",
    ]
    assert len(captured.err.splitlines()) == 1
    assert main(["info", "--json", "tone.wav", "silence.flac"]) == 0
    tone, silence = map(json.loads, capsys.readouterr().out.splitlines())
    assert (tone["frames"], tone["duration"], tone["subtype"]) == (48_000, 1.0, "PCM_16")
    assert tone["loudness_lufs"] == pytest.approx(-21.01, abs=0.05)
    assert (silence["channels"], silence["peak_dbfs"], silence["loudness_lufs"]) == (2, None, None)


def test_a_tilde_is_the_home_directory_in_every_argument(folder, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert main(["apply", "~/chain.json", "~/in/00.wav", "--out", "~/out", "--workers=0"]) == 0
    assert main(["info", "~/out/00.wav"]) == 0
    assert main(["spectrogram", "~/in/01.wav", "--out", "~/picture.png"]) == 0
    assert main(["new-lecture", "Combs", "--folder", "~/week5"]) == 0
    assert {"out", "picture.png", "week5"} <= {path.name for path in folder.iterdir()}
    assert not list(Path().iterdir())


def test_info_describes_the_other_files_where_one_has_an_unusual_name(folder, capsys, monkeypatch):
    name = os.fsdecode(b"caf\xe9.wav")
    try:
        (folder / name).write_bytes((folder / "in" / "00.wav").read_bytes())
    except OSError:
        pytest.skip("this file system allows names in UTF-8 only")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict"))
        assert main(["info", name, "in/00.wav"]) == 0
        lines = sys.stdout.buffer.getvalue().decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["caf\\udce9.wav", "in/00.wav"]
    assert main(["info", "--json", name]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == name
    assert main(["info", "~no_such_user/a.wav", "a\0b", "in/00.wav"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("in/00.wav: ")
    assert len(captured.err.splitlines()) == 2


def test_spectrogram_draws_a_picture(folder, capsys):
    fx.chirp(100.0, 4000.0, duration=1.0, sample_rate=16_000).save("chirp.wav")
    assert main(["spectrogram", "chirp.wav", "--stop", "0.5", "--out", "chirp.png"]) == 0
    assert "500 ms" in capsys.readouterr().out
    with Image.open("chirp.png") as picture:
        assert picture.format == "PNG"
        assert picture.width == 1440
    assert "exists already" in failure(capsys, "spectrogram", "chirp.wav", "--out", "chirp.png")
    assert main(["spectrogram", "chirp.wav", "--out", "chirp.png", "--overwrite"]) == 0
    capsys.readouterr()
    assert "Let its name end in .png" in failure(capsys, "spectrogram", "chirp.wav", "--out", "chirp.jpg", code=2)
    assert "cannot be written" in failure(capsys, "spectrogram", "chirp.wav", "--out", "gone/chirp.png")
    assert "is not within" in failure(capsys, "spectrogram", "chirp.wav", "--start", "9", "--out", "other.png", code=2)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert f"examples:\n  fxlab {command}" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.slow
def test_python_m_fxlab_is_the_command_and_ends_quietly_in_a_closed_pipe(folder):
    script = f"{sys.executable} -m fxlab info {' '.join(['in/00.wav'] * 300)} | head -1"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (run.stdout.count("\n"), run.stderr) == (1, "")
    assert run.stdout.startswith("in/00.wav: WAV FLOAT, 8000 Hz, mono")
