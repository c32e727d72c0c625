"""Every public module that compiles sounds as in torch, at its first values and at others, in one process of Node."""

from __future__ import annotations

import pytest

from tests.support.page_programs import run_programs
from tests.support.page_specimens import NOT_COMPILED, SOUND, errors_db, run_specimens
from tests.support.specimens import specimens

RATE = 48_000.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programs")
    return run_specimens(lambda jobs: run_programs(jobs, folder), specimens())


def test_only_the_named_modules_are_not_compiled(runs):
    assert set(runs[1]) == set(NOT_COMPILED)


@pytest.mark.parametrize("name", [name for name in specimens() if name not in NOT_COMPILED])
def test_a_compiled_module_sounds_as_in_torch(runs, name):
    specimen = runs[0][name]
    assert specimen.failure == ""
    for module, output in zip(specimen.modules, specimen.outputs, strict=True):
        assert output.shape == module(SOUND, RATE).shape
    double, single = errors_db(specimen)
    assert double < -140
    assert single < -100 or name in ROUNDING


ROUNDING = {"BitCrush", "Quantize"}
"""Modules that round samples, where one in float32 may be rounded to the other side."""
