"""`WrongAnswerError`, the exception that a check raises."""

from fxlab.errors import FxlabError


class WrongAnswerError(FxlabError):
    """The error that a check raises if the answer is wrong or of the wrong type; the message explains why.

    In a notebook, IPython shows the message alone, without a traceback, because the fault is not in the code that the
    traceback would show.
    """

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows instead of a traceback."""
        return str(self).splitlines()
