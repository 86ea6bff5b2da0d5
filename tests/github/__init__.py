"""GitHub: its deliveries, its API, packages out of its releases, and what it is shown."""
