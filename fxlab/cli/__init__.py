"""The command `fxlab`, also `python -m fxlab`: `main.py` reads the arguments and calls a subcommand.

- `apply.py`         `fxlab apply`: runs a chain on files, by `apply_to_files`
- `info.py`          `fxlab info`: format, length, level and loudness of files
- `spectrogram.py`   `fxlab spectrogram`: the card of a file as a PNG
- `page.py`          `fxlab page`: saves the panels of a Python script as pages that work without a kernel
- `lab.py`           `fxlab lab`: copies the course (`course_copy.py`) and opens JupyterLab
- `new_lecture.py`   `fxlab new-lecture`: a notebook to fill in (`lecture_template.py`)
- `doctor.py`        `fxlab doctor`: what is installed, what is missing, and how to fix it
- `subcommand.py`    `add_subcommand`: a subcommand whose help ends with examples

Each subcommand has `add(commands)`, which declares its arguments, and `run(arguments)`, which returns the exit code.
"""
