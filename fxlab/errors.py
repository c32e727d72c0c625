"""What fxlab raises: every message names the object, the value, what is allowed, and what to do."""


class FxlabError(Exception):
    """The root of every error that fxlab raises on purpose."""


class ParameterError(FxlabError, ValueError):
    """A parameter's value, name or shape is not one that the module allows."""


class SignalError(FxlabError, ValueError):
    """Samples or a sample rate that cannot be a sound: wrong shape, wrong type, not finite, no rate."""


class FileError(FxlabError, OSError):
    """A sound file that is missing, damaged, of an unknown kind, or cannot be written."""


class EngineError(FxlabError, ValueError):
    """Tensors handed to `fxlab.engine` that do not fit together."""


def describe_error(error: Exception) -> str:
    """Return the text of an error for the panel and the cards: an error of another library has its class in front.

    >>> describe_error(ParameterError("no such value")), describe_error(ZeroDivisionError("division by zero"))
    ('no such value', 'ZeroDivisionError: division by zero')
    """
    return str(error) if isinstance(error, FxlabError) else f"{type(error).__name__}: {error}"
