"""What can be asked for on a command line: `python -m handlers schedule`, `python -m handlers check`."""
