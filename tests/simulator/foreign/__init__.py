"""Clients of the Service Management API that nobody here wrote."""
