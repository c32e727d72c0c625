"""A browser page with a notebook: tests open notebooks in it, use their panels and record their sound."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Locator, Page, ViewportSize, expect

from tests.support.browser.notebook_scripts import (
    CLEAR_KERNEL,
    CLOSE_NOTEBOOKS,
    COMMAND,
    EXECUTE,
    EXECUTE_IN_BACKGROUND,
    KERNEL_IS_IDLE,
    RUN_TIMERS,
    SELECT_CELL,
)
from tests.support.browser.server import Jupyter
from tests.support.browser.wait import LIMIT, wait_until

AUDIO_PROBE = (Path(__file__).parent / "audio_probe.js").read_text()
SIZE: ViewportSize = {"width": 1400, "height": 1000}
expect.set_options(timeout=1000 * LIMIT)


class NotebookPage:
    """A browser page with JupyterLab or another front end, whose audio can be recorded."""

    def __init__(self, browser: Browser, jupyter: Jupyter, **options: Any) -> None:
        self.jupyter = jupyter
        self.origin = jupyter.url
        self.workspace = uuid4().hex[:8]
        self.context = browser.new_context(viewport=SIZE, **options)
        self.context.set_default_timeout(1000 * LIMIT)
        self.context.add_init_script(AUDIO_PROBE)
        self.page: Page = self.context.new_page()
        self.page_errors: list[str] = []
        """The uncaught errors of the panel's JavaScript."""
        self.page.on("pageerror", self._record_error)
        self.notebooks: list[str] = []
        """The names of the notebooks that were opened on the page."""
        self.is_empty = False
        """Whether the page is a JupyterLab without open notebooks, whose kernel still runs, with an empty namespace."""

    def close(self) -> None:
        """Close the page and end the kernels of its notebooks."""
        self.context.close()
        self.jupyter.end_kernels(self.notebooks)

    def reset(self) -> None:
        """Close all notebooks and panels and clear the kernel's namespace, so that another test can use the page."""
        self.execute(CLEAR_KERNEL)
        wait_until(lambda: self.render_threads() == 0, "the render threads to end with their panels")
        self.page.evaluate(CLOSE_NOTEBOOKS)
        self.page.wait_for_function("() => window.audioProbe.forget() === 0")
        self.context.clear_permissions()
        self.page.set_viewport_size(SIZE)
        self.page.mouse.move(0, 0)
        self.page_errors.clear()
        self.is_empty = True

    def _record_error(self, error: Error) -> None:
        # The JavaScript of a widget is loaded from a blob. Errors of Jupyter's own code are not counted.
        if "blob:" in (error.stack or ""):
            self.page_errors.append(f"{error.message}\n{error.stack}")

    # -- notebooks ----------------------------------------------------------------------------------------------

    def open(self, *cells: str, app: str = "lab", kernel: str = "python3") -> str:
        """Open a notebook of these cells and run them all; return the notebook's name.

        Args:
            cells: The source of the code cells.
            app: `"lab"` for JupyterLab, `"notebooks"` for Notebook 7.
            kernel: The name of the kernel.
        """
        name = self.jupyter.write(*cells, kernel=kernel)
        self.open_saved(name, app)
        self.run_all()
        return name

    def open_saved(self, name: str, app: str = "lab") -> None:
        """Open the notebook `name` without running it."""
        # In a workspace of its own JupyterLab does not restore the tabs of another page.
        place = f"{self.origin}/lab/workspaces/{self.workspace}/tree" if app == "lab" else f"{self.origin}/{app}"
        if self.is_empty and app == "lab":  # loading JupyterLab and PyTorch again would take six seconds
            self.jupyter.hand_over_kernel(self.notebooks[-1], name)
            self.command("docmanager:open", path=name)
        else:
            self.page.goto(f"{place}/{name}")
        self.notebooks.append(name)
        self.is_empty = False
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the notebook is shown and its kernel is idle."""
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        self.page.wait_for_function("() => window.jupyterapp !== undefined")
        self.page.wait_for_function(KERNEL_IS_IDLE)

    def run_all(self) -> None:
        """Run all cells."""
        self.command("notebook:run-all-cells")

    def command(self, name: str, **arguments: Any) -> None:
        """Execute a command of JupyterLab and wait until it has ended."""
        self.page.evaluate(COMMAND, [name, arguments])

    def collapse_sidebar(self) -> None:
        """Hide the file browser at the left."""
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def select(self, cell: int) -> None:
        """Make a cell the active one, in command mode."""
        self.page.evaluate(SELECT_CELL, cell)

    def run_cell(self, cell: int) -> None:
        """Run one cell."""
        self.select(cell)
        self.command("notebook:run-cell")

    def evaluate(self, expression: str) -> Any:
        """Evaluate a Python expression in the notebook's kernel; return its value, which is transferred as JSON."""
        code = f"import json as _json; print('answer:' + _json.dumps({expression}))"
        return json.loads(self.page.evaluate(EXECUTE, [code, self.notebooks[-1]]))

    def execute(self, code: str) -> None:
        """Run Python code in the notebook's kernel and wait until it has finished."""
        self.page.evaluate(EXECUTE, [code + "\nprint('answer:null')", self.notebooks[-1]])

    def execute_in_background(self, code: str) -> None:
        """Start Python code in the notebook's kernel, as a cell does that runs for a long time."""
        self.page.evaluate(EXECUTE_IN_BACKGROUND, code)

    def render_threads(self) -> int:
        """Return the number of render threads in the kernel."""
        names = "[thread.name for thread in __import__('threading').enumerate()]"
        return int(self.evaluate(names).count("fxlab-render"))

    # -- panels -------------------------------------------------------------------------------------------------

    def panel(self, number: int = 0, state: str = "idle") -> Locator:
        """Return a panel after waiting until it has reached `state`."""
        panel = self.panel_locator(number)

        def what() -> str:
            return (
                f"panel {number} to be {state}; the page says {self.page.locator('.jp-OutputArea').all_inner_texts()}"
            )

        wait_until(lambda: panel.is_visible() and panel.get_attribute("data-state") == state, what)
        return panel

    def panel_locator(self, number: int = 0) -> Locator:
        """Return a panel in any state."""
        return self.page.locator(".fxlab-panel").nth(number)

    def play(self, number: int = 0) -> None:
        """Click the play button, and wait until there is sound."""
        self.panel(number).locator("[data-action=play]").click()
        wait_until(lambda: self.level() > -90, "sound to come out of the page")

    def pause(self, number: int = 0) -> None:
        """Click the play button of the only panel that plays, and wait until it is silent and shows its position."""
        self.panel(number).locator("[data-action=play]").click()
        wait_until(lambda: self.level() < -150, "silence")
        self.wait_for_page_timers()

    def slider(self, path: str, number: int = 0) -> Locator:
        """Return the slider of a parameter."""
        return self.panel_locator(number).locator(f"input[type=range][data-param='{path}']")

    def set_slider(self, path: str, position: float, number: int = 0) -> int:
        """Move a slider as a pointer would; return the sequence number of the message that the page has sent."""
        before = self.data("sent", number)
        self.slider(path, number).evaluate(
            "(element, value) => { element.value = value; element.dispatchEvent(new Event('input', {bubbles: true})) }",
            position,
        )
        wait_until(lambda: self.data("sent", number) > before, "the parameter change to be sent")
        return self.data("sent", number)

    def data(self, name: str, number: int = 0) -> int:
        """Return a numeric `data-` attribute of a panel; 0 if it is missing."""
        text = self.panel_locator(number).get_attribute(f"data-{name}")
        return int(text or 0)

    def wait_for_page_timers(self, milliseconds: int = 100) -> None:
        """Wait until all timers of the page that are due within `milliseconds` from now have run, and two frames.

        The page has then sent and shown the effect of all previous input: it does both at most 35 ms and one animation
        frame after the input. Timers run in the order in which they are due, so this holds however slow the page is.
        """
        self.page.evaluate(RUN_TIMERS, milliseconds)

    def wait_for_render(self, seq: int, number: int = 0) -> None:
        """Wait until the render with that sequence number plays, even if only its first chunk has arrived."""
        wait_until(lambda: self.data("playing", number) == seq, f"render {seq} to play")

    def settle(self, number: int = 0) -> None:
        """Wait until the render of the last values is complete and plays."""
        self.wait_for_page_timers()
        panel = self.panel_locator(number)

        def settled() -> bool:
            plays_last = self.data("playing", number) == self.data("sent", number)
            return plays_last and panel.get_attribute("data-state") == "idle"

        wait_until(settled, "the last values to be playing")

    def value(self, path: str, number: int = 0) -> float:
        """Return the value in the number field of a parameter."""
        return float(self.field(path, number).input_value())

    def wait_for_value(self, path: str, expected: float, rel: float = 1e-6, number: int = 0) -> None:
        """Wait until the number field of a parameter shows the value `expected`."""
        wait_until(
            lambda: self.value(path, number) == pytest.approx(expected, rel=rel),
            lambda: f"{path} to be {expected:g}; it is {self.value(path, number)}",
        )

    def field(self, path: str, number: int = 0) -> Locator:
        """Return the number field of a parameter."""
        return self.panel_locator(number).locator(f"input[type=number][data-param='{path}']")

    def type_in(self, path: str, text: str, number: int = 0) -> None:
        """Type into a number field and press Enter."""
        before = self.data("sent", number)
        self.field(path, number).fill(text)
        self.field(path, number).press("Enter")
        wait_until(lambda: self.data("sent", number) > before, "the typed value to be sent")

    def position(self, number: int = 0) -> float:
        """Return the playhead in seconds."""
        return float(self.panel_locator(number).get_attribute("data-position") or 0)

    # -- sound --------------------------------------------------------------------------------------------------

    def level(self) -> float:
        """Return the RMS level of the page's sound in dBFS."""
        return float(self.page.evaluate("() => window.audioProbe.level()"))

    def spectrum(self, frames: int = 16) -> tuple[np.ndarray, np.ndarray]:
        """Return frequencies in Hz and the power spectrum of the page's sound in dB, averaged over `frames` frames."""
        rate, bins = self.page.evaluate("frames => window.audioProbe.spectrum(frames)", frames)
        return np.arange(len(bins)) * rate / 2 / len(bins), np.array(bins)

    def wait_for_audio(self, seconds: float) -> None:
        """Wait until the audio clock has advanced by `seconds`."""
        clock = "() => window.audioProbe.clock()"
        end = self.page.evaluate(clock) + seconds
        wait_until(lambda: bool(self.page.evaluate(clock) >= end), f"{seconds:g} s on the audio clock")

    def record(self, during: Callable[[], None]) -> np.ndarray:
        """Record the page's sound while `during` runs; return it without gaps, `(channels, time)`."""
        self.page.evaluate("() => window.audioProbe.start()")
        during()
        channels = self.page.evaluate("() => window.audioProbe.stop()")
        return np.array([np.frombuffer(base64.b64decode(channel), dtype="<f4") for channel in channels])

    def recorded(self) -> float:
        """Return how many seconds have been recorded so far."""
        return float(self.page.evaluate("() => window.audioProbe.recorded() / window.audioProbe.rate()"))

    def record_more(self, seconds: float) -> None:
        """Wait, during a recording, until it is `seconds` longer."""
        goal = self.recorded() + seconds
        wait_until(lambda: self.recorded() >= goal, f"{seconds:g} s of sound")

    def listen(self, seconds: float) -> np.ndarray:
        """Record for `seconds`, `(channels, time)`.

        The recording starts 50 ms late, so that the crossfade after a change made just before is not part of it.
        """
        recording = self.record(lambda: self.record_more(seconds + 0.05))
        rate = self.page.evaluate("() => window.audioProbe.rate()")
        return recording[:, round(0.05 * rate) : round((0.05 + seconds) * rate)]
