"""The exercises of the course: `check.beat_rate(answer)` checks an answer, and explains what is wrong with it.

    from fxlab.course import check

- `check.py`         `check` and the decorator `exercise`, which adds a check to it
- `wrong_answer.py`  `WrongAnswerError`, the exception of a check that fails
- `answers/`         functions that read an answer: a number with a unit, a function, a signal, a filter
- `exercises/`       the checks, one file per notebook
- `grading.py`       settings of nbgrader for submissions with copied and split cells

A check looks only at values, such as numbers, tensors, functions, signals and filters, not at the code of an answer.
"""

from fxlab.course.check import Checks, check, exercise
from fxlab.course.wrong_answer import WrongAnswerError

__all__ = ["Checks", "WrongAnswerError", "check", "exercise"]
