"""What is inside a release's assets: given bytes, or any number of generated ones that are never in memory at once."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

BLOCK = 1024 * 1024
"""Bytes that are generated at a time."""


@dataclass(frozen=True)
class Given:
    """Bytes as somebody uploaded them."""

    data: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    def blocks(self) -> Iterator[bytes]:
        """Yield the content."""
        for start in range(0, len(self.data), BLOCK):
            yield self.data[start : start + BLOCK]


@dataclass(frozen=True)
class Generated:
    """Bytes that look random and are the same for the same seed."""

    size: int
    seed: int = 0

    def blocks(self) -> Iterator[bytes]:
        """Yield the content. Every block differs from the others by its number, so that none can stand for another."""
        noise = random.Random(self.seed).randbytes(BLOCK)  # noqa: S311 - a filling, no secret
        for start in range(0, self.size, BLOCK):
            yield ((start // BLOCK).to_bytes(8, "big") + noise[8:])[: self.size - start]


Content = Given | Generated


@lru_cache(maxsize=64)
def sha256_of(content: Content) -> str:
    """Return the hex digest, without holding the content."""
    digest = hashlib.sha256()
    for block in content.blocks():
        digest.update(block)
    return digest.hexdigest()
