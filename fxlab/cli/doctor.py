"""`fxlab doctor`: checks what is installed and what is missing, and says how to fix it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from fxlab.cli.subcommand import Subcommands, add_subcommand
from fxlab.engine.torch_support.cpu_limits import available_cpus

EXAMPLES = """  fxlab doctor
"""
REQUIRED = ("torch", "torchaudio", "numpy", "scipy", "soundfile", "matplotlib", "ipywidgets", "anywidget")
BROWSERS = (
    "firefox",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "safari",
)


class Finding(NamedTuple):
    """The result of one check, a line of the output."""

    state: str
    """`"ok"`, `"note"` for a problem with which fxlab still works, or `"bad"`."""
    subject: str
    """The part that was checked, in one word."""
    text: str
    """The state of the part."""
    remedy: str = ""
    """A command or sentence that says how to fix the problem; empty if there is nothing to fix."""


def add(commands: Subcommands) -> None:
    """Add the subcommand `doctor`, which has no arguments, to the parser."""
    add_subcommand(commands, "doctor", "check versions, files, sound, browser and GPU", EXAMPLES, run)


def run(_arguments: argparse.Namespace) -> int:
    """Print all findings; return 1 if one of them is bad, otherwise 0."""
    bad = 0
    for finding in examine():
        bad += finding.state == "bad"
        print(f"{finding.state:>4}  {finding.subject:<11} {finding.text}", flush=True)
        if finding.remedy:
            print(f"      {'':<11} -> {finding.remedy}")
    print(f"{bad} problem{'s' * (bad != 1)}." if bad else "All is well.")
    return int(bad > 0)


def examine() -> Iterator[Finding]:
    """Yield the findings of all checks; for a check that raises an error, yield a finding with the error."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python, _packages, _computer, _gpu, _files, _filters, _panel, _notebooks, _browser
    )  # fmt: skip
    for check in checks:
        try:
            yield from check()
        except Exception as error:
            yield Finding("bad", check.__name__.strip("_"), f"{type(error).__name__}: {error}")


def _python() -> Iterator[Finding]:
    yield Finding("ok", "python", f"{platform.python_version()} on {platform.platform()}, {sys.executable}")
    yield Finding("ok", "fxlab", f"{version('fxlab')} in {Path(__file__).parents[1]}")


def _packages() -> Iterator[Finding]:
    for name in REQUIRED:
        try:
            yield Finding("ok", name, version(name))
        except PackageNotFoundError:
            yield Finding("bad", name, "is not installed", f"pip install {name}")
    import torch

    try:
        import torchaudio  # noqa: F401
    except (ImportError, OSError) as error:
        command = "pip install torch torchaudio --index-url https://download.pytorch.org/whl/cpu"
        yield Finding("bad", "torchaudio", f"does not load beside torch {torch.__version__}: {error}", command)


def _computer() -> Iterator[Finding]:
    import torch

    count = available_cpus()
    yield Finding(
        "ok", "processors", f"{count} of {os.cpu_count()} may be used; PyTorch uses {torch.get_num_threads()}"
    )
    memory = Path("/proc/meminfo")
    if memory.exists():
        fields = dict(line.split(":", 1) for line in memory.read_text(encoding="ascii").splitlines())
        free = int(fields["MemAvailable"].split()[0]) / 2**20
        state, remedy = (
            ("note", "Close other notebooks: a kernel with a panel takes about half a GB.") if free < 1 else ("ok", "")
        )
        yield Finding(state, "memory", f"{free:.1f} GB free", remedy)


def _gpu() -> Iterator[Finding]:
    import torch

    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        torch.ones(1, device="cuda").add_(1)
        yield Finding("ok", "gpu", f"{', '.join(names)} (CUDA {torch.version.cuda})")
    elif torch.backends.mps.is_available():
        yield Finding("ok", "gpu", "Apple GPU (MPS); it has no float64, so recursive filters run on the CPU")
    elif shutil.which("nvidia-smi"):
        remedy = f"This torch ({torch.__version__}) may be a build for the CPU: see pytorch.org for one with CUDA."
        yield Finding("note", "gpu", "there is an NVIDIA driver, but PyTorch sees no GPU", remedy)
    else:
        yield Finding("ok", "gpu", "none; everything works on the CPU")


def _files() -> Iterator[Finding]:
    import io

    import soundfile

    from fxlab.signal import load, sine

    tone, failed = sine(440.0, duration=0.1, sample_rate=44_100), []
    for name in ("wav", "flac", "ogg", "mp3"):
        file = io.BytesIO()
        try:
            tone.save(file, format=name)
            load(file)
        except Exception:
            failed.append(name)
    library = soundfile.__libsndfile_version__
    if failed:
        remedy = "pip install --upgrade soundfile, whose wheels contain libsndfile 1.1 or newer"
        yield Finding("bad", "files", f"libsndfile {library} cannot write and read {', '.join(failed)}", remedy)
    else:
        yield Finding("ok", "files", f"WAV, FLAC, OGG and MP3 are written and read (libsndfile {library})")


def _filters() -> Iterator[Finding]:
    import scipy.signal
    import torch

    from fxlab.filters import Butterworth

    x = torch.randn(1, 48_000, generator=torch.Generator().manual_seed(0))
    reference = scipy.signal.sosfilt(scipy.signal.butter(4, 1000.0, fs=48_000, output="sos"), x.double().numpy())
    error = float((Butterworth(1000.0, order=4)(x, sample_rate=48_000) - torch.from_numpy(reference)).abs().max())
    if error < 1e-5:
        yield Finding("ok", "filters", f"a Butterworth filter equals SciPy's within {error:.0e}")
    else:
        remedy = "Report it, with this output, and the processor that you use."
        yield Finding("bad", "filters", f"a Butterworth filter differs from SciPy's by {error:.1e}", remedy)


def _panel() -> Iterator[Finding]:
    from fxlab.display import module_bundle
    from fxlab.filters import LowPass
    from fxlab.panel.front_end import built_file

    for name in ("loader.js", "panel.js"):
        built_file(name)
    data, _ = module_bundle(LowPass())
    yield Finding("ok", "panel", f"its files are there; a card is drawn ({len(data['image/png']) // 1024} kB)")


def _notebooks() -> Iterator[Finding]:
    from fxlab.cli.course_copy import course_folder

    found = len(list(course_folder().glob("*.ipynb")))
    yield Finding("ok", "course", f"{found} notebooks: fxlab lab copies and opens them")
    try:
        yield Finding("ok", "jupyterlab", version("jupyterlab"))
    except PackageNotFoundError:
        state = "note" if "JPY_PARENT_PID" in os.environ else "bad"
        yield Finding(state, "jupyterlab", "is not installed here", 'pip install "fxlab[lab]"')


def _browser() -> Iterator[Finding]:
    if "JUPYTERHUB_USER" in os.environ:
        yield Finding("ok", "browser", "this is a JupyterHub: sound and panels are in your own browser")
        return
    if sys.platform in ("darwin", "win32"):
        yield Finding("ok", "browser", "the default browser of the system")
        return
    found = [name for name in BROWSERS if shutil.which(name)]
    if found and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        yield Finding("ok", "browser", ", ".join(found))
    else:
        missing = "no screen here" if found else "none found here"
        remedy = "Start fxlab lab -- --no-browser, and open the address that it prints in a browser of yours."
        yield Finding("note", "browser", missing, remedy)
    yield Finding("ok", "sound", "the browser plays it; https or localhost gives it without gaps")
