"""Modules that stop or end the worker that runs them, for tests of `apply_to_files`."""

import os
import signal
import time
from pathlib import Path

import torch

import fxlab as fx
from fxlab.batch import Report

STOP_AT = 77
"""The number of samples of the file at which they do so."""


class Waiting(fx.Module):
    """A gain of 1 that waits at one file until `folder/go` exists; `folder/waiting` then has the process number."""

    folder = ""

    def forward(self, x, sample_rate):
        if x.shape[-1] == STOP_AT:
            Path(self.folder, "waiting").write_text(str(os.getpid()))
            while not Path(self.folder, "go").exists():
                time.sleep(0.01)
        return x


class Crashing(fx.Module):
    """A gain of 1 that ends its process at one file, as a fault in a library does."""

    def forward(self, x, sample_rate):
        if x.shape[-1] == STOP_AT:
            os.kill(os.getpid(), signal.SIGKILL)
        return x


def apply_in_this_process(module, files, out, **options):
    """Call `apply_to_files` without a progress bar and, unless there is an executor, without other processes."""
    options = {"workers": 0, "progress": False} | options
    if "executor" in options:
        del options["workers"]
    return fx.apply_to_files(module, files, out, **options)


def write_files(folder: Path, count: int, stop_at: int | None = None) -> list[Path]:
    """Write short files, of which the one with the index `stop_at` has `STOP_AT` samples."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{index:02}.wav" for index in range(count)]
    for index, path in enumerate(paths):
        frames = STOP_AT if index == stop_at else 100 + index
        fx.Signal([0.001 * (index + 1)] * frames, 8000).save(path)
    return paths


def have_equal_samples(report: Report) -> bool:
    """Return whether all outputs have the samples of their sources."""
    return all(torch.equal(fx.load(source).samples, fx.load(target).samples) for source, target in report.done.items())
