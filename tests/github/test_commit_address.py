"""Where the package of a commit lies."""

import pytest

from handlers.errors import PackageUnusable
from handlers.model import Commit
from handlers.stores.commit_address import fill, shown

SHA = "0123456789abcdef0123456789abcdef01234567"


def commit(branch: str = "main", repository: str = "octo/shop") -> Commit:
    """Return a commit."""
    return Commit(repository=repository, repository_id=1, sha=SHA, branch=branch, url="https://github.com/")


@pytest.mark.parametrize(
    ("template", "branch", "url"),
    [
        ("https://a.blob.example/c/{repository}/{sha}/app.cspkg", "main", f"https://a.blob.example/c/octo/shop/{SHA}/app.cspkg"),
        ("https://a.example/c/{sha}-{sha}.cspkg", "main", f"https://a.example/c/{SHA}-{SHA}.cspkg"),
        ("https://a.example/{branch}/x", "feature/pay now", "https://a.example/feature%2Fpay%20now/x"),
        ("https://a.example/{branch}/x", "a?sig=b#c%2f\\@{sha}", "https://a.example/a%3Fsig%3Db%23c%252f%5C%40%7Bsha%7D/x"),
        ("https://a.example/plain", "", "https://a.example/plain"),
        ("http://127.0.0.1:10000/devstoreaccount1/c/{sha}", "main", f"http://127.0.0.1:10000/devstoreaccount1/c/{SHA}"),
        ("http://localhost/c/{sha}", "main", f"http://localhost/c/{SHA}"),
    ],
    ids=["all of it", "twice", "slash and blank", "hostile", "no placeholder", "this machine", "localhost"],
)  # fmt: skip
def test_an_address_is_filled_in(template: str, branch: str, url: str) -> None:
    """Values are quoted; nothing in them becomes a part of the address."""
    assert fill(template, commit(branch)) == url


@pytest.mark.parametrize(
    ("template", "branch", "words"),
    [
        ("https://a.example/{tag}/x", "main", "may have {repository}, {branch} and {sha}"),
        ("https://a.example/{}/x", "main", "may have {repository}"),
        ("https://{branch}.example/x", "main", "behind the host"),
        ("https://a.example/{branch}/x", "", f"{SHA[:7]} has no branch"),
        ("http://a.example/{sha}", "main", "must begin with https"),
        ("ftp://a.example/{sha}", "main", "must begin with https"),
        ("https:///{sha}", "main", "must begin with https"),
        ("https://user@a.example/{sha}", "main", "must begin with https"),
        ("https://a.example/{branch}/x", "..", r"must not have \. or \.\."),
        ("https://a.example/c/../{sha}", "main", r"must not have \. or \.\."),
    ],
    ids=["unknown", "nameless", "in the host", "no branch", "plain", "ftp", "no host", "user", "dots", "dots before"],
)
def test_an_address_that_is_none_ends_the_request(template: str, branch: str, words: str) -> None:
    """Waiting changes nothing about it."""
    with pytest.raises(PackageUnusable, match=words) as unusable:
        fill(template, commit(branch))
    assert unusable.value.code == "PackageAddressInvalid"


def test_people_see_the_path_alone() -> None:
    """Neither what signs it nor who serves it."""
    assert shown("https://a.example/c/app.cspkg?sig=secret#x") == "c/app.cspkg"
