"""The cells of the notebook that `fxlab new-lecture` writes."""

from __future__ import annotations

from typing import Any

_TITLE = """# {title}

After this notebook you can

- say in one sentence what … is;
- hear …;
- compute … .

Time: 45 minutes. Frequencies are in Hz, levels in dB relative to full scale.
"""

_CELLS = (
    ("markdown", 'Run this cell first. If it fails, install fxlab: `pip install "fxlab[lab]"`.'),
    ("code", "import fxlab as fx"),
    ("markdown", "## A sound\n\nOne sentence that says what to listen for."),
    ("code", "voice = fx.examples.voice()\nvoice"),
    ("markdown", "**What you hear.** In words: …"),
    ("markdown", "## A filter that you can move\n\nMove the cutoff while the sound plays."),
    ("code", "lowpass = fx.LowPass(cutoff=1000.0)\nlowpass.panel(voice)"),
    ("markdown", "**What you hear.** Below … the voice …; the curve shows why."),
    ("markdown", "## A function of your own\n\nEach argument becomes a slider."),
    (
        "code",
        "def beating(frequency: float = 440.0, difference: float = 3.0):\n"
        "    return fx.sine(frequency, duration=2.0) * 0.5 + fx.sine(frequency + difference, duration=2.0) * 0.5\n\n\n"
        "fx.explore(beating)",
    ),
    ("markdown", "**What you hear.** …"),
    (
        "markdown",
        "## Exercise 1\n\nBuild a filter that attenuates 4 kHz by at least 12 dB and 500 Hz by at most 1 dB. A filter "
        "that you found by ear in a panel counts as well.",
    ),
    (
        "solution",
        "# A module with the name `answer`.\n"
        "### BEGIN SOLUTION\nanswer = fx.Butterworth(1000.0, order=4)\n### END SOLUTION",
    ),
    (
        "test",
        "levels = 20 * answer.response([500.0, 4000.0], sample_rate=44_100).abs().log10()\n"
        'assert levels[0] >= -1.0, f"500 Hz is attenuated by {-levels[0]:.1f} dB. Hint: is the cutoff above it?"\n'
        'assert levels[1] <= -12.0, f"4 kHz is attenuated by {-levels[1]:.1f} dB only. Hint: what does the order do?"',
    ),
    ("markdown", "## References\n\n- Author, *Title*, publisher, year, section …"),
)


def lecture_notebook(title: str) -> dict[str, Any]:
    """Return a notebook, as the dictionary of its JSON: text, sounds, panels, and an exercise marked for nbgrader."""
    cells = [_markdown(_TITLE.format(title=title).strip())]
    cells += [_markdown(source) if kind == "markdown" else _code(source, kind) for kind, source in _CELLS]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str, kind: str) -> dict[str, Any]:
    metadata = {} if kind == "code" else {"nbgrader": _grading(kind)}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _grading(kind: str) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell; `kind` is `"solution"`, or `"test"` for the cell that gives the points."""
    is_test = kind == "test"
    mark = {"grade": is_test, "grade_id": f"exercise-1-{kind}", "locked": is_test, "schema_version": 3}
    mark |= {"solution": not is_test, "task": False}
    return {**mark, "points": 1} if is_test else mark
