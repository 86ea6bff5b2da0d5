"""What a request has to pass before its first call: its turn, its requester, its pull request and its commit."""
