"""Reading XML of others: what is let through, what is not, and why."""

import pytest

from handlers.service_management import safe_xml

REFUSED = {
    "a document type": (b"<!DOCTYPE x><x/>", "document type"),
    "one in lower case": (b"<!doctype x><x/>", "document type"),
    "one in UTF-16": ("<!DOCTYPE x><x/>".encode("utf-16"), "document type"),
    "65 deep": (b"<a>" * 65 + b"</a>" * 65, "nested more than 64"),
    "a byte too long": (b"<a>" + b" " * (safe_xml.SIZE_LIMIT - 6) + b"</a>", "larger"),
    "latin-1": (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe4</a>", "not utf-8"),
    "declared latin-1": (b"<?xml version='1.0' encoding='iso-8859-1'?><a/>", "another encoding"),
    "declared UTF-16": (b"<?xml version='1.0' encoding='utf-16'?><a/>", "another encoding"),
    "half a UTF-16": (b"\xff\xfe<", "not utf-16"),
    "an unknown entity": (b"<a>&b;</a>", "well formed"),
    "two roots": (b"<a/><b/>", "well formed"),
    "nothing": (b"", "well formed"),
    "a comment alone": (b"<!-- a -->", "well formed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_nobody_should_read_is_malformed(case: str) -> None:
    """With its reason."""
    data, reason = REFUSED[case]
    with pytest.raises(safe_xml.Malformed, match=reason):
        safe_xml.parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<a>x</a>",
        b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\r\n<a>x</a>\n",
        "<?xml version='1.0' encoding='UTF-16'?><a>x</a>".encode("utf-16"),
        b"<?xml version='1.0'?><!-- b --><a>x<!-- c --></a>",
        b"<a>&#120;</a>",
        b"<a><![CDATA[x]]></a>",
    ],
    ids=["plain", "marked and declared", "UTF-16", "comments", "a reference", "CDATA"],
)
def test_plain_xml_is_read(data: bytes) -> None:
    """However it is written."""
    root = safe_xml.parse(data)
    assert (root.tag, root.text) == ("a", "x")


def test_the_limits_themselves_are_allowed() -> None:
    """64 deep, 4 MiB long."""
    safe_xml.parse(b"<a>" * 64 + b"</a>" * 64)
    safe_xml.parse(b"<a>" + b" " * (safe_xml.SIZE_LIMIT - 7) + b"</a>")
