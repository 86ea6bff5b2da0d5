"""Lines of fixed width for any chat. Pure."""

import unicodedata


def lines_of(text: str) -> list[str]:
    """Take a text apart into its lines, without what cannot be seen: controls, and what turns the direction of text."""
    return [
        "".join(character for character in line if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"})
        for line in text.splitlines()
    ]
