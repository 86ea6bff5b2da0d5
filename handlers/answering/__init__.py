"""What a command that calls nothing in Azure does: locks, consent, overrides of nights, and tables to read."""
