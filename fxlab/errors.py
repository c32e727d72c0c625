"""The errors and warnings of fxlab, whose messages name the object and the value, and say what is allowed."""

__all__ = [
    "BadCoefficientsWarning",
    "CompileError",
    "EngineError",
    "FileError",
    "FxlabError",
    "ParameterError",
    "SignalError",
]


class FxlabError(Exception):
    """The base class of fxlab's own errors."""


class ParameterError(FxlabError, ValueError):
    """An argument or a parameter has a value, a name, a type or a shape that is not allowed."""


class SignalError(FxlabError, ValueError):
    """Samples, a sample rate or a block of a stream is invalid or missing, or does not match the other inputs."""


class FileError(FxlabError, OSError):
    """A file or folder is missing, damaged, in an unknown format, or cannot be written."""


class EngineError(FxlabError, ValueError):
    """An argument of a function of `fxlab.engine` has a wrong shape, dtype, device or value.

    It is also raised where the arguments do not match each other.
    """


class CompileError(FxlabError):
    """A module cannot be compiled to JavaScript or C.

    If an operation is the reason, the message names the operation and the line of its code.
    """


class BadCoefficientsWarning(UserWarning):
    """The float64 coefficients of a filter are so badly conditioned that its response is off by more than 0.1 dB.

    This happens if a pole is closer than about 1e-7 to the unit circle, as with a corner below a thousandth of a hertz;
    for polynomials of high order, higher corners suffice. The message states the error in dB and its frequency. The
    warning is issued by `response`, `sos` and `export`; the card shows the same text as a note.
    """


def describe_error(error: Exception) -> str:
    """Return the text of `error` that the panel and the cards show.

    The text begins with the name of the class unless the error is an `FxlabError`.

    >>> describe_error(ParameterError("no such value")), describe_error(ZeroDivisionError("division by zero"))
    ('no such value', 'ZeroDivisionError: division by zero')
    """
    return str(error) if isinstance(error, FxlabError) else f"{type(error).__name__}: {error}"
