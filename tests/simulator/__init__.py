"""The simulator of the Service Management API."""
