"""What may be wrong with a machine, and the sentence that says what to do about it. Pure."""

from __future__ import annotations

import re

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
"""What the pinned packages have wheels for. `local/python.sh` looks for the same."""

OLDEST_NODE = 18
"""The oldest Node on which the pinned Azurite was seen to start."""

ROOM_MB = 1000
"""Megabytes: 240 for packages, 190 for Azurite, 210 for a Node, the rest for what unpacking takes meanwhile."""

NETWORK = (
    "connection broken by",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ENOTFOUND",
    "ETIMEDOUT",
)
CERTIFICATE = (
    "CERTIFICATE_VERIFY_FAILED",
    "SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY",
    "UNABLE_TO_GET_ISSUER",
    "self-signed certificate",
)

SENTENCES = (
    (
        ("No space left on device", "ENOSPC"),
        f"{{what}} failed, the disk is full: make room ({ROOM_MB} MB are needed) and run `make` again.",
    ),
    (
        CERTIFICATE,
        (
            "{what} failed, the certificate of the package index is not trusted here: "
            "name your network's CA file in PIP_CERT and NODE_EXTRA_CA_CERTS."
        ),
    ),
    (
        ("DO NOT MATCH THE HASHES", "EINTEGRITY", "Integrity checksum failed"),
        (
            "{what} failed, the package index sent something else than what is pinned: "
            "run `make` again, and ask whoever runs the index where that does not help."
        ),
    ),
    (
        NETWORK,
        (
            "{what} failed, the package index cannot be reached: "
            "check the network (behind a proxy, set HTTPS_PROXY) and run `make` again."
        ),
    ),
    (
        ("No matching distribution found", "E404", "ETARGET"),
        (
            "{what} failed, the package index has no such package for this machine, or does not answer: "
            "check the network, and which index pip and npm are set to."
        ),
    ),
    (
        ("Permission denied", "EACCES", "EPERM"),
        "{what} failed, something may not be written: see to it that this folder and your package caches are yours.",
    ),
)
"""What the output of pip or npm holds, and the sentence for it. The first that fits counts."""


class InstallError(Exception):
    """Something that the reader can put right: the first line says what to do, the others show what was seen."""


def python_problem(version: tuple[int, int], executable: str, has_venv: bool) -> str | None:
    """Say what is wrong with a Python; None where it will do."""
    major, minor = version
    if not OLDEST_PYTHON <= version <= NEWEST_PYTHON:
        return (
            f"Slipway needs Python 3.11, 3.12 or 3.13, and {executable} is {major}.{minor}: "
            "install one of them, or name yours, as in `make PYTHON=/path/to/python3.12`."
        )
    if not has_venv:
        return (
            f"{executable} cannot make virtual environments: install its venv module "
            f"(Debian and Ubuntu: `sudo apt install python{major}.{minor}-venv`) and run `make` again."
        )
    return None


def room_problem(free_mb: int) -> str | None:
    """Say that the disk is too full; None where there is room."""
    if free_mb < ROOM_MB:
        return f"The disk has {free_mb} MB left and {ROOM_MB} MB are needed: make room and run `make` again."
    return None


def failure(what: str, output: str) -> str:
    """Say in one sentence why `what` (Installing Azurite) failed, from what pip or npm wrote; add its telling line."""
    for signs, sentence in SENTENCES:
        if line := telling_line(signs, output):
            return f"{sentence.format(what=what)}\n    {line}"
    return f"{what} failed:\n    {telling_line(('ERROR: ', 'Error: ', 'npm error '), output) or 'it did not say why'}"


def telling_line(signs: tuple[str, ...], output: str) -> str:
    """Pick the longest line that holds a sign: its end, where the reason stands, without any password. Or nothing."""
    lines = [line.strip() for line in output.splitlines() if any(sign in line for sign in signs)]
    return re.sub(r"//[^/@\s]+@", "//", max(lines, key=len, default=""))[-160:]
