"""What stands at the top, what importing it costs in modules, and what a training job never loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fxlab as fx

HEAVY = ["matplotlib", "IPython", "ipywidgets", "anywidget", "traitlets", "scipy", "soundfile", "torchaudio"]


def python(code: str) -> str:
    """What `code` prints in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "import fxlab",
        "import fxlab as fx, torch\n"
        "chain = fx.HighPass(100.0) | fx.Peak(800.0, 6.0)\n"
        "y = fx.Mix(chain)(torch.randn(1, 500), sample_rate=8000)\n"
        "chain.response([100.0], 8000), chain.group_delay([100.0], 8000), chain.zeros(8000), chain.to_dict()\n"
        "(chain + fx.LowPass()).zeros(8000), chain.stream(8000)(y)",
    ],
    ids=["import", "use"],
)
def test_neither_importing_nor_filtering_loads_what_only_a_notebook_or_a_file_needs(code):
    loaded = python(f"{code}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])")
    assert loaded == ""


def test_everything_public_is_there_and_sorted():
    assert len(set(fx.__all__)) == len(fx.__all__)
    assert all(getattr(fx, name) is not None for name in fx.__all__)
    assert set(fx.__all__) <= set(dir(fx))
    assert {"LowPass", "HighPass", "Peak", "Signal", "Param", "Module", "Chain", "Sum", "Mix", "wrap"} <= set(
        fx.__all__
    )
    assert "engine" not in fx.__all__


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'fxlab' has no attribute 'LowPas'"):
        fx.LowPas  # noqa: B018


def test_public_things_say_what_they_are():
    for name in fx.__all__:
        thing = getattr(fx, name)
        if callable(thing):
            assert (thing.__doc__ or "").strip(), f"fx.{name} has no docstring"


def test_every_error_is_of_the_family_and_of_its_builtin_kind():
    for kind, builtin in (
        (fx.ParameterError, ValueError),
        (fx.SignalError, ValueError),
        (fx.EngineError, ValueError),
        (fx.FileError, OSError),
    ):
        assert issubclass(kind, fx.FxlabError)
        assert issubclass(kind, builtin)


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert fx.__version__ == version("fxlab")
