"""The tests. A folder for each package; `make test` runs them all."""
