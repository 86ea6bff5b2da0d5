"""Slipway: events become deployments, and every outcome is told."""
