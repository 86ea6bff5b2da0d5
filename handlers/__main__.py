"""`python -m handlers`: the coming nights, whether everything is set up, and the audit trail."""

import sys

from handlers.cli.arguments import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
