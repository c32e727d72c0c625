"""The render thread: it sets values, runs the module, and sends the result.

The entry point is `worker.py`: `fxlab.panel.session.Session` posts requests to its `Worker`. The worker is a
`RenderThread` that takes its work from a `Mailbox`, computes audio and curves with a `Renderer`, and sends them with
`fxlab.panel.streaming`.

- `render_thread.py`, `mailbox.py`  the thread, and its queue of work
- `renderer.py`, `full_render.py`   windows of the output and all curves; the complete output, block by block
- `measured_sound.py`               the base class of `Renderer`: the input, and the spectra of input and output
- `continued_render.py`, `checkpoints.py`  an earlier render, continued with new values until the new render is complete
- `render_source.py`                the modules and the sound of a render, and whether they have changed
- `value_changes.py`                sets the values of a request, all or none
- `moments.py`                      modules whose parameters move, at moments of the sound
- `sounding_part.py`                the part of a module whose output is a sound
- `request.py`                      a request of a page, and a render that is not completely sent
- `loudness_match.py`               the gain that matches the loudness of the output to the input
- `output_check.py`, `render_error.py`  the check of an output, and the error of a failed render
- `progress.py`, `memory.py`        progress reports, and the release of freed memory
"""
