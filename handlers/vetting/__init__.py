"""What a request has to pass before its first call: turn, approvals, requester, repository, pull request and commit."""
