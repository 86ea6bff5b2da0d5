"""Signatures: what proves a delivery and what does not."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.sources.signatures import is_signed, sign, usable

SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_the_published_vector_is_reproduced() -> None:
    """GitHub's documentation gives this secret, this body and this signature."""
    assert sign(SECRET, BODY) == SIGNATURE


def test_the_published_vector_proves() -> None:
    """And it is accepted."""
    assert is_signed(SIGNATURE, BODY, [SECRET])


@pytest.mark.parametrize("secrets", [["old", SECRET], [SECRET, "new"]], ids=["second", "first"])
def test_any_active_secret_proves(secrets: list[str]) -> None:
    """While one secret is replaced by another, both are accepted."""
    assert is_signed(SIGNATURE, BODY, secrets)


def test_every_secret_is_compared_even_after_a_match(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long it takes does not tell which secret matched."""
    compared: list[bytes] = []
    compare_digest = hmac.compare_digest

    def compare(ours: bytes, given: bytes) -> bool:
        compared.append(ours)
        return compare_digest(ours, given)

    monkeypatch.setattr("handlers.sources.signatures.hmac.compare_digest", compare)
    assert is_signed(SIGNATURE, BODY, [SECRET, "a", "b"])
    assert len(compared) == 3


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        SIGNATURE.removeprefix("sha256="),
        SIGNATURE.upper(),
        "sha256=" + SIGNATURE.removeprefix("sha256=").upper(),
        SIGNATURE[:-1],
        SIGNATURE + "0",
        f" {SIGNATURE}",
        f"{SIGNATURE}, {SIGNATURE}",
        "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest(),
        "sha256=\u0437" + "0" * 63,
        "sha256=\udcff" + "0" * 63,
        "sha256=" + "\0" * 64,
    ],
    ids=[
        "absent",
        "empty",
        "no digest",
        "no scheme",
        "upper case",
        "upper-case digest",
        "one digit short",
        "one digit long",
        "a blank before",
        "twice",
        "sha1",
        "not ascii",
        "lone surrogate",
        "nul",
    ],
)
def test_anything_else_is_just_wrong(header: str | None) -> None:
    """Odd headers are refused and never raise."""
    assert not is_signed(header, BODY, [SECRET])


@given(body=st.binary(min_size=1, max_size=200), data=st.data())
@settings(max_examples=300)
def test_one_flipped_bit_of_the_body_breaks_the_proof(body: bytes, data: st.DataObject) -> None:
    """The signature is over every bit."""
    bit = data.draw(st.integers(0, 8 * len(body) - 1))
    flipped = bytearray(body)
    flipped[bit // 8] ^= 1 << (bit % 8)
    assert not is_signed(sign(SECRET, body), bytes(flipped), [SECRET])


@given(bit=st.integers(0, 8 * len(SIGNATURE) - 1))
@settings(max_examples=300)
def test_one_flipped_bit_of_the_header_breaks_the_proof(bit: int) -> None:
    """No two headers prove the same body."""
    flipped = bytearray(SIGNATURE.encode())
    flipped[bit // 8] ^= 1 << (bit % 8)
    assert not is_signed(flipped.decode("latin-1"), BODY, [SECRET])


@given(header=st.text(st.characters(codec=None), max_size=80))
@settings(max_examples=300)
def test_no_header_raises(header: str) -> None:
    """Whatever text a host makes of a header, the answer is no."""
    assert not is_signed(header, BODY, [SECRET])


@pytest.mark.parametrize("blank", ["", " ", "\t\n"], ids=["empty", "blank", "white space"])
def test_a_blank_secret_is_none(blank: str) -> None:
    """A setting that was forgotten must not become a secret that everybody knows."""
    assert usable([blank, "real"]) == ("real",)


def test_without_secrets_nothing_is_proved() -> None:
    """Not even a signature by an empty secret."""
    assert not is_signed(sign("", BODY), BODY, [])
