"""Durations, written for people."""

from datetime import timedelta


def in_words(duration: timedelta) -> str:
    """Write a duration in its largest unit and the next one: `42 s`, `3 min 5 s`, `2 h`, `12 d 4 h`."""
    seconds = max(round(duration.total_seconds()), 0)
    counts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    largest = next((index for index, (count, _) in enumerate(counts) if count), len(counts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in counts[largest : largest + 2] if count) or "0 s"
