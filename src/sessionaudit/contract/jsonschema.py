"""Compose the JSON Schema of a contract from the kinds' declarations.

`python -m sessionaudit.contract.jsonschema` prints it; `schemas/expected_schema.schema.json` holds it.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from sessionaudit.contract.access import KEY, WORDS
from sessionaudit.core.entries import listed
from sessionaudit.core.node import ABSENT, IGNORE, PRESENT, UNNAMED
from sessionaudit.kinds import held_by
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.kind import Kind

Json = dict[str, Any]

_ABSENT: Json = {"const": ABSENT, "description": "The object must not exist."}
_UNNAMED: Json = {"const": IGNORE, "description": "What the entry does not name is not judged."}


def schema() -> Json:
    """Return the JSON Schema (draft 2020-12) of `expected_schema.yaml`."""
    severity = {"enum": ["error", "warning", "note", "ignore"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A contract of sessionaudit",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "version": {"const": 1, "description": "Required, but in a file that another one includes."},
            "schema": {"type": "string", "default": "public", "description": "The schema of unqualified names."},
            "include": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Further files of the contract, or globs of them, relative to this file.",
            },
            **_sections(""),
            "rules": {
                "type": "object",
                "additionalProperties": False,
                "description": "Changes a rule's severity, or switches it off.",
                "properties": dict.fromkeys(_rule_words(), severity),
            },
            "invariants": {"type": "object", "additionalProperties": _invariant()},
            "trace": _trace(),
            "journeys": {"type": "object", "additionalProperties": _journey()},
            "migrations": _migrations(),
            "code": _code(),
            "access": _access(),
            "checklist": _checklist(),
            "waivers": {"type": "array", "items": _waiver()},
        },
    }


def _rule_words() -> list[str]:
    return [word for rule in RULES.values() for word in (rule.name, rule.code)]


def _waiver() -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["rule", "object", "reason", "until"],
        "description": "Accepts a finding until the end of a day.",
        "properties": {
            "rule": {"enum": _rule_words()},
            "object": {"type": "string", "description": "A glob over objects, such as public.sessions.*"},
            "reason": {"type": "string"},
            "owner": {"type": "string"},
            "until": {"type": "string", "format": "date"},
        },
    }


def _checklist() -> Json:
    proof = "What proves it, such as column sessions.status, invariant NAME, rule NAME or code src/**"
    proofs: Json = {"anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "maxProperties": 1}]}
    return {
        "type": "object",
        "description": "Sentences that must be true, each with all that proves it; for `check --format checklist`.",
        "additionalProperties": {"type": "array", "minItems": 1, "items": {**proofs, "description": proof}},
    }


def _sql(description: str) -> Json:
    return {"type": "string", "description": description}


def _labelled(description: str) -> Json:
    return {"type": "object", "additionalProperties": {"type": "string"}, "description": description}


def _by(rows: str) -> Json:
    return {
        **_labelled(f"How {rows} can be found, besides by its primary key."),
        "propertyNames": {"pattern": "^[a-z_][a-z0-9_]*$"},
    }


def _clauses(description: str) -> Json:
    words: Json = {"type": "object", "additionalProperties": {"type": "string"}}
    return {"anyOf": [{"type": "string"}, words], "description": description}


def _invariant() -> Json:
    repair = "The file with the statement that repairs rows by their keys."
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["summary"],
        "oneOf": [{"required": ["each", "has", "on"]}, {"required": ["violations"]}],
        "description": "Conditions across rows.",
        "properties": {
            "summary": {"type": "string", "description": "What the invariant requires."},
            "severity": {"enum": ["error", "warning", "note"], "default": "error"},
            "each": _sql("A table and its alias, such as sessions s"),
            "where": _clauses("Conditions on a row of each; the keys of a mapping describe them."),
            "older_than": _sql("Ignores younger rows, such as 2 minutes"),
            "since": _sql("When a row was created; created_at of each if omitted."),
            "has": _sql("A table and its alias, such as session_requests r"),
            "on": _sql("The join condition between has and each."),
            "violations": _sql("A query of the primary keys of the rows that break it."),
            "of": _sql("The table whose primary keys the query returns."),
            "repair": _sql(repair),
            "supersede": _sql("The file with the statement that retires rows superseded by the new ones."),
            "backfill": {"type": "boolean", "description": "Whether this is the invariant of `backfill ID`."},
            "show": _labelled("What `backfill --list` shows of each row that violates it."),
            "by": _by("a row of each"),
        },
    }


def _trace() -> Json:
    actor: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["role"],
        "properties": {"role": {"type": "string"}, "claims": _sql("A query of the claims of the role's token.")},
    }
    lost: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["from", "on", "invariant"],
        "description": "Rows that may be the missing link, although the join does not find them.",
        "properties": {
            "from": _sql("A table and its alias."),
            "on": _sql("The join condition between these rows and the subject."),
            "invariant": {
                "type": "string",
                "description": "The invariant whose repair links these rows again.",
            },
        },
    }
    link: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["summary"],
        "dependentRequired": {"from": ["on"], "on": ["from"]},
        "properties": {
            "summary": {"type": "string"},
            "from": _sql("A table and its alias; the subject itself if omitted."),
            "on": _sql("The join condition between the link's rows and the subject."),
            "show": _labelled("What is shown of the link's rows."),
            "needed": _clauses("Conditions on the subject under which the link is required."),
            "as": actor,
            "invariant": {"type": "string", "description": "The invariant that requires the link."},
            "lost": lost,
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["of", "links"],
        "description": "The story of one row, for `sessionaudit trace`.",
        "properties": {
            "of": _sql("The table of the subject and its alias."),
            "since": _sql("When the story began."),
            "by": _by("the subject"),
            "links": {"type": "object", "additionalProperties": link},
        },
    }


def _journey() -> Json:
    name: Json = {"pattern": "^[a-z_][a-z0-9_]*$"}
    claims: Json = {
        "anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}],
        "description": "The claims of the request's token: a mapping, or a query for them.",
    }
    role: Json = {"type": "string", "description": "The role that sends it."}
    actor: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["role"],
        "properties": {"role": role, "claims": claims},
    }
    sent: Json = {
        "as": {"anyOf": [role, actor], "description": "Who sends it; the role that connects if omitted."},
        "sql": _sql("One statement; :name stands for a value that is given, :name.column for a column of it."),
    }
    value: Json = {"type": ["string", "number", "boolean", "null"]}
    row: Json = {"type": "object", "minProperties": 1, "additionalProperties": value}
    words: Json = {"type": "string", "pattern": "^(refused|error [0-9A-Z]{5}|(no|[0-9]{1,6}) rows?)$"}
    step: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["sql", "expect"],
        "properties": {
            "summary": {"type": "string"},
            **sent,
            "gives": {"type": "string", **name, "description": "What later steps call the row that it returns."},
            "expect": {
                "anyOf": [words, row, {"type": "array", "minItems": 1, "items": row}],
                "description": "What must come of it: a number of rows, refused, error SQLSTATE, or values.",
            },
        },
    }
    given: Json = {"type": "object", "additionalProperties": False, "required": ["sql"], "properties": sent}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["summary", "steps"],
        "description": "What a user does, step by step, for `sessionaudit probe`.",
        "properties": {
            "summary": {"type": "string", "description": "What it shows."},
            "given": {
                "type": "object",
                "propertyNames": name,
                "additionalProperties": {"anyOf": [sent["sql"], given]},
                "description": "What must be there first: names, and the statements that make the rows.",
            },
            "steps": {"type": "object", "minProperties": 1, "propertyNames": name, "additionalProperties": step},
        },
    }


def _migrations() -> Json:
    from sessionaudit.contract.migrations import PLATFORMS, TOOLS  # noqa: PLC0415 - only this asks for the tools

    command: Json = {"type": "string", "description": "It runs with DATABASE_URL set to the private database."}
    replay: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["command"],
        "description": "How the migrations are run where they are programs.",
        "properties": {"command": command},
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["folder"],
        "description": "The migrations of the database, and the table that records which were applied.",
        "properties": {
            "folder": {"type": "string", "description": "The directory of the migrations, relative to this file."},
            "tool": {"enum": list(TOOLS), "description": "The tool that runs them; recognised if omitted."},
            "platform": {"enum": list(PLATFORMS), "description": "What the database has before the first of them."},
            "seed": {"type": "string", "description": "A file of SQL that is run before the first of them."},
            "replay": replay,
            "ledger": _sql("The table of what was applied, such as public.schema_migrations; recognised if omitted."),
        },
    }


def _code() -> Json:
    globs: Json = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["paths"],
        "description": "The source code of the application.",
        "properties": {
            "paths": {**globs, "minItems": 1, "description": "Directories and files, relative to this file."},
            "exclude": {**globs, "description": "Globs of files that are not read."},
            "tests": {"type": "boolean", "default": False, "description": "Whether the files of tests are read."},
            "schemas": {**globs, "description": "The schemas that the API exposes; that of the contract if omitted."},
            "clients": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "The role of each client, by the name of its variable.",
            },
            "best_effort": {**globs, "description": "Globs of tables whose failed writes are only noted."},
        },
    }


def _access() -> Json:
    roles: Json = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "additionalProperties": False,
        "description": "Has `check` examine what roles may do with every object.",
        "properties": {
            "roles": {**roles, "description": "The roles that are examined; those that the contract names if omitted."},
            "api": {**roles, "description": "The roles of requests of users; anon and authenticated if omitted."},
        },
    }


def _stated_access(commands: tuple[str, ...]) -> Json:
    words: Json = {"anyOf": [{"enum": list(WORDS)}, {"pattern": r"^(all|by policy) \(.+\)$"}], "type": "string"}
    of_commands: Json = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": dict.fromkeys(commands, words),
    }
    return {
        "type": "object",
        "additionalProperties": {"anyOf": [{"enum": list(WORDS)}, of_commands]},
        "minProperties": 1,
        "description": "What each role may do: one word, or one for each command.",
    }


def _sections(within: str) -> Json:
    kinds = held_by(within)
    names = dict.fromkeys(kind.section for kind in kinds)
    return {name: _section([kind for kind in kinds if kind.section == name]) for name in names}


def _section(kinds: list[Kind[Any]]) -> Json:
    shapes: list[Json] = []
    for kind in kinds:
        shape = _shape(kind)
        if shape not in shapes:
            shapes.append(shape)
    only_absent: Json = {"type": "object", "additionalProperties": {"enum": [ABSENT, PRESENT]}}
    if kinds[0].entries is listed:
        return {"anyOf": [{"type": "array", "items": shapes[0]}, only_absent]}
    if kinds[0].grouped:
        return {"type": "object", "additionalProperties": {"anyOf": [*shapes, only_absent]}}
    return {"type": "object", "additionalProperties": {"anyOf": [*shapes, _ABSENT]}}


def _shape(kind: Kind[Any]) -> Json:
    below = _sections(kind.name)
    if kind.commands:
        below = {**below, KEY: _stated_access(kind.commands)}
    if kind.row_repair:
        repair = {"type": "string", "description": "The file with the statement that repairs the rows in its way."}
        mapping_ = {
            "type": "object",
            "additionalProperties": False,
            "required": ["definition"],
            "properties": {"definition": dict(kind.shape), "repair": repair},
        }
        return {"oneOf": [dict(kind.shape), mapping_]}
    if not below:
        return dict(kind.shape)
    for word in {"anyOf", "oneOf"} & kind.shape.keys():  # a text of its own, or a mapping
        return {word: [_holding(kind, one, below) if "properties" in one else one for one in kind.shape[word]]}
    return _holding(kind, kind.shape, below)


def _holding(kind: Kind[Any], shape: Mapping[str, Any], below: Json) -> Json:
    """The mapping of an object that holds others, or of which more is said."""
    unnamed = {UNNAMED: dict(_UNNAMED)} if held_by(kind.name) else {}
    return {
        "type": "object",
        "additionalProperties": False,
        **shape,
        "properties": {**shape["properties"], **unnamed, **below},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
