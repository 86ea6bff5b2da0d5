"""What GitHub answers where waiting does not help; the rest is `handlers.errors.Unavailable`."""

from datetime import timedelta

from handlers.errors import SlipwayError, Unavailable

REFUSAL_PATIENCE = timedelta(minutes=5)
"""Our choice: the wait where GitHub does not let us in, which the owner can put right meanwhile."""

UNAUTHORIZED = 401
"""How GitHub answers where it does not know the token, or not any more."""


class GitHubRefused(SlipwayError):
    """GitHub said no (4xx, or a 2xx that did nothing). The text says to what, why, and what to check."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        """HTTP status of the answer; 0 where we did not even ask, for want of a token."""
        self.reason = reason


def wait_for_a_token(refused: GitHubRefused) -> None:
    """Raise Unavailable where the token does not work, which the owner can put right; any other refusal stays one."""
    if refused.status == UNAUTHORIZED:
        raise Unavailable(refused.reason, REFUSAL_PATIENCE) from refused
