"""`python -m surefit` is the `surefit` command."""

import sys

from surefit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
