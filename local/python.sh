#!/bin/sh
# Runs the first Python that really runs and that the project supports; the arguments are its arguments.
# Each candidate is executed, because a version manager's shim may be there and yet lead nowhere. PYTHON names another.
# Versions: here, in SUPPORTED of local/install.py, and in the markers of requirements.in.

works='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
complete="import ensurepip, venv; $works"

if [ -n "$PYTHON" ]; then
    "$PYTHON" -c "$works" 2>/dev/null && exec "$PYTHON" "$@"
    echo "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 that runs: name another, or leave PYTHON out." >&2
    exit 1
fi
for check in "$complete" "$works"; do # one without venv only where there is no better: the installer says what it lacks
    for candidate in .venv/bin/python python3 python3.13 python3.12 python3.11 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[123].*/bin/python; do
        "$candidate" -c "$check" 2>/dev/null && exec "$candidate" "$@"
    done
done
echo "No Python 3.11, 3.12 or 3.13 runs here: install one (https://www.python.org/downloads/), or name yours, as in \`make PYTHON=/path/to/python3.12\`." >&2
exit 1
