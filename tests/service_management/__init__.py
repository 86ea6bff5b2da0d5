"""Tests of the Service Management client."""
