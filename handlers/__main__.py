"""`python -m handlers`: the coming nights, and whether everything is set up."""

import sys

from handlers.cli.arguments import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
