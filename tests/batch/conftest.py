"""Five sound files in a folder."""

from pathlib import Path

import pytest

from tests.support.batch_modules import write_files


@pytest.fixture
def sounds(tmp_path) -> Path:
    write_files(tmp_path / "in", 5)
    return tmp_path / "in"
