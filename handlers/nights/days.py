"""Days of the week as people write them: `mon-fri`, `fri-mon`, `mon,wed,fri-sun`."""

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""By weekday, Monday is 0."""

Days = frozenset[int]
"""Weekdays, Monday is 0."""


def read_days(text: str) -> Days:
    """Read a list of days and ranges; a range may go over the week's end. Raises ValueError."""
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if first not in NAMES or (dash and last not in NAMES):
            raise ValueError(part)
        start = NAMES.index(first)
        length = (NAMES.index(last) - start) % 7 + 1 if dash else 1
        found.update((start + offset) % 7 for offset in range(length))
    return frozenset(found)


def say_days(days: Days) -> str:
    """Write days in the words that are read as them again, the longest ranges first found from Monday on."""
    if len(days) == len(NAMES):
        return "mon-sun"
    starts = [day for day in sorted(days) if (day - 1) % 7 not in days]
    parts = []
    for start in starts:
        last = start
        while (last + 1) % 7 in days:
            last = (last + 1) % 7
        parts.append(NAMES[start] if start == last else f"{NAMES[start]}-{NAMES[last]}")
    return ",".join(parts)
