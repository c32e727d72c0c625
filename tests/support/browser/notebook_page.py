"""Driving a notebook as a person does: open it, run it, move its sliders, listen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from playwright.sync_api import Browser, Error, Locator, Page, ViewportSize

from tests.support.browser.server import Jupyter, wait_until

AUDIO_PROBE = (Path(__file__).parent / "audio_probe.js").read_text()
SIZE: ViewportSize = {"width": 1400, "height": 1000}


class Laboratory:
    """One browser page whose audio is recorded."""

    def __init__(self, browser: Browser, jupyter: Jupyter, **options: Any) -> None:
        self.jupyter = jupyter
        self.origin = jupyter.url
        self.workspace = uuid4().hex[:8]
        self.context = browser.new_context(viewport=SIZE, **options)
        self.context.add_init_script(AUDIO_PROBE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", self._complain)
        self.names: list[str] = []
        """The notebooks that were opened in it."""
        self.empty = False
        """Whether the page is a JupyterLab in which no notebook is open, with a kernel in which nothing is left."""

    def close(self) -> None:
        self.context.close()
        self.jupyter.end_kernels(self.names)

    def leave(self) -> None:
        """Close every notebook and panel and empty the kernel, so that the next test finds both as if just opened."""
        self.tell(EMPTY)
        wait_until(lambda: self.threads() == 0, 20, "the render threads to end with their panels")
        self.page.evaluate(CLOSE)
        self.page.wait_for_function("() => window.audioProbe.forget() === 0", timeout=10_000)
        self.context.clear_permissions()
        self.page.set_viewport_size(SIZE)
        self.page.mouse.move(0, 0)
        self.complaints.clear()
        self.empty = True

    def _complain(self, error: Error) -> None:
        # A widget's code comes from a blob; what Jupyter's own code has to complain of is not ours to mend.
        if "blob:" in (error.stack or ""):
            self.complaints.append(f"{error.message}\n{error.stack}")

    # -- notebooks ----------------------------------------------------------------------------------------------

    def open(self, *cells: str, app: str = "lab", kernel: str = "python3") -> str:
        """Open a notebook of these cells, in JupyterLab or with `app="notebooks"` in Notebook 7, and run them all."""
        name = self.jupyter.write(*cells, kernel=kernel)
        self.visit(name, app)
        self.run_all()
        return name

    def visit(self, name: str, app: str = "lab") -> None:
        # A workspace of its own, or JupyterLab brings back the tabs of another page.
        place = f"{self.origin}/lab/workspaces/{self.workspace}/tree" if app == "lab" else f"{self.origin}/{app}"
        if self.empty and app == "lab":  # to load JupyterLab and PyTorch anew would take six seconds
            self.jupyter.hand_over_kernel(self.names[-1], name)
            self.command("docmanager:open", path=name)
        else:
            self.page.goto(f"{place}/{name}")
        self.names.append(name)
        self.empty = False
        self.ready()

    def ready(self) -> None:
        """Wait until the notebook is drawn and its kernel answers."""
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        self.page.wait_for_function("() => window.jupyterapp !== undefined", timeout=60_000)
        self.page.wait_for_function(IDLE, timeout=60_000)

    def run_all(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def command(self, name: str, **arguments: Any) -> None:
        self.page.evaluate("([name, given]) => window.jupyterapp.commands.execute(name, given)", [name, arguments])

    def select(self, cell: int) -> None:
        """Make a cell the active one, in command mode."""
        self.page.evaluate(SELECT, cell)

    def run_cell(self, cell: int) -> None:
        self.select(cell)
        self.command("notebook:run-cell")

    def ask(self, expression: str) -> Any:
        """Evaluate a Python expression in the notebook's kernel; its value comes back through JSON."""
        code = f"import json as _json; print('answer:' + _json.dumps({expression}))"
        return json.loads(self.page.evaluate(ASK, [code, self.names[-1]]))

    def tell(self, code: str) -> None:
        """Run Python code in the notebook's kernel."""
        self.page.evaluate(ASK, [code + "\nprint('answer:null')", self.names[-1]])

    def threads(self) -> int:
        """How many render threads the kernel has."""
        names = "[thread.name for thread in __import__('threading').enumerate()]"
        return sum(name.startswith("fxlab") for name in self.ask(names))

    def start(self, code: str) -> None:
        """Set Python code going in the notebook's kernel, as a cell that takes long would be."""
        self.page.evaluate(START, code)

    # -- panels -------------------------------------------------------------------------------------------------

    def panel(self, number: int = 0, state: str = "idle") -> Locator:
        """The panel, once it has reached `state`."""
        found = self.page.locator(".fxlab-panel").nth(number)

        def outputs() -> str:
            return (
                f"panel {number} to be {state}; the page says {self.page.locator('.jp-OutputArea').all_inner_texts()}"
            )

        wait_until(lambda: found.is_visible() and found.get_attribute("data-state") == state, 60, outputs)
        return found

    def panel_now(self, number: int = 0) -> Locator:
        """The panel, whatever its state."""
        return self.page.locator(".fxlab-panel").nth(number)

    def play(self, number: int = 0) -> None:
        """Press play, and wait until something is heard."""
        self.panel(number).locator("[data-action=play]").click()
        wait_until(lambda: self.level() > -90, 15, "sound to come out of the page")

    def slider(self, path: str, number: int = 0) -> Locator:
        return self.page.locator(".fxlab-panel").nth(number).locator(f"input[type=range][data-param='{path}']")

    def slide(self, path: str, position: float, number: int = 0) -> int:
        """Put a slider where a hand would, and return the sequence number that went out."""
        before = self.data("sent", number)
        self.slider(path, number).evaluate(
            "(element, value) => { element.value = value; element.dispatchEvent(new Event('input', {bubbles: true})) }",
            position,
        )
        wait_until(lambda: self.data("sent", number) > before, 5, "the move to be sent")
        return self.data("sent", number)

    def data(self, name: str, number: int = 0) -> int:
        text = self.page.locator(".fxlab-panel").nth(number).get_attribute(f"data-{name}")
        return int(text or 0)

    def swap(self, seq: int, number: int = 0) -> None:
        """Wait until a render is heard, be it that only its first piece is there yet."""
        wait_until(lambda: self.data("playing", number) == seq, 20, f"render {seq} to be heard")

    def settle(self, number: int = 0) -> None:
        """Wait until what was sent last is what plays, and is there from end to end."""
        panel = self.page.locator(".fxlab-panel").nth(number)

        def settled() -> bool:
            now = self.data("playing", number) == self.data("sent", number)
            return now and panel.get_attribute("data-state") == "idle"

        wait_until(settled, 20, "the last values to be playing")

    def value(self, path: str, number: int = 0) -> float:
        """What a number field shows."""
        return float(self.field(path, number).input_value())

    def field(self, path: str, number: int = 0) -> Locator:
        return self.page.locator(".fxlab-panel").nth(number).locator(f"input[type=number][data-param='{path}']")

    def type_in(self, path: str, text: str, number: int = 0) -> None:
        """Type into a number field and press Enter."""
        before = self.data("sent", number)
        self.field(path, number).fill(text)
        self.field(path, number).press("Enter")
        wait_until(lambda: self.data("sent", number) > before, 5, "what was typed to be sent")

    def position(self, number: int = 0) -> float:
        """The playhead in seconds."""
        return float(self.page.locator(".fxlab-panel").nth(number).get_attribute("data-position") or 0)

    # -- listening ----------------------------------------------------------------------------------------------

    def level(self) -> float:
        """The RMS of what plays now, in dBFS."""
        return float(self.page.evaluate("() => window.audioProbe.level()"))

    def spectrum(self, frames: int = 16) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies and the mean level in dB of what plays, over some looks at it."""
        rate, bins = self.page.evaluate("frames => window.audioProbe.spectrum(frames)", frames)
        return np.arange(len(bins)) * rate / 2 / len(bins), np.array(bins)

    def record(self, during: Callable[[], None]) -> np.ndarray:
        """Everything that the page plays while `during` runs, `(channels, time)`, without a hole."""
        self.page.evaluate("() => window.audioProbe.start()")
        during()
        channels = self.page.evaluate("() => window.audioProbe.stop()")
        return np.array([np.frombuffer(bytes.fromhex(channel), dtype="<f4") for channel in channels])

    def recorded(self) -> float:
        """How many seconds the recorder holds."""
        return float(self.page.evaluate("() => window.audioProbe.recorded() / window.audioProbe.rate()"))

    def more(self, seconds: float) -> None:
        """While recording: wait until that much more is there."""
        goal = self.recorded() + seconds
        wait_until(lambda: self.recorded() >= goal, 60, f"{seconds:g} s of sound")

    def listen(self, seconds: float) -> np.ndarray:
        """The next seconds of what the page plays, `(channels, time)`; a change made before has faded in."""
        heard = self.record(lambda: self.more(seconds + 0.05))
        rate = self.page.evaluate("() => window.audioProbe.rate()")
        return heard[:, round(0.05 * rate) : round((0.05 + seconds) * rate)]


IDLE = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === 'idle';
}"""

EMPTY = """__import__('ipywidgets').Widget.close_all()
get_ipython().reset(new_session=False)
__import__('gc').collect()"""

CLOSE = """() => {
  delete window.askedKernel;
  for (const document of [...window.jupyterapp.shell.widgets('main')]) document.dispose();
}"""

SELECT = """cell => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.deselectAll();
  content.mode = 'command';
  content.activeCellIndex = cell;
}"""

START = """code => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.requestExecute({ code, store_history: false });
}"""

ASK = """async ([code, name]) => {
  const { shell, serviceManager } = window.jupyterapp;
  let kernel = shell.currentWidget?.sessionContext?.session?.kernel;
  if (!kernel) {
    // The notebook is closed, its kernel goes on.
    await serviceManager.sessions.refreshRunning();
    const { kernel: model } = [...serviceManager.sessions.running()].find(session => session.path === name);
    window.askedKernel ??= serviceManager.kernels.connectTo({ model });
    kernel = window.askedKernel;
  }
  const future = kernel.requestExecute({ code, store_history: false, silent: false });
  let text = '', error = '';
  future.onIOPub = message => {
    if (message.header.msg_type === 'stream') text += message.content.text;
    if (message.header.msg_type === 'error') error = message.content.evalue;
  };
  await future.done;
  if (error) throw new Error(error);
  return text.split('answer:')[1];
}"""
