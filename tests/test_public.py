"""The public names of `fxlab`, and which packages importing and filtering do not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fxlab as fx

HEAVY = ["matplotlib", "IPython", "ipywidgets", "anywidget", "traitlets", "scipy", "soundfile", "torchaudio"]


def run_python(code: str) -> str:
    """Run `code` in a new Python process; return what it prints."""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


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
def test_importing_and_filtering_load_no_package_for_notebooks_or_files(code):
    loaded = run_python(f"{code}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])")
    assert loaded == ""


def test_all_public_names_exist_and_are_unique():
    assert len(set(fx.__all__)) == len(fx.__all__)
    assert all(getattr(fx, name) is not None for name in fx.__all__)
    assert set(fx.__all__) <= set(dir(fx))
    assert {"LowPass", "HighPass", "Peak", "Signal", "Param", "Module", "Chain", "Sum", "Mix", "wrap"} <= set(
        fx.__all__
    )
    assert "engine" not in fx.__all__


def test_an_unknown_name_raises_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'fxlab' has no attribute 'LowPas'"):
        fx.LowPas  # noqa: B018


def test_public_classes_and_functions_have_docstrings():
    for name in fx.__all__:
        value = getattr(fx, name)
        if callable(value):
            assert (value.__doc__ or "").strip(), f"fx.{name} has no docstring"


def test_every_error_is_an_fxlab_error_and_a_builtin_error():
    for error, builtin in (
        (fx.ParameterError, ValueError),
        (fx.SignalError, ValueError),
        (fx.EngineError, ValueError),
        (fx.FileError, OSError),
    ):
        assert issubclass(error, fx.FxlabError)
        assert issubclass(error, builtin)


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert fx.__version__ == version("fxlab")
