"""Cutting GitHub's OpenAPI description down to JSON Schema."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from local.github.schemas import __main__ as program
from local.github.schemas import wanted
from local.github.schemas.extract import DescriptionChanged, extract, translate, write
from local.github.schemas.validators import published

STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("openapi", "json_schema"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, STRING),
        (
            {"type": "string", "nullable": True, "enum": ["a", "b"]},
            {"type": ["string", "null"], "enum": ["a", "b", None]},
        ),
        (
            {"type": "string", "nullable": True, "enum": ["a", None]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"nullable": True, "oneOf": [STRING]}, {"anyOf": [{"oneOf": [STRING]}, {"type": "null"}]}),
        ({"nullable": True}, {}),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 1}),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": False}, {"type": "number", "maximum": 1}),
        ({"$ref": "#/components/schemas/user", "nullable": True, "description": "d"}, {"$ref": "#/$defs/user"}),
        ({"title": "T", "description": "d", "example": {"nullable": 1}, "x-github": {}, **STRING}, STRING),
        (
            {"properties": {"description": {**STRING, "description": "d"}, "nullable": STRING, "x-y": STRING}},
            {"properties": {"description": STRING, "nullable": STRING, "x-y": STRING}},
        ),
        ({"enum": ["example", {"title": "t"}]}, {"enum": ["example", {"title": "t"}]}),
        (
            {"type": "array", "items": {"type": "integer", "nullable": True}},
            {"type": "array", "items": {"type": ["integer", "null"]}},
        ),
        (
            {"additionalProperties": {**STRING, "nullable": True}},
            {"additionalProperties": {"type": ["string", "null"]}},
        ),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        ({"format": "uri", **STRING}, {"format": "uri", **STRING}),
        ({"format": "int64", "type": "integer"}, {"type": "integer"}),
    ],
    ids=[
        "null-type",
        "not-null",
        "null-among-the-words",
        "null-there-already",
        "null-beside-alternatives",
        "anything",
        "exclusive",
        "inclusive",
        "beside-a-reference",
        "what-no-body-breaks",
        "names-that-look-like-keywords",
        "words-that-look-like-keywords",
        "items",
        "more-fields",
        "no-more-fields",
        "format",
        "format-nobody-looks-at",
    ],
)
def test_openapi_becomes_json_schema(openapi: dict[str, Any], json_schema: dict[str, Any]) -> None:
    """Where the two differ, and where they look as if they did."""
    assert translate(openapi) == json_schema


DESCRIPTION = {
    "paths": {
        "/shops/{id}": {
            "patch": {
                "parameters": [
                    {"name": "id", "in": "path", "schema": STRING},
                    {"name": "colour", "in": "query", "schema": {"type": "string", "enum": ["red"], "default": "red"}},
                    {"$ref": "#/components/parameters/page"},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/shop"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/shop"}}}},
                    "204": {"description": "nothing"},
                    "404": {"$ref": "#/components/responses/not_found"},
                },
            }
        }
    },
    "x-webhooks": {
        "shop-opened": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/shop"}}}}
            }
        }
    },
    "components": {
        "parameters": {"page": {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}}},
        "responses": {
            "not_found": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}}
        },
        "schemas": {
            "shop": {"properties": {"owner": {"$ref": "#/components/schemas/person"}}},
            "person": {"properties": {"friends": {"items": {"$ref": "#/components/schemas/person"}}}},
            "error": {"properties": {"message": STRING}},
            "unused": STRING,
            "wanted": STRING,
        },
    },
}


def test_what_is_wanted_comes_with_what_it_refers_to() -> None:
    """Over shared parameters and answers, round a circle, and nothing else."""
    cut = extract(DESCRIPTION, ["PATCH /shops/{id}"], ["shop-opened"], ["wanted"])
    shop = {"$ref": "#/$defs/shop"}
    assert cut["calls"] == {
        "PATCH /shops/{id}": {
            "query": {"colour": {"type": "string", "enum": ["red"]}, "page": {"type": "integer"}},
            "request": shop,
            "answers": {"200": shop, "204": None, "404": {"$ref": "#/$defs/error"}},
        }
    }
    assert cut["deliveries"] == {"shop-opened": shop}
    assert list(cut["$defs"]) == ["error", "person", "shop", "wanted"]


@pytest.mark.parametrize(
    ("calls", "deliveries", "missing"),
    [
        (["GET /shops/{id}"], [], "the description has no paths /shops/{id} get"),
        (["PATCH /shop"], [], "the description has no paths /shop patch"),
        ([], ["shop-closed"], "the description has no x-webhooks shop-closed post requestBody"),
    ],
)
def test_what_github_has_no_longer_is_named(calls: list[str], deliveries: list[str], missing: str) -> None:
    """The program stops at it."""
    with pytest.raises(DescriptionChanged, match=missing.replace("{", "\\{")):
        extract(DESCRIPTION, calls, deliveries)


def test_a_definition_is_a_line() -> None:
    """So that a change shows as one, and the whole is JSON."""
    cut = {"$schema": "d", "source": {"version": "1"}, "calls": {"GET /": {"answers": {}}}, "$defs": {"a": {}, "b": {}}}
    text = write(cut)
    assert json.loads(text) == cut
    assert '\n"a":{},\n"b":{}\n' in text


def test_the_file_is_json_schema() -> None:
    """All of it that is not a reference."""
    Draft202012Validator.check_schema({"$defs": published()["$defs"]})


def packed(folder: Path, description: object, version: str) -> Path:
    """Make a package as npm has it."""
    files = {
        "package/package.json": json.dumps({"version": version, "license": "MIT"}),
        "package/LICENSE": "MIT License",
        program.DESCRIPTION: json.dumps(description),
    }
    package = folder / "package.tgz"
    with tarfile.open(package, "w:gz") as archive:
        for name, text in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(text.encode())
            archive.addfile(about, io.BytesIO(text.encode()))
    return package


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the program write into a folder, and want what the small description has."""
    monkeypatch.setattr(program, "WRITTEN", tmp_path / "github.json")
    monkeypatch.setattr(program, "LICENCE", tmp_path / "LICENSE")
    monkeypatch.setattr(wanted, "CALLS", ("PATCH /shops/{id}",))
    monkeypatch.setattr(wanted, "DELIVERIES", ("shop-opened",))
    monkeypatch.setattr(wanted, "ERRORS", ("error",))
    return tmp_path


def test_a_package_is_cut_into_a_file(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its version, and the licence beside it."""
    package = packed(elsewhere, {"openapi": "3.0.3", **DESCRIPTION}, "24.1.0")
    assert program.main(["--package", str(package)]) == 0
    document = json.loads((elsewhere / "github.json").read_text(encoding="utf-8"))
    assert (document["source"]["version"], document["source"]["licence"]) == ("24.1.0", "MIT")
    assert (elsewhere / "LICENSE").read_text() == "MIT License"
    assert "@octokit/openapi 24.1.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ({"openapi": "3.0.3", "paths": {}}, "DescriptionChanged"),
        ({"openapi": "3.1.0", **DESCRIPTION}, "3.1.0"),
        (None, "FileNotFoundError"),
    ],
    ids=["call-gone", "newer-openapi", "no-package"],
)
def test_a_package_that_is_not_as_it_was_changes_nothing(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], description: object, reason: str
) -> None:
    """Said in one line; the file stays."""
    (elsewhere / "github.json").write_text("as it was", encoding="utf-8")
    package = elsewhere / "none.tgz" if description is None else packed(elsewhere, description, "24.1.0")
    assert program.main(["--package", str(package)]) == 1
    assert (elsewhere / "github.json").read_text(encoding="utf-8") == "as it was"
    assert reason in capsys.readouterr().err
