"""The functions for TorchScript can be compiled by the installed PyTorch; otherwise they run as Python, more slowly."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import fxlab.engine
from fxlab.engine.torch_support.script import is_scripted

PACKAGE = Path(fxlab.engine.__file__).parents[1]
NAMES = sorted(
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    for folder in ("engine", "effects", "filters")
    for file in (PACKAGE / folder).rglob("*_script.py")
)


def test_there_are_functions_to_compile():
    assert len(NAMES) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_it_is_compiled(name):
    assert is_scripted(import_module(name))
