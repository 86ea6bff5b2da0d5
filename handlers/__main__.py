"""`python -m handlers`: the coming nights, whether everything is set up, the audit trail, and what the rules say."""

import os
import sys

from handlers.cli.arguments import run


def main() -> int:
    """Run it; return the exit code."""
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has enough: `python -m handlers audit | head`. What is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
