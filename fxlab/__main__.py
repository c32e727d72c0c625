"""The entry point of `python -m fxlab`, which does the same as the command `fxlab`."""

import sys

from fxlab.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
