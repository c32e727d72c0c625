"""The size of a notebook with ten panels, saved with the state of its widgets, which makes the file larger."""

import nbformat
from nbclient import NotebookClient

MODULES = (
    "fx.LowPass(1000.0)",
    "fx.HighPass(90.0) | fx.Peak(800.0, gain_db=6.0) | fx.Butterworth(6000.0)",
    "fx.GraphicEQ(31 * [3.0])",
    "fx.ParametricEQ(bands=5)",
    "fx.WindowedSinc(3000.0, taps=301)",
    "fx.FIR(torch.hann_window(5000))",
    "fx.FixedPoint(fx.LowPass(1000.0), bits=8)",
    "fx.Crossover((200.0, 2000.0))",
    "fx.Elliptic((300.0, 3400.0), kind='bandpass', order=8)",
    "fx.Ladder(800.0)",
)


def test_a_notebook_with_ten_panels_is_small():
    first = "import torch, fxlab as fx\nsound = fx.noise(duration=60.0, seed=1)"
    cells = [nbformat.v4.new_code_cell(text) for text in (first, *(f"({module}).panel(sound)" for module in MODULES))]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=600, kernel_name="python3", store_widget_state=True).execute()
    shown = [output.data for cell in notebook.cells for output in cell.outputs if "data" in output]
    assert len(shown) == 10
    assert all("image/png" in data and data["text/plain"].startswith("Panel(") for data in shown)
    size = len(nbformat.writes(notebook).encode())
    print(size, "bytes")
    assert size <= 600_000, f"{size} bytes"
