"""Every augmentation of audiomentations against ours on the same drawn values, as docs/augmentations.md states."""

from __future__ import annotations

import pytest

from tests.support.augmentations_page import check
from tests.support.parity.audiomentations_rows import ROWS, names

pytestmark = pytest.mark.slow


def test_every_name_has_a_row():
    assert set(ROWS) == names()


@pytest.mark.parametrize("name", ROWS)
def test_the_difference_is_as_stated(name):
    check("audiomentations", ROWS, name)
