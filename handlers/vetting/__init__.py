"""What a request has to pass before its first call: its turn, requester, repository, pull request and commit."""
