# fxlab: `make lab` opens the course, `make test` runs every test. The other targets are for contributors (CONTRIBUTING.md).
#
# What a target needs is installed once into .venv/ and recorded by a stamp file there; a change of pyproject.toml
# updates it. On Windows, use the pip commands at the top of README.md instead.

PYTHON   ?= python3
VENV     := .venv
BIN      := $(VENV)/bin
NOTEBOOK := notebooks/01-first-filter.ipynb
BROWSER  := fxlab/browser
NPM      := npm --prefix $(BROWSER)
# No test uses these plug-ins, and they add to the time of every test. That for log records adds most.
UNUSED   := -p no:logging -p no:benchmark -p no:anyio
PYTEST   := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder $(UNUSED)
PYTEST_ARGS ?=
LAB_ARGS ?=

# JupyterLab refuses to start as root (in a container, for example) unless it is told to.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# The front-end tools need Node 20 or newer; an older one is ignored.
NODE    := $(shell node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null && command -v npm)
# pip's progress bar is useful on a terminal and clutters a log.
QUIET   := $(if $(CI),--quiet)

# Tests start many processes, which would compile fxlab each time if Python were not allowed to cache its bytecode.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help lab test check bench docs lint lint-python lint-notebooks lint-browser bundle format hooks dist clean

help:
	@echo "make lab     JupyterLab on the first notebook   (LAB_ARGS=\"--no-browser --port=8890\")"
	@echo "make test    every test, Python and browser      (PYTEST_ARGS=\"-k biquad\")"
	@echo "make check   the fast tests: no browser, no notebooks, no slow properties"
	@echo "make bench   the benchmarks, as ratios, into docs/benchmarks.md"
	@echo "make docs    the documentation, into docs/_build/html"
	@echo "make lint    ruff, mypy, import-linter, biome, tsc, the committed bundle and notebooks"
	@echo "make format  fix what the linters can fix by themselves"
	@echo "make hooks   run the linters before every commit"
	@echo "make dist    wheel and source distribution, into dist/"
	@echo "make clean   remove everything that these targets made"

# -- set-up -----------------------------------------------------------------------------------------------------

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "fxlab needs Python 3.11 or newer, and '$(PYTHON)' was not found. Install it, or name another one:"; \
	  echo "    make lab PYTHON=/path/to/python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "fxlab needs Python 3.11 or newer; '$(PYTHON)' is $$("$(PYTHON)" -V 2>&1). Name a newer one:"; \
	  echo "    make lab PYTHON=python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot create a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

# Editable, so that notebooks and tests use this checkout. Each extra has a stamp.
$(VENV)/.has-%: pyproject.toml | $(BIN)/python
	@echo "Installing fxlab[$*] into $(VENV)/ (once; PyTorch is a large download) …"
	$(BIN)/python -m pip install $(QUIET) --editable ".[$*]"
	@touch $@

# npm writes this file last. If it is newer than the lock file, the installed packages are the locked ones.
$(BROWSER)/node_modules/.package-lock.json: $(BROWSER)/package.json $(BROWSER)/package-lock.json
	$(NPM) ci --no-audit --no-fund
	@touch $@

# -- for everybody ----------------------------------------------------------------------------------------------

lab: $(VENV)/.has-lab
	$(BIN)/python -m jupyterlab --LabApp.default_url=/lab/tree/$(notdir $(NOTEBOOK)) $(NOTEBOOK) $(AS_ROOT) $(LAB_ARGS)

# One of the three workers runs the browser tests, which wait most of the time; the other two keep two cores busy meanwhile.
# Python's tests come last, so that their summary is the last line; a failure of the front-end's tests is reported after it.
test: $(VENV)/.has-test $(if $(NODE),$(BROWSER)/node_modules/.package-lock.json)
	@status=0; \
	if [ -n "$(NODE)" ]; then $(NPM) test || status=1; \
	elif [ "$$CI" = true ]; then echo "npm with Node 20 or newer was not found, and CI=true: the front-end's tests must run."; exit 1; \
	else echo "npm with Node 20 or newer was not found: the front-end's unit tests are skipped. Everything else runs."; fi; \
	front=$$status; \
	$(PYTEST) -n 3 $(PYTEST_ARGS) || status=1; \
	[ $$front -eq 0 ] || echo "The front-end's unit tests FAILED; see above."; \
	exit $$status

# -- for contributors -------------------------------------------------------------------------------------------

# Large files run first. The plug-in for notebooks takes two seconds to import.
check: $(VENV)/.has-test
	$(PYTEST) -n 2 --loadscope-reorder fxlab tests -m "not slow and not browser" -p no:nbval \
	  -o addopts="-ra --strict-markers --strict-config --import-mode=importlib --doctest-modules" \
	  --ignore=tests/browser --ignore=tests/notebooks --ignore=tests/packaging $(PYTEST_ARGS)

bench: $(VENV)/.has-bench
	$(BIN)/python -m benchmarks $(PARTS)

docs: $(VENV)/.has-docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

lint: lint-python lint-notebooks lint-browser bundle

lint-python: $(VENV)/.has-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-notebooks: | $(BIN)/python
	$(BIN)/python .ci/notebooks.py --check notebooks/*.ipynb

lint-browser: $(BROWSER)/node_modules/.package-lock.json
	$(NPM) run check

# The panel's JavaScript is built and committed, so that users of fxlab need no Node.
bundle: $(BROWSER)/node_modules/.package-lock.json
	$(NPM) run verify

format: $(VENV)/.has-dev $(BROWSER)/node_modules/.package-lock.json
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python .ci/notebooks.py notebooks/*.ipynb
	$(NPM) run format

hooks: $(VENV)/.has-dev $(BROWSER)/node_modules/.package-lock.json
	$(BIN)/pre-commit install

dist: $(VENV)/.has-test
	$(BIN)/python -m build --outdir dist .

clean:
	rm -rf $(VENV) $(BROWSER)/node_modules dist build docs/_build docs/api/generated docs/notebooks jupyter_execute
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis .benchmarks .import_linter_cache
