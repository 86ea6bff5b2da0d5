#!/bin/sh
# Runs every check, also after one has failed; quiet about those that pass. `make check` calls it after the install.

failed=
check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        printf '  %-14s ok\n' "$name"
    else
        printf '  %-14s failed\n%s\n\n' "$name" "$output"
        failed="$failed $name"
    fi
}

check "ruff check" .venv/bin/ruff check --quiet .
check "ruff format" .venv/bin/ruff format --check --quiet --diff .
check "mypy" .venv/bin/mypy
check "lint-imports" .venv/bin/lint-imports

[ -z "$failed" ] || { echo "Failed:$failed" >&2; exit 1; }
