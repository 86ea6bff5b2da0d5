"""What a developer's machine needs and Azure does not."""
