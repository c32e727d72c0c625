"""Functions with which checks read and compare answers; most raise `WrongAnswerError` if an answer does not fit.

- `number.py`      `read_number`, `read_numbers`, `ordinal`: one number or several, and their ordinals for messages
- `comparison.py`  `compare`, `compare_all`: comparison with the right values, which recognizes other units
- `function.py`    `call`: the result of a function that the student has written
- `kind.py`        `describe_kind`: a sentence about an answer whose type is wrong
- `tensor.py`      `read_tensor`: a tensor of a given shape
- `sound.py`       `read_signal`: a Signal of a given sample rate and length
- `filter.py`      `read_filter`, `response_db`, `check_filter`, `rate_at_which`: a filter and its response
"""

from fxlab.course.answers.comparison import compare, compare_all
from fxlab.course.answers.filter import check_filter, rate_at_which, read_filter, response_db
from fxlab.course.answers.function import call
from fxlab.course.answers.number import read_number, read_numbers
from fxlab.course.answers.sound import read_signal
from fxlab.course.answers.tensor import read_tensor

__all__ = [
    "call",
    "check_filter",
    "compare",
    "compare_all",
    "rate_at_which",
    "read_filter",
    "read_number",
    "read_numbers",
    "read_signal",
    "read_tensor",
    "response_db",
]
