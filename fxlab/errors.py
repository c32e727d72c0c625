"""The errors of fxlab. Every message names the object, the value, what is allowed, and what to do."""


class FxlabError(Exception):
    """The base class of all errors that fxlab raises on purpose."""


class ParameterError(FxlabError, ValueError):
    """A parameter has a value, a name or a shape that the module does not allow."""


class SignalError(FxlabError, ValueError):
    """Samples, a sample rate or a block of a stream that is invalid, missing, or does not fit what it is used with."""


class FileError(FxlabError, OSError):
    """A sound file that is missing, damaged, in an unknown format, or cannot be written."""


class EngineError(FxlabError, ValueError):
    """Tensors passed to `fxlab.engine` whose shapes, dtypes or devices are invalid or do not match."""


def describe_error(error: Exception) -> str:
    """Return the text of an error for the panel and the cards; the text of a foreign error begins with its class.

    >>> describe_error(ParameterError("no such value")), describe_error(ZeroDivisionError("division by zero"))
    ('no such value', 'ZeroDivisionError: division by zero')
    """
    return str(error) if isinstance(error, FxlabError) else f"{type(error).__name__}: {error}"
