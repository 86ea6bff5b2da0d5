"""Where a commit is: which branch contains it, which tag points to it.

GitHub shows a fork's commits in the repository that it was forked from, to whoever knows their SHA: that a commit is
there says nothing. What says it is a comparison: a branch that is `identical` with the commit, or the commit `behind`
the branch, with the commit itself as the point where the two meet. Branches are compared by the commit that they point
to, for a tag may have a branch's name.

Source: *Compare two commits*, *Git references* and *List repository tags*, GitHub documentation.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from pydantic import TypeAdapter

from handlers.environments.commits import WILDCARDS, is_pattern, matches
from handlers.github_api.client import NOT_FOUND, GitHub, read_as
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.releases import commit_of_tag
from handlers.github_api.shapes import Shape
from handlers.policy.what import Found, Refs

MOST_COMPARED = 20
"""Our choice: branches that match a pattern and are asked one by one, a call for each. The default branch comes first,
then the names backwards: `release/2` before `release/1`."""

_CONTAINS = {"identical", "behind"}
"""What a comparison of a branch with a commit says where the branch contains it; `ahead` and `diverged` are no."""

_COMMIT = "commit"
"""What a branch points to, and a tag that is not annotated."""

_NO_SUCH = {NOT_FOUND, 422}
"""How GitHub answers for a ref or a commit that is not there, and for two without a common ancestor."""


class _Object(Shape):
    sha: str


class _Target(_Object):
    type: str
    """`commit`, or `tag` for an annotated one."""


class _Ref(Shape):
    ref: str
    """`refs/heads/main`."""
    object: _Target


class _Comparison(Shape):
    status: str
    merge_base_commit: _Object


class _Tag(Shape):
    name: str
    commit: _Object
    """The commit itself, also behind an annotated tag."""


class _Repository(Shape):
    default_branch: str


_DEFAULT = TypeAdapter(_Repository)
_REF = TypeAdapter(_Ref)
_REFS = TypeAdapter(list[_Ref])
_COMPARISON = TypeAdapter(_Comparison)
_TAGS = TypeAdapter(list[_Tag])


def find_commit(github: GitHub, repository: str, sha: str, refs: Refs, hint: str | None) -> Found:
    """Return the first of the branches that contains a commit, or of the tags that points to it.

    `hint` is asked before all others where it is one of them. Of the branches that match patterns MOST_COMPARED are
    asked, of the tags the first thousand that GitHub lists. Raises Unavailable and GitHubRefused, where that is no
    clear answer.
    """
    hints = [] if hint is None else [hint]
    for name in (one for one in hints if matches(one, refs.tags)):
        if _tagged(github, repository, name) == sha:
            return Found(f"tag {name}")
    said = [name for name in refs.branches if not is_pattern(name)]
    missing: list[str] = []
    for name in dict.fromkeys([*(one for one in hints if matches(one, refs.branches)), *said]):
        head = _head(github, repository, name)
        if head is not None and _contains(github, repository, head, sha):
            return Found(f"branch {name}")
        missing += [name] if head is None and name in said else []
    heads = {name: head for name, head in _heads(github, repository, refs) if name not in said}
    asked = _in_order(github, repository, heads, sha)
    for name in asked:
        if _contains(github, repository, heads[name], sha):
            return Found(f"branch {name}")
    tag = _tag_of(github, repository, sha, refs)
    return Found(tag, unasked=len(heads) - len(asked), missing=tuple(missing))


def _in_order(github: GitHub, repository: str, heads: Mapping[str, str], sha: str) -> list[str]:
    """Say which branches are asked, and in which order: those that point to the commit cost nothing and come first."""
    newest_first = sorted(heads, reverse=True)
    if len(heads) > MOST_COMPARED:
        default = read_as(_DEFAULT, github.get(repository, "", "the default branch")).default_branch
        newest_first.sort(key=lambda name: name != default)
    newest_first.sort(key=lambda name: heads[name] != sha)
    return newest_first[:MOST_COMPARED]


def _head(github: GitHub, repository: str, branch: str) -> str | None:
    """Return the commit that a branch points to, None where there is no such branch."""
    there = _reference(github, repository, f"heads/{branch}", f"the branch {branch}")
    return there.sha if there is not None else None


def _tagged(github: GitHub, repository: str, tag: str) -> str | None:
    """Return the commit behind a tag, None where there is no such tag.

    That it is there is asked first: GitHub reads `tags/v1` as a branch of that name where there is no tag `v1`.
    """
    there = _reference(github, repository, f"tags/{tag}", f"the tag {tag}")
    if there is None or there.type == _COMMIT:
        return there.sha if there is not None else None
    return commit_of_tag(github, repository, tag)


def _reference(github: GitHub, repository: str, name: str, subject: str) -> _Target | None:
    """Return what a reference of exactly this name points to, None where there is none."""
    try:
        answer = github.get(repository, f"/git/ref/{quote(name)}", subject)
    except GitHubRefused as refused:
        if refused.status in _NO_SUCH:
            return None
        raise
    ref = read_as(_REF, answer)
    return ref.object if ref.ref == f"refs/{name}" else None


def _heads(github: GitHub, repository: str, refs: Refs) -> Iterator[tuple[str, str]]:
    """Yield name and commit of every branch that a pattern means. GitHub gives all that begin so in one answer."""
    for pattern in (one for one in refs.branches if is_pattern(one)):
        path = f"/git/matching-refs/heads/{quote(_beginning(pattern))}"
        for ref in read_as(_REFS, github.get(repository, path, "the branches")):
            name = ref.ref.removeprefix("refs/heads/")
            if matches(name, (pattern,)):
                yield name, ref.object.sha


def _beginning(pattern: str) -> str:
    """Return what stands before the first wildcard."""
    return pattern[: min(pattern.index(one) for one in WILDCARDS if one in pattern)]


def _contains(github: GitHub, repository: str, head: str, sha: str) -> bool:
    """Say whether a branch that points to `head` contains a commit. Both are commits, so no name can stand between."""
    if head == sha:
        return True
    try:
        answer = github.get(repository, f"/compare/{head}...{sha}", "the branch and the commit", {"per_page": 1})
    except GitHubRefused as refused:
        if refused.status in _NO_SUCH:
            return False
        raise
    comparison = read_as(_COMPARISON, answer)
    return comparison.status in _CONTAINS and comparison.merge_base_commit.sha == sha


def _tag_of(github: GitHub, repository: str, sha: str, refs: Refs) -> str | None:
    if not refs.tags:
        return None
    for page in github.pages(repository, "/tags", "the tags"):
        for tag in read_as(_TAGS, page):
            if tag.commit.sha == sha and matches(tag.name, refs.tags):
                return f"tag {tag.name}"
    return None
