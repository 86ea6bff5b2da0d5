"""Tests of the demo, of `make serve` and of the stack that they share."""
