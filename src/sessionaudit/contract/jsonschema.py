"""The JSON Schema of a contract, put together from what the kinds say of themselves.

`python -m sessionaudit.contract.jsonschema` prints it; `schemas/expected_schema.schema.json` holds it.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import in_lists, listed
from sessionaudit.core.node import ABSENT
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from sessionaudit.core.kind import Kind

Json = dict[str, Any]

_ABSENT: Json = {"const": ABSENT, "description": "The object must not exist."}


def schema() -> Json:
    """The JSON Schema (draft 2020-12) of `expected_schema.yaml`."""
    severity = {"enum": ["error", "warning", "note", "ignore"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A contract of sessionaudit",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {
            "version": {"const": 1},
            "schema": {"type": "string", "default": "public", "description": "Where unqualified names live."},
            **_sections(""),
            "rules": {
                "type": "object",
                "additionalProperties": False,
                "description": "Changes a rule's severity, or switches it off.",
                "properties": dict.fromkeys(_rule_words(), severity),
            },
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


def _sections(within: str) -> Json:
    names = dict.fromkeys(kind.section for kind in KINDS if kind.within == within)
    return {name: _section([kind for kind in KINDS if (kind.within, kind.section) == (within, name)]) for name in names}


def _section(kinds: list[Kind[Any]]) -> Json:
    shapes: list[Json] = []
    for kind in kinds:
        shape = _shape(kind)
        if shape not in shapes:
            shapes.append(shape)
    only_absent: Json = {"type": "object", "additionalProperties": _ABSENT}
    if kinds[0].entries is listed:
        return {"anyOf": [{"type": "array", "items": shapes[0]}, only_absent]}
    if kinds[0].entries is in_lists:
        return {"type": "object", "additionalProperties": {"anyOf": [*shapes, only_absent]}}
    return {"type": "object", "additionalProperties": {"anyOf": [*shapes, _ABSENT]}}


def _shape(kind: Kind[Any]) -> Json:
    below = _sections(kind.name)
    if not below:
        return dict(kind.shape)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**kind.shape["properties"], **below},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
