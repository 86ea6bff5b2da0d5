"""Reads XML that somebody else wrote, without believing any of it.

One way in, `parse`. It opens no file and no socket, expands nothing and ends quickly: no document type, UTF-8 or UTF-16
only, bounded size and depth. Whatever is wrong is a `Malformed`.
"""

import re

from lxml import etree

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes. Our choice; the longest recorded answer has 33 thousand."""

DEPTH_LIMIT = 64
"""Nested elements. Our choice; recorded answers have at most 10."""

_DECLARED = re.compile(r"""\A<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")


class Malformed(ValueError):
    """The bytes are not XML, or XML of a kind that nobody should read."""


def parse(data: bytes) -> etree._Element:
    """Parse a document and return its root. Raises Malformed for every input that is not plain, small XML."""
    if len(data) > SIZE_LIMIT:
        raise Malformed(f"it is larger than {SIZE_LIMIT} bytes")
    text = _decoded(data)
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise Malformed("it has a document type")
    declared = _DECLARED.search(text)
    body = text[declared.end() :].partition("?>")[2] if declared else text
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(body.lstrip().encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        raise Malformed("it is not well formed") from error
    if root is None:
        raise Malformed("it is empty")
    _check_depth(root)
    return root


def _decoded(data: bytes) -> str:
    """Decode by byte order mark, else as UTF-8; a declaration that says otherwise is not believed but refused."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Malformed(f"it is not {encoding}") from error
    declared = _DECLARED.search(text)
    allowed = {"utf-16"} if encoding == "utf-16" else {"utf-8", "us-ascii"}
    if declared and declared.group(1).lower() not in allowed:
        raise Malformed("it declares another encoding than it has")
    return text


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH_LIMIT:
            raise Malformed(f"it is nested more than {DEPTH_LIMIT} deep")
