"""Inputs and outputs of `apply_to_files`: which files are found, and which outputs would replace another file."""

import errno
import os
import sys
from pathlib import Path

import pytest

import fxlab as fx
from tests.support.batch_modules import apply_in_this_process as run
from tests.support.batch_modules import write_files


def test_an_output_never_replaces_another_file_of_the_input(tmp_path):
    write_files(tmp_path / "q", 1)
    (original,) = write_files(tmp_path / "q" / "q", 1)
    (tmp_path / "q" / "01.wav").symlink_to(original)
    before = original.read_bytes()
    for files in (
        tmp_path / "q",
        [tmp_path / "q" / "00.wav", original],
        [tmp_path / "q" / "00.wav", tmp_path / "q" / "01.wav"],
    ):
        with pytest.raises(fx.FileError, match="which is a file of the input"):
            run(fx.Gain(-6), files, tmp_path / "q" / "q", overwrite=True)
    assert original.read_bytes() == before


def test_an_output_folder_below_the_files_is_no_input(sounds):
    for found in (0, 5):
        report = run(fx.Gain(-6.0), sounds, sounds / "processed")
        assert (len(report.done), report.found) == (5, found)
    assert not (sounds / "processed" / "processed").exists()


def test_a_file_that_was_in_the_output_folder_before_is_not_replaced_later(sounds):
    (original,) = write_files(sounds / "processed", 1)
    (sounds / "00.wav").rename(sounds / "later.wav")
    run(fx.Gain(-6.0), sounds, sounds / "processed")
    (sounds / "later.wav").rename(sounds / "00.wav")
    before = original.read_bytes()
    with pytest.raises(fx.FileError, match="would replace"):
        run(fx.Gain(-6.0), sounds, sounds / "processed", overwrite=True)
    assert original.read_bytes() == before


def test_links_to_a_folder_above_are_skipped_and_an_unreadable_folder_is_reported(sounds, tmp_path, monkeypatch):
    (sounds / "loop").symlink_to(sounds)
    (sounds / "self").symlink_to(sounds / "self")
    assert len(run(fx.Gain(-6.0), sounds, tmp_path / "out")) == 5
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    (sounds / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(fx.FileError, match=r"closed' cannot be read: Permission denied"):
        run(fx.Gain(-6.0), sounds, tmp_path / "out")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux only")
def test_names_that_are_no_text_and_names_without_extension(sounds, tmp_path):
    odd = os.fsdecode(os.fsencode(sounds) + b"/\xff.wav")
    (sounds / "00.wav").rename(odd)
    (sounds / "01.wav").rename(sounds / "take 1.5")
    report = run(fx.augment.Gain(seed=1), [odd, sounds / "take 1.5"], tmp_path / "out", format="flac")
    assert not report.failed
    assert report.done[sounds / "take 1.5"].name == "take 1.5.flac"


def test_two_files_of_one_folder_with_one_output(sounds, tmp_path):
    fx.load(sounds / "00.wav").save(sounds / "00.flac")
    with pytest.raises(fx.ParameterError, match=r"wav'\. Process them in two calls with different out_dir"):
        run(fx.Gain(), sounds, tmp_path / "out", format="wav")


@pytest.mark.parametrize(
    ("path", "words"),
    [("~nobody9/x", "'~nobody9/x' cannot be found: Could not determine"), ("/a\0b", "a null character")],
)
def test_paths_that_cannot_exist_are_refused(sounds, tmp_path, path, words):
    with pytest.raises(fx.FileError, match=f"apply_to_files: .*{words}"):
        run(fx.Gain(), path, tmp_path / "out")
    report = run(fx.Gain(), [path, sounds / "00.wav"], tmp_path / "out")
    assert (len(report.done), list(report.failed), path in report.failed) == (1, [Path(path).absolute()], True)
    with pytest.raises(fx.FileError, match=f"apply_to_files, out_dir: .*{words}"):
        run(fx.Gain(), sounds, path)
