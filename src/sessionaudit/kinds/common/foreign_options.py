"""Options of servers and foreign tables. Those that may hold a secret are never read, compared or shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, brief, described, mapping
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping as AnyMapping
    from collections.abc import Sequence

Options = tuple[tuple[str, str], ...]

# As in the queries, which do not give such options.
_SECRET = re.compile("pass|pwd|secret|token|credential|private|(^|_)key$|sslkey|apikey|accesskey", re.IGNORECASE)

SHAPE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean"]},
    "description": "All options but those that hold secrets.",
}


def read(found: Mapping) -> Options | None:
    """Read `options:` of an entry, sorted by name; None where it is not there. Raises NodeError."""
    fields: dict[str, Node] = {str(key): value for key, value in found.items()}
    if "options" not in fields:
        return None
    result: dict[str, str] = {}
    for name, value in mapping(fields["options"], "a mapping of options: {host: db.example}").items():
        if _SECRET.search(name):
            raise NodeError(
                f"the option “{brief(name)}” may hold a secret, which a contract must not have",
                name,
                "Leave it out: such options are neither compared nor changed.",
            )
        if not isinstance(value, Scalar):
            raise NodeError(f"expected the value of an option, found {described(value)}", value)
        result[str(name)] = str(value)
    return tuple(sorted(result.items()))


def load(names: Sequence[str]) -> Options:
    """Options of a row of a catalog query: name and value by turns."""
    return tuple(sorted(zip(names[::2], names[1::2], strict=True)))


def shown(options: Options | None) -> str | None:
    """The options as DDL has them."""
    return None if options is None else f"options ({listed(options)})"


def listed(options: Options, words: AnyMapping[str, str] | None = None) -> str:
    """Options as they stand in parentheses, each behind its word where it has one."""
    before = words or {}
    return ", ".join(f"{before.get(name, '')}{quoted(name)} {literal(value).strip()}" for name, value in options)


def clause(options: Options | None) -> str:
    """What options add to CREATE."""
    return f" options ({listed(options)})" if options else ""


def changed(expected: Options, actual: Options) -> str:
    """What ALTER … OPTIONS has in parentheses to make them as expected."""
    old, new = dict(actual), dict(expected)
    given = tuple((name, value) for name, value in expected if old.get(name) != value)
    words = {name: "set " if name in old else "add " for name, _ in given}
    gone = [f"drop {quoted(name)}" for name in old if name not in new]
    return ", ".join([*([listed(given, words)] if given else []), *gone])


def done(expected: Options, actual: Options, stored: str) -> str:
    """Whether all changes are there, as SQL over a column of options."""
    new = dict(expected)
    tests = [
        f"exists (select from pg_catalog.pg_options_to_table({stored}) o"
        f" where o.option_name = {literal(name)} and o.option_value = {literal(value)})"
        for name, value in expected
    ]
    tests += [
        f"not exists (select from pg_catalog.pg_options_to_table({stored}) o where o.option_name = {literal(name)})"
        for name, _ in actual
        if name not in new
    ]
    return " and ".join(tests) or "true"
