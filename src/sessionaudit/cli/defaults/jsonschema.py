"""Print the JSON Schema of `[tool.sessionaudit]`, by which editors complete and check a pyproject.toml."""

from __future__ import annotations

import sys
from typing import Any

from sessionaudit.cli.commands import loaded
from sessionaudit.cli.defaults.conversion import options_of
from sessionaudit.core.visible import spelled_json
from sessionaudit.defaults.options import SETTABLE

_HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Defaults of options of sessionaudit",
    "type": "object",
    "additionalProperties": False,
}
_FORMAT = "format_"  # whose files each call must name


def schema() -> dict[str, Any]:
    """Return the schema: the options of all commands, and a table for each command."""
    general: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    for command, words in SETTABLE.items():
        options = options_of(loaded(command))
        own = {word: _value(options[word]) for word in words}
        for word, value in own.items():
            seen = general.setdefault(word, {"anyOf": []})["anyOf"]
            seen += [value] if value not in seen else []
        tables[command] = {"type": "object", "additionalProperties": False, "properties": own}
    return {**_HEAD, "properties": {**general, **tables}}


def _value(option: Any) -> dict[str, Any]:
    described = {"description": option.help or ""}
    if option.is_flag:
        return {"type": "boolean", **described}
    if choices := getattr(option.type, "choices", None):
        one: dict[str, Any] = {"enum": [str(getattr(choice, "value", choice)) for choice in choices]}
    elif option.metavar == "SECONDS":
        one = {"type": "number"}
    else:
        one = {"type": "integer"} if option.metavar == "N" else {"type": "string"}
        one |= {"pattern": "^[^=]*$"} if option.name == _FORMAT else {}
    if option.multiple:
        return {"anyOf": [one, {"type": "array", "items": one}], **described}
    return {**one, **described}


if __name__ == "__main__":
    sys.stdout.write(spelled_json(schema()) + "\n")
