"""`rejects`: what a check says about a wrong answer."""

from typing import Any

import pytest

from fxlab.course import WrongAnswerError, check


def rejects(name: str, answer: Any, reason: str) -> None:
    """Assert that `check.name(answer)` fails, and that what it says contains `reason`; lines may break anywhere."""
    with pytest.raises(WrongAnswerError) as caught:
        getattr(check, name)(answer)
    message = " ".join(str(caught.value).split())
    assert reason in message, message
