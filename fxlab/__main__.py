"""`python -m fxlab`: the same as the command `fxlab`."""

import sys

from fxlab.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
