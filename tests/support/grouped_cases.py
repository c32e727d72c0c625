"""`run_cases`: many small cases as one test for each class, because starting a test takes longer than such a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

Test = Callable[..., None]


def run_cases(cases: Iterable[tuple[Any, ...]]) -> Callable[[Test], Test]:
    """Run a test with the arguments of each case, as one test for each class of the first argument.

    An error names its case in a note.
    """
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for case in cases:
        groups.setdefault(type(case[0]).__name__, []).append(case)

    def decorate(function: Test) -> Test:
        @pytest.mark.parametrize("group", groups)
        def run(group: str) -> None:
            for case in groups[group]:
                try:
                    function(*case)
                except Exception as error:
                    error.add_note(f"in the case {case}")
                    raise

        run.__name__, run.__doc__, run.__module__ = function.__name__, function.__doc__, function.__module__
        return run

    return decorate
