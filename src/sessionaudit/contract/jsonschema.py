"""The JSON Schema of a contract, put together from what the kinds say of themselves.

`python -m sessionaudit.contract.jsonschema` prints it; `schemas/expected_schema.schema.json` holds it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from sessionaudit.core.entries import in_lists, listed
from sessionaudit.core.node import ABSENT
from sessionaudit.kinds import KINDS, table
from sessionaudit.rulebook import RULES

_ABSENT = {"const": ABSENT, "description": "The object must not exist."}


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `expected_schema.yaml`."""
    tables = _section("tables", "")
    tables["additionalProperties"] = {
        "anyOf": [
            _ABSENT,
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "row_security": {"enum": list(table.STATES)},
                    "owner": {"type": "string", "description": "The role that owns the table."},
                    **{name: _section(name, "table") for name in _names("table")},
                },
            },
        ]
    }
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
            **{name: tables if name == "tables" else _section(name, "") for name in _names("")},
            "rules": {
                "type": "object",
                "additionalProperties": False,
                "description": "Changes a rule's severity, or switches it off.",
                "properties": {word: severity for rule in RULES.values() for word in (rule.name, rule.code)},
            },
            "waivers": {"type": "array", "items": _waiver()},
        },
    }


def _waiver() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["rule", "object", "reason", "until"],
        "description": "Accepts a finding until the end of a day.",
        "properties": {
            "rule": {"enum": [word for rule in RULES.values() for word in (rule.name, rule.code)]},
            "object": {"type": "string", "description": "A glob over objects, such as public.sessions.*"},
            "reason": {"type": "string"},
            "owner": {"type": "string"},
            "until": {"type": "string", "format": "date"},
        },
    }


def _names(within: str) -> list[str]:
    return list(dict.fromkeys(kind.section for kind in KINDS if kind.within == within))


def _section(name: str, within: str) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if (kind.within, kind.section) == (within, name)]
    if kinds[0].entries is listed:
        return {
            "anyOf": [{"type": "array", "items": kinds[0].shape}, {"type": "object", "additionalProperties": _ABSENT}]
        }
    shapes: list[Any] = []
    for kind in kinds:
        if kind.shape not in shapes:
            shapes.append(kind.shape)
    if kinds[0].entries is in_lists:
        shapes.append({"type": "object", "additionalProperties": _ABSENT})
    else:
        shapes.append(_ABSENT)
    return {"type": "object", "additionalProperties": {"anyOf": shapes}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
