"""The errors and warnings of fxlab. Every message names the object, the value, what is allowed, and what to do."""

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
    """The base class of all errors that fxlab raises on purpose."""


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
    """A module cannot be written as JavaScript or C; the message names the operation and the line of its code."""


class BadCoefficientsWarning(UserWarning):
    """The float64 coefficients of a filter are so badly conditioned that its response is off by more than 0.1 dB.

    It occurs for poles closer to the unit circle than about 1e-7, at frequencies below a thousandth of a hertz, and
    earlier for polynomials of high order. The message states by how many dB and at which frequency. It is issued by
    `response`, `sos` and `export`; the card has the same text as a note.
    """


def describe_error(error: Exception) -> str:
    """Return the text of an error for the panel and the cards; the text of a foreign error begins with its class.

    >>> describe_error(ParameterError("no such value")), describe_error(ZeroDivisionError("division by zero"))
    ('no such value', 'ZeroDivisionError: division by zero')
    """
    return str(error) if isinstance(error, FxlabError) else f"{type(error).__name__}: {error}"
