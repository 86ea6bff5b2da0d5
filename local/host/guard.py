"""Running code that nobody here wrote: whatever it raises becomes a value."""

from types import TracebackType
from typing import Self


class Guard:
    """Keeps what the block raises in `error`: any Exception, and SystemExit. Interruptions pass."""

    error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return isinstance(error, (Exception, SystemExit))
