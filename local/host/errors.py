"""What the host raises on purpose."""


class StartError(Exception):
    """The host cannot start as it is told to, or cannot go on.

    The text is one sentence for a developer and holds no value of a setting; exit code 1 follows.
    """


class OutputFailed(Exception):
    """A value that a function put out could not be delivered, so the invocation counts as failed."""
