"""What there is to tell of a request: a report from its row, and which versions it has put out of its environment."""
