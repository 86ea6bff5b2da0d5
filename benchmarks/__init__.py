"""Measurements, side by side in one run: `make bench`. None of them is a test."""
