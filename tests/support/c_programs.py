"""Runs modules that were exported as C, compiled by gcc."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

import fxlab as fx
from tests.support.page_programs import RATE, values_of

BLOCK = 128


def run_c(first: fx.Module, modules: list[fx.Module], x: torch.Tensor, folder: Path) -> list[torch.Tensor]:
    """Return the output `(channels, time)` of the program of `first` with the values of each of the modules.

    A program that looks ahead gives its last samples for silence.
    """
    name = "unit"
    source = first.export("c-program", RATE, name=name)
    late = re.search(r"late by (\d+) samples", source)
    lag = int(late[1]) if late else 0
    frames = x.shape[-1]
    x = torch.nn.functional.pad(x, (0, lag + -(frames + lag) % BLOCK))
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    (folder / f"{name}.c").write_text(source)
    library = folder / f"{name}.so"
    options = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *options, str(folder / f"{name}.c"), "-o", str(library), "-lm"], check=True)
    code = ctypes.CDLL(str(library))
    size = getattr(code, f"{name}_size")
    size.restype = ctypes.c_size_t
    state = ctypes.create_string_buffer(size())
    sound = x.numpy().copy()

    def rows(array: np.ndarray, start: int) -> ctypes.Array:
        kind = ctypes.POINTER(ctypes.c_double)
        return (kind * len(array))(*(row[start:].ctypes.data_as(kind) for row in array))

    outputs = []
    for module in modules:
        values = _values(source, module)
        y = np.zeros((int(re.search(r"(\d+) out, blocks", source)[1]), x.shape[-1]))  # type: ignore[index]
        getattr(code, f"{name}_reset")(state)
        assert getattr(code, f"{name}_design")(state, (ctypes.c_double * max(1, len(values)))(*values)) == 0
        for start in range(0, x.shape[-1], BLOCK):
            getattr(code, f"{name}_process")(state, rows(sound, start), rows(y, start))
        outputs.append(torch.from_numpy(y[:, lag : lag + frames]))
    return outputs


def _values(source: str, module: fx.Module) -> list[float]:
    """Return the values of a module in the order that the head of the program gives."""
    found: list[float] = []
    values = values_of(module)
    for path in re.findall(r"^ +\d+(?: to \d+)?: (.+?)(?: \*/)?$", source.partition("#include")[0], re.M):
        found += values[path] if isinstance(values[path], list) else [values[path]]
    return found
